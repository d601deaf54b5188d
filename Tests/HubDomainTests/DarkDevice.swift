import Crypto
import HubDomain
import ServiceSupport
import TestKit
import WireModel

/// A device as it is meant to be, played: journals every lease before it spends of it, keeps what the hub has no backup of, begins the
/// journal the hub names, and asks for one when it is told to.
final class DarkDevice {
    /// Everything a disk image holds; copying it clones the device.
    struct Disk {
        var epoch: Int64 = 1
        var journal: [JournalEntry] = []
        var ended: [[JournalEntry]] = []
        var acknowledged: Int64 = 0
        var hubEpoch: Int64 = 1
        var leases: [APIName: Lease] = [:]
        var numbers: [APIName: Int64] = [:]
        var spent: [APIName: Int64] = [:]
        /// What the hub said of this clock.
        var skew: Int64?
    }

    var hub: Hub
    let clock: ManualClock
    let key: P256.Signing.PrivateKey
    let id: DeviceID
    var disk = Disk()
    var apis: [APIName] = [.search]
    /// Device minus hub.
    var offset: Duration = .zero
    var batch: Int = SyncLimits.entries
    private(set) var quarantine: ProblemCode?
    /// Requests as they were sent, to be sent once more.
    private(set) var sent: [SyncRequest] = []

    init(_ device: PlayedDevice) { (hub, clock, key, id) = (device.hub, device.clock, device.key, device.id) }

    init(copying device: DarkDevice) {
        (hub, clock, key, id, disk, apis, offset) = (device.hub, device.clock, device.key, device.id, device.disk, device.apis, device.offset)
    }

    var time: Timestamp { clock.now().wall.advanced(by: offset) }
    var lease: Lease? { disk.leases[.search] }

    func rest(_ api: APIName = .search) -> Int64 {
        guard let lease = disk.leases[api], time < lease.notAfter.advanced(by: lease.grace) else { return 0 }
        let beyond: Int64 = lease.whenExhausted == .continueAndFlag ? lease.hardLimit : 0
        return max(0, lease.ceiling + beyond - (disk.spent[api] ?? 0))
    }

    @discardableResult
    func append(_ kind: EntryKind, api: APIName? = nil, units: Int64 = 0, lease: LeaseID? = nil, body: String = "{}") -> JournalEntry {
        let entry = JournalEntry(
            device: id, epoch: disk.epoch, seq: (disk.journal.last?.seq ?? 0) + 1, kind: kind, api: api, units: units, lease: lease, time: time,
            bootMilliseconds: 0, body: body, previous: disk.journal.last?.hash ?? .genesis)
        disk.journal.append(entry)
        return entry
    }

    /// Spends without asking whether it may.
    @discardableResult
    func use(_ count: Int = 1, of api: APIName = .search, body: String = "{}") -> JournalEntry? {
        for _ in 0..<count {
            append(.decision, api: api, units: 1, lease: disk.leases[api]?.id, body: body)
            disk.spent[api, default: 0] += 1
        }
        return disk.journal.last
    }

    func giveBack(_ api: APIName = .search) throws {
        disk.leases[api] = nil
        append(.lease, api: api, body: try JSON.text(LeaseEvent(.returned, api: api, lease: nil, spent: disk.spent[api] ?? 0)))
    }

    /// Puts a gap in place of entries.
    func lose(
        _ places: ClosedRange<Int64>, _ ground: GapRecord.Ground = .damaged, units: [String: Int64]? = nil, spent: [String: Int64]? = nil
    ) throws {
        let lost: [JournalEntry] = disk.journal.filter { places.contains($0.seq) }
        let named: [String: Int64] =
            units ?? lost.reduce(into: [:]) { sums, entry in if let api = entry.api, entry.units > 0 { sums[api.rawValue, default: 0] += entry.units } }
        let gap = JournalEntry(
            epoch: disk.epoch, seq: places.upperBound, kind: .gap, api: nil, units: 0, lease: nil, time: time, bootMilliseconds: 0,
            body: try JSON.text(GapRecord(from: places.lowerBound, ground: ground, units: named, spent: spent)), previous: lost[0].previous,
            hash: lost.last!.hash)
        disk.journal = disk.journal.filter { !places.contains($0.seq) } + [gap]
        disk.journal.sort { $0.seq < $1.seq }
    }

