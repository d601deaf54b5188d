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
    private(set) var leases: [LeaseID: Lease] = [:]
    private var newest: [Key: Lease] = [:]
    private var contact: (hub: Timestamp, reading: ClockReading)?
    /// Its own time never goes below this before the next contact.
    private var floor: Timestamp?

    init(device: DeviceID) { self.device = device }

    /// The hub's time as the device can know it.
    func time(_ reading: ClockReading) -> Timestamp? {
        guard let contact, let floor else { return nil }
        let wall: Duration = reading.wall.since(contact.reading.wall)
        let boot: Duration =
            reading.bootID == contact.reading.bootID ? .milliseconds(reading.bootMilliseconds - contact.reading.bootMilliseconds) : .zero
        return max(floor, contact.hub.advanced(by: max(wall, boot, .zero)))
    }

    mutating func raise(_ reading: ClockReading) {
        if let now = time(reading) { floor = now }
    }

    mutating func hear(_ answer: SyncResponse, leaseKey: Curve25519.Signing.PublicKey, reading: ClockReading) {
        contact = (answer.time, reading)
        floor = answer.time
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
        if let now = time(reading), now >= lease.notAfter { return "spent at \(now) from a lease that ended \(lease.notAfter)" }
        return nil
    }

    func allows(_ api: APIName, units: Int64, reading: ClockReading) -> Bool {
        guard let now = time(reading), let epoch = newest.keys.map(\.epoch).max(), let lease = newest[Key(device: device, epoch: epoch, api: api)] else {
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
