import ServiceSupport
import WireModel

extension EdgeStore {
    /// What the device is in now; `[.fresh]` when nothing is in the way.
    /// - Parameter certificateEnd: of the device's certificate, for those who read certificates.
    package func deviceStates(certificateEnd: Timestamp? = nil) throws(EdgeStoreError) -> [DeviceState] {
        let now = clock.now()
        var states: Set<DeviceState> = []
        for state in try conditions() { states.insert(DeviceState(state.condition)) }
        let leases: [LeaseState] = try self.leases()
        for api in APIName.onDevice {
            guard let lease = leases.first(where: { $0.lease.api == api }) else {
                states.insert(.leaseMissing)
                continue
            }
            if let ground = lease.ground { states.insert(DeviceState(ground)) }
            if lease.isLate { states.insert(.leaseInGrace) }
        }
        for gallery in try heldGalleries() {
            if let state = DeviceState(gallery.state) { states.insert(state) }
        }
        let clock: ClockState = try read { try self.clockState($0, now) }
        if clock.isInDoubt { states.insert(.clockInDoubt) }
        if let certificateEnd, certificateEnd <= clock.trusted { states.insert(.certificateExpired) }
        let room: (used: Int64, limit: Int64) = try room()
        if room.used >= room.limit { states.insert(.journalFull) }
        if DiskSpace.isExhausted(at: path) { states.insert(.diskFull) }
        return states.isEmpty ? [.fresh] : DeviceState.allCases.filter(states.contains)
    }
}