    func request(_ entries: [JournalEntry], newEpoch: EpochRequest? = nil, rollBack: RollBackReport? = nil) throws -> SyncRequest {
        let end: (seq: Int64, hash: EntryHash)? = (entries.last ?? disk.journal.last).map { ($0.seq, $0.hash) }
        let head = JournalHead(epoch: disk.epoch, seq: end?.seq ?? 0, hash: end?.hash ?? .genesis)
        return SyncRequest(
            agentVersion: "test", head: head, headSignature: Base64(try key.signature(for: head.signedBytes(device: id)).rawRepresentation), entries: entries,
            leases: apis.map { HeldLease(api: $0, number: disk.numbers[$0] ?? 0) }, deviceTime: time,
            clockSkewMilliseconds: disk.skew, hubEpoch: disk.hubEpoch, newEpoch: newEpoch, rollBack: rollBack)
    }

    var unsent: [JournalEntry] { Array(disk.journal.filter { $0.seq > disk.acknowledged }.prefix(batch)) }

    /// One exchange; a second one where the hub asks for the clock's difference.
    /// - Parameter hears: whether the answer comes back.
    @discardableResult
    func sync(
        hears: Bool = true, entries: [JournalEntry]? = nil, newEpoch: EpochRequest? = nil, rollBack: RollBackReport? = nil
    ) async throws -> SyncResponse {
        let request: SyncRequest = try request(entries ?? unsent, newEpoch: newEpoch, rollBack: rollBack)
        sent.append(request)
        let answer: SyncResponse = try await hub.receive(request, from: id)
        if hears, answer.isClockUnconfirmed == true {
            disk.skew = answer.clockSkewMilliseconds
            return try await sync(entries: entries, newEpoch: newEpoch, rollBack: rollBack)
        }
        if hears { try apply(answer) }
        return answer
    }

    /// Until there is nothing left to send, and the last answer was heard; or until the hub takes nothing more.
    func syncAll() async throws {
        var (idle, last): (Int, Int64) = (0, disk.acknowledged)
        repeat {
            try await sync()
            idle = disk.acknowledged == last ? idle + 1 : 0
            last = disk.acknowledged
        } while !unsent.isEmpty && quarantine == nil && idle < 5
        try await sync()
    }

    func apply(_ answer: SyncResponse) throws {
        quarantine = answer.quarantine
        disk.skew = answer.clockSkewMilliseconds
        if answer.journalEpoch > disk.epoch {
            disk.ended.append(disk.journal)
            (disk.epoch, disk.journal, disk.acknowledged, disk.leases, disk.spent) = (answer.journalEpoch, [], 0, [:], [:])
        }
        guard answer.journalEpoch == disk.epoch else { return }
        disk.acknowledged = answer.hubEpoch == disk.hubEpoch ? max(disk.acknowledged, answer.acknowledgedThrough) : answer.acknowledgedThrough
        disk.hubEpoch = answer.hubEpoch
        for signed in answer.leases {
            guard let lease = signed.open(with: hub.keys.leaseKey.publicKey), lease.number > disk.numbers[lease.api] ?? 0, lease.journalEpoch == disk.epoch
            else {
                continue
            }
            disk.leases[lease.api] = lease
            disk.numbers[lease.api] = lease.number
            append(.lease, api: lease.api, body: try JSON.text(LeaseEvent(.installed, api: lease.api, lease: signed, spent: disk.spent[lease.api] ?? 0)))
        }
    }

    func askForJournal(counts: Bool = true) -> EpochRequest {
        EpochRequest(
            ended: disk.epoch, spent: counts ? disk.spent.reduce(into: [:]) { $0[$1.key.rawValue] = $1.value } : nil)
    }
}

extension IntakeFixture {
    func dark() async throws -> DarkDevice { DarkDevice(try await device()) }

    func quota() async throws -> Quota { try await hub.quotas(account: "Acme")[0] }

    func faults(_ hub: Hub? = nil) async throws -> [String] { try await (hub ?? self.hub).verify().flatMap(\.faults) }

    /// Units billed, and of these overdraft.
    func billed(_ hub: Hub? = nil) async throws -> (units: Int64, overdraft: Int64) {
        let hub: Hub = hub ?? self.hub
        let lines: [InvoiceLine] = try await hub.invoice(
            account: "Acme", from: Timestamp(milliseconds: 0), to: hub.now().advanced(by: .seconds(1))
        ).lines
        return (lines.reduce(0) { $0 + $1.units }, lines.reduce(0) { $0 + $1.overdraftUnits })
    }
}
