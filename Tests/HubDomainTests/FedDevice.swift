import Crypto
import Foundation
import HubDomain
import ServiceSupport
import TestKit
import WireModel

/// A device that takes the hub's changes as the contract says a device does, and keeps what it was told in memory.
///
/// Its journal holds receipts only.
final class FedDevice {
    struct Held: Equatable {
        var persons: [PersonID: FeedPerson] = [:]
        var terms: FeedGallery?
        /// Those that came since the gallery was begun anew; `nil` when it was not.
        var come: Set<PersonID>?
        var isComplete: Bool = false
        /// What it came to when it was last complete.
        var digest: GalleryDigest?
    }

    var hub: Hub
    let clock: ManualClock
    let key: P256.Signing.PrivateKey
    let id: DeviceID
    private(set) var galleries: [GalleryID: Held] = [:]
    private(set) var configuration: DeviceConfiguration = .standard
    var cursor: String?
    private(set) var journal: [JournalEntry] = []
    private var acknowledged: Int = 0
    /// How often a gallery was begun anew.
    private(set) var restarts: Int = 0
    /// How often what it holds was not what the hub says it should be.
    private(set) var differences: Int = 0
    /// Of the last sync.
    private(set) var changes: [FeedChange] = []

    init(hub: Hub, clock: ManualClock, account: String, group: String? = nil) async throws {
        self.hub = hub
        self.clock = clock
        key = P256.Signing.PrivateKey()
        let token: IssuedToken = try await hub.issueToken(account: account, lifetime: .seconds(60), group: group, by: .test)
        id = try await hub.enrol(try IntakeFixture.request(token, key: key)).device
    }

    /// The same device, as if copied.
    init(of other: FedDevice) {
        (hub, clock, key, id) = (other.hub, other.clock, other.key, other.id)
        (galleries, configuration, cursor, journal, acknowledged) = (other.galleries, other.configuration, other.cursor, other.journal, other.acknowledged)
    }

    var state: FeedState {
        FeedState(cursor: cursor, digests: galleries.compactMapValues { $0.isComplete ? $0.digest : nil })
    }

    /// One exchange, nothing applied.
    func ask() async throws -> SyncResponse {
        let entries: [JournalEntry] = Array(journal[acknowledged...].prefix(SyncLimits.entries))
        let last: JournalEntry? = entries.last ?? journal[..<acknowledged].last
        let head: JournalHead = last.map { JournalHead(epoch: 1, seq: $0.seq, hash: $0.hash) } ?? JournalHead(epoch: 1, seq: 0, hash: .genesis)
        let signature = try key.signature(for: head.signedBytes(device: id))
        return try await hub.receive(
            SyncRequest(
                agentVersion: "0", head: head, headSignature: Base64(signature.rawRepresentation), entries: entries, leases: [],
                deviceTime: clock.now().wall, hubEpoch: 1, feed: state),
            from: id)
    }

    /// Applies an answer, as often as one likes.
    func apply(_ answer: SyncResponse) throws {
        acknowledged = max(acknowledged, Int(answer.acknowledgedThrough))
        guard let page = answer.feed else { return }
        changes = page.changes
        for change in page.changes { try apply(change) }
        cursor = page.cursor
    }

    /// Syncs until it is told that it has everything.
    @discardableResult
    func sync() async throws -> [FeedChange] {
        var all: [FeedChange] = []
        for _ in 0..<1_000 {
            let answer: SyncResponse = try await ask()
            try apply(answer)
            all += changes
            if answer.feed?.isComplete ?? true { return all }
        }
        throw Endless()
    }

    struct Endless: Error {}

    private func apply(_ change: FeedChange) throws {
        switch change {
        case .configuration(let value): configuration = value
        case .gallery(let terms): galleries[terms.id, default: Held()].terms = terms
        case .galleryWithdrawn(let id):
            let held: Held? = galleries.removeValue(forKey: id)
            try erased(nil, id, .withdrawn, persons: Int64(held?.persons.count ?? 0))
        case .galleryRestart(let id):
            restarts += 1
            galleries[id, default: Held()].come = []
            galleries[id]?.isComplete = false
        case .person(let person):
            galleries[person.gallery, default: Held()].persons[person.id] = person
            galleries[person.gallery]?.come?.insert(person.id)
        case .personErased(let gallery, let person):
            galleries[gallery, default: Held()].persons[person] = nil
            try erased(person, gallery, .hub)
        case .galleryComplete(let id, let digest):
            var held: Held = galleries[id] ?? Held()
            if let come = held.come {
                for person in held.persons.keys.sorted() where !come.contains(person) {
                    held.persons[person] = nil
                    try erased(person, id, .hub)
                }
                held.come = nil
            }
            held.digest = Self.digest(held)
            held.isComplete = true
            galleries[id] = held
            if held.digest != digest { differences += 1 }
        }
    }

    /// Its gallery's term has passed: everybody goes, with one receipt.
    func endTerm(of gallery: GalleryID) throws {
        let held: Held? = galleries.removeValue(forKey: gallery)
        try erased(nil, gallery, .leaseEnded, persons: Int64(held?.persons.count ?? 0))
    }

    private func erased(_ person: PersonID?, _ gallery: GalleryID, _ ground: ErasureRecord.Ground, persons: Int64? = nil) throws {
        let last: JournalEntry? = journal.last
        journal.append(
            JournalEntry(
                device: id, epoch: 1, seq: (last?.seq ?? 0) + 1, kind: .erasure, api: nil, units: 0, lease: nil, time: clock.now().wall,
                bootMilliseconds: 0, body: try JSON.text(ErasureRecord(person: person, gallery: gallery, ground: ground, persons: persons)),
                previous: last?.hash ?? .genesis))
    }

    /// Somebody damages what the device holds.
    func lose(_ person: PersonID, of gallery: GalleryID) {
        guard var held = galleries[gallery] else { return }
        held.come = nil
        held.persons[person] = nil
        held.digest = Self.digest(held)
        galleries[gallery] = held
    }

    static func digest(_ held: Held) -> GalleryDigest {
        held.persons.values.reduce(into: .empty) { $0.add($1.id, version: $1.version, templates: $1.templates.map(\.id)) }
    }
}
