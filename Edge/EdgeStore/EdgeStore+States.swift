import ServiceSupport
import WireModel

/// A state the device is in, and what of the device is in it.
package struct DeviceStanding: Sendable, Hashable {
    package let state: DeviceState
    /// Whose lease it is about; empty where it is about more than leases.
    package let apis: [APIName]

    package init(state: DeviceState, apis: [APIName] = []) {
        self.state = state
        self.apis = apis
    }

    /// A lease's state refuses its own API's acts; metering altogether only where no API has a lease left.
    package var refuses: [DeviceAct] {
        DeviceAct.allCases.filter { act in
            guard !state.allows(act) else { return false }
            guard !apis.isEmpty else { return true }
            return act.api.map(apis.contains) ?? (apis.count == APIName.onDevice.count)
        }
    }
}

extension EdgeStore {
    /// What the device is in now; `[.fresh]` when nothing is in the way.
    /// - Parameter certificateEnd: of the device's certificate, for those who read certificates.
    package func deviceStates(certificateEnd: Timestamp? = nil) throws(EdgeStoreError) -> [DeviceState] {
        try standings(certificateEnd: certificateEnd).map(\.state)
    }

    /// Whether a sync may begin; the hub judges the certificate.
    /// - Throws: `.full` where nothing that it brings could be written.
    package func requireRoomToSync() throws(EdgeStoreError) {
        if DiskSpace.isExhausted(at: path), !DeviceState.diskFull.allows(.sync) { throw .full(path: path) }
    }

    /// As `deviceStates`, with the APIs whose leases it is about.
    package func standings(certificateEnd: Timestamp? = nil) throws(EdgeStoreError) -> [DeviceStanding] {
        let now = clock.now()
        var states: Set<DeviceState> = []
        var apis: [DeviceState: [APIName]] = [:]
        for state in try conditions() { states.insert(DeviceState(state.condition)) }
        let leases: [LeaseState] = try self.leases()
        for api in APIName.onDevice {
            guard let lease = leases.first(where: { $0.lease.api == api }) else {
                apis[.leaseMissing, default: []].append(api)
                continue
            }
            if let ground = lease.ground { apis[DeviceState(ground), default: []].append(api) }
            if lease.isLate { apis[.leaseInGrace, default: []].append(api) }
        }
        states.formUnion(apis.keys)
        for gallery in try heldGalleries() {
            if let state = DeviceState(gallery.state) { states.insert(state) }
        }
        let clock: ClockState = try read { try self.clockState($0, now) }
        if clock.isInDoubt { states.insert(.clockInDoubt) }
        if let certificateEnd, certificateEnd <= clock.trusted { states.insert(.certificateExpired) }
        let room: (used: Int64, limit: Int64) = try room()
        if room.used >= room.limit { states.insert(.journalFull) }
        if DiskSpace.isExhausted(at: path) { states.insert(.diskFull) }
        let held: [DeviceState] = states.isEmpty ? [.fresh] : DeviceState.allCases.filter(states.contains)
        return held.map { DeviceStanding(state: $0, apis: apis[$0] ?? []) }
    }
}
