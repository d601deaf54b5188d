import Crypto
import ServiceSupport
import WireModel

/// What one machine may do, by the oracle's reckoning.
struct MachineBook {
    struct Key: Hashable {
        let device: DeviceID
        let epoch: Int64
        let api: APIName
    }

    let device: DeviceID
    var isClockTrue: Bool = true
    private var spent: [Key: Int64] = [:]
    private var leases: [LeaseID: Lease] = [:]
    private var newest: [Key: Lease] = [:]
    private var contact: (hub: Timestamp, reading: ClockReading)?
    /// Its own time never goes below this before the next contact.
    private var floor: Timestamp?
    /// In a start of the system after the contact's: what time it was at some moment of it.
    private var local: (time: Timestamp, reading: ClockReading)?

    init(device: DeviceID) { self.device = device }

    /// The hub's time as the device can know it.
    func time(_ reading: ClockReading) -> Timestamp? {
        guard let contact, let floor else { return nil }
        let wall: Duration = reading.wall.since(contact.reading.wall)
        let boot: Duration =
            reading.bootID == contact.reading.bootID ? .milliseconds(reading.bootMilliseconds - contact.reading.bootMilliseconds) : .zero
        var known: Timestamp = max(floor, contact.hub.advanced(by: max(wall, boot, .zero)))
        if let local, local.reading.bootID == reading.bootID {
            known = max(known, local.time.advanced(by: .milliseconds(reading.bootMilliseconds - local.reading.bootMilliseconds)))
        }
        return known
    }

    mutating func raise(_ reading: ClockReading) {
        guard let now = time(reading) else { return }
        floor = now
        if reading.bootID != contact?.reading.bootID, reading.bootID != local?.reading.bootID { local = (now, reading) }
    }

    mutating func hear(_ answer: SyncResponse, leaseKey: Curve25519.Signing.PublicKey, reading: ClockReading) {
        contact = (answer.time, reading)
        floor = answer.time
        local = nil
        for signed in answer.leases {
            guard let lease = signed.open(with: leaseKey), lease.device == device else { continue }
            leases[lease.id] = lease
            let key = Key(device: device, epoch: lease.journalEpoch, api: lease.api)
            if let held = newest[key], held.number >= lease.number, held.hubEpoch >= lease.hubEpoch { continue }
            newest[key] = lease
        }
    }

    /// - Returns: what is wrong with it.
    mutating func spend(_ entry: JournalEntry, reading: ClockReading) -> String? {
        guard let api = entry.api, entry.units > 0 else { return nil }
        guard let id = entry.lease, let lease = leases[id] else { return "spent from no lease" }
        let key = Key(device: device, epoch: entry.epoch, api: api)
        let total: Int64 = spent[key, default: 0] + entry.units
        spent[key] = total
        if total > lease.ceiling + (lease.whenExhausted == .refuse ? 0 : lease.hardLimit) {
            return "\(total) units spent of \(api), the lease ends at \(lease.ceiling)"
        }
        if let now = time(reading), now >= lease.notAfter.advanced(by: lease.grace) { return "spent at \(now) from a lease that ended \(lease.notAfter)" }
        return nil
    }

    /// - Parameter now: the device's own time.
    func allows(_ api: APIName, units: Int64, at now: Timestamp) -> Bool {
        guard let epoch = newest.keys.map(\.epoch).max(), let lease = newest[Key(device: device, epoch: epoch, api: api)] else {
            return false
        }
        guard now >= lease.notBefore, now < lease.notAfter else { return false }
        return spent[Key(device: device, epoch: epoch, api: api), default: 0] + units <= lease.ceiling
    }

    /// The newest lease is given back.
    mutating func giveBack(_ api: APIName) {
        for key in newest.keys where key.api == api { newest[key] = nil }
    }

    /// Units the newest lease leaves.
    func remaining(_ api: APIName) -> Int64 {
        guard let epoch = newest.keys.map(\.epoch).max(), let lease = newest[Key(device: device, epoch: epoch, api: api)] else { return 0 }
        return max(0, lease.ceiling - spent[Key(device: device, epoch: epoch, api: api), default: 0])
    }
}
