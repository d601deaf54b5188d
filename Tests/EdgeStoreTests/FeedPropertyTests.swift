import Biometrics
import Foundation
import GRDB
import ServiceSupport
import TestKit
import Testing
import WireModel

@testable import EdgeStore

/// A hub that does anything to its galleries, the feed it makes of it, and a device that is cut off anywhere.
struct FeedWalk {
    let device: JoinedDevice
    private(set) var hub: SpokenHub
    private var random: SeededGenerator
    /// Changes that the device has not had yet.
    private var waiting: [FeedChange] = []
    private var withdrawn: Set<GalleryID> = []
    private var gone: [(gallery: GalleryID, person: PersonID)] = []
    private var configuration: DeviceConfiguration = .standard
    private var followed: SearchedPersons
    private(set) var repairs: Int = 0
    private var oldParts: Int = 0

    init(seed: UInt64) throws {
        device = try JoinedDevice()
        try device.hurry()
        hub = SpokenHub(device.clock.now().wall)
        random = SeededGenerator(seed: seed)
        followed = SearchedPersons()
    }

    mutating func run(steps: Int) throws {
        for _ in 0..<steps {
            for _ in 0..<Int.random(in: 1...6, using: &random) { change() }
            while !waiting.isEmpty, Int.random(in: 0..<4, using: &random) > 0 { try deliver(Int.random(in: 1...8, using: &random)) }
        }
        for id in hub.galleries.keys.sorted() { waiting.append(.galleryComplete(id, hub.galleries[id]!.digest)) }
        var differing: [GalleryID] = try deliver(waiting.count)
        // As a hub does that is told of another digest than its own: once is enough.
        for id in differing { waiting += hub.whole(id) }
        repairs += differing.count
        if !waiting.isEmpty { differing = try deliver(waiting.count) }
    }

    /// One thing happens at the hub.
    private mutating func change() {
        guard let id = hub.galleries.keys.sorted().randomElement(using: &random), Int.random(in: 0..<20, using: &random) > 0 else {
            let id: GalleryID = hub.addGallery("\(random.next() % 100)")
            return waiting += hub.whole(id)
        }
        let persons: [PersonID] = hub.galleries[id]!.persons.keys.sorted()
        switch (Int.random(in: 0..<20, using: &random), persons.randomElement(using: &random)) {
        case (0, _):
            gone += persons.map { (id, $0) }
            hub.galleries[id] = nil
            withdrawn.insert(id)
            waiting.append(.galleryWithdrawn(id))
        case (1, _):
            gone += persons.map { (id, $0) }
            hub.galleries[id]!.persons = [:]
            waiting += hub.whole(id)
        case (2, _):
            // As after the hub was restored: some are not there any more, and nothing says so but the restart.
            for person in persons where Bool.random(using: &random) {
                gone.append((id, person))
                hub.galleries[id]!.persons[person] = nil
            }
            waiting += hub.whole(id)
        case (3, _):
            configuration = DeviceConfiguration(
                version: configuration.version + 1, contactMilliseconds: 1, resultRetentionDays: 1, storeBytes: 1, links: .any, bytesPerDay: nil,
                targetFalseMatchRate: nil)
            waiting.append(.configuration(configuration))
        case (4, _): waiting.append(.galleryComplete(id, hub.galleries[id]!.digest))
        case (5...8, let person?):
            gone.append((id, person))
            hub.galleries[id]!.persons[person] = nil
            waiting.append(.personErased(id, person))
        case (9...12, let person?): waiting.append(.person(hub.put(person, in: id, label: "\(random.next() % 100)", seeds: seeds())))
        default: waiting.append(.person(hub.put(in: id, label: "\(random.next() % 100)", seeds: seeds())))
        }
    }

    private mutating func seeds() -> [Int] { (0..<Int.random(in: 0...3, using: &random)).map { _ in Int.random(in: 2...500, using: &random) } }

    /// The next part: lost with its answer, given again, or followed by a restart of the device, as it comes.
    @discardableResult
    private mutating func deliver(_ count: Int) throws -> [GalleryID] {
        let changes: [FeedChange] = Array(waiting.prefix(count))
        let asked: FeedState = try device.store.feedState()
        waiting.removeFirst(min(count, waiting.count))
        let page: FeedPage = hub.page(changes, isComplete: waiting.isEmpty)
        var outcome: FeedOutcome = try device.feed(page, asked: asked)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: outcome = try device.feed(hub.page(changes, isComplete: waiting.isEmpty))
        case 1:
            let late: FeedOutcome = try device.feed(page, asked: asked)
            if !late.isStale { oldParts += 1 }
        case 2:
            try device.reopen()
            try device.hurry()
        case 3: try followed.follow(device.store)
        default: break
        }
        return outcome.differing
    }

    /// What is not as it has to be at the end.
    mutating func faults() throws -> [String] {
        var faults: [String] = []
        func check(_ isRight: Bool, _ what: String) { if !isRight { faults.append(what) } }
        let store: EdgeStore = device.store
        let wanted: [FeedPerson] = hub.galleries.values.flatMap(\.persons.values)
        check(Set(try store.heldGalleries().map(\.id)) == Set(hub.galleries.keys), "galleries")
        check(try store.feedState().digests == hub.galleries.mapValues(\.digest), "digests")
        check(try store.auditHeldGalleries().isEmpty, "rows are not what the digests say")
        check(
            Set(try store.heldPersons().map { "\($0.gallery) \($0.id) \($0.label) \($0.ends)" })
                == Set(wanted.map { "\($0.gallery) \($0.id) \($0.label) \($0.ends)" }), "persons")
        let templates = Dictionary(uniqueKeysWithValues: wanted.map { ($0.id, Set($0.templates.map(\.values.bytes))) }).filter { !$0.value.isEmpty }
        check(try device.searchable() == templates, "templates")
        try followed.follow(store)
        check(followed.persons.filter { !$0.value.isEmpty } == templates, "the index that followed step by step")
        check(try store.configuration() == configuration, "configuration")
        check(try store.feedState().cursor == "\(hub.cursor)", "cursor")
        check(oldParts == 0, "an old part was applied")
        let receipts: [ErasureRecord] = try device.receipts()
        let persons: Set<PersonID> = Set(receipts.compactMap(\.person))
        let galleries: Set<GalleryID> = Set(receipts.filter { $0.person == nil }.compactMap(\.gallery))
        let current: Set<PersonID> = Set(wanted.map(\.id))
        check(gone.allSatisfy { current.contains($0.person) || persons.contains($0.person) || galleries.contains($0.gallery) }, "receipts")
        check(withdrawn.isSubset(of: galleries), "receipts of galleries withdrawn")
        check(try store.journalFault() == nil, "journal")
        return faults
    }
}

/// What an index in memory would hold.
struct SearchedPersons {
    private(set) var persons: [PersonID: Set<[UInt8]>] = [:]
    private var version: Int64?

    mutating func follow(_ store: EdgeStore) throws {
        var persons: [PersonID: Set<[UInt8]>] = persons
        version = try store.refreshIndex(since: version, of: .init(rawValue: "m")) { step in
            switch step {
            case .reset: persons = [:]
            case .remove(_, let gone): for person in gone { persons[person] = nil }
            case .insert(_, let person, let template): persons[person, default: []].insert(template.littleEndianBytes)
            }
        }
        self.persons = persons
    }
}

@Suite("The feed, whatever happens")
struct FeedPropertyTests {
    @Test("a device that is cut off, given things twice and restarted comes to what the hub has, with a receipt for everybody erased")
    func walks() throws {
        let first: UInt64 = SeededGenerator.wantedSeed
        let count: UInt64 = ProcessInfo.processInfo.environment["VULTUS_SEED"] != nil ? 1 : FullTests.isOn ? 300 : 30
        for seed in first..<first + count {
            var walk = try FeedWalk(seed: seed)
            try walk.run(steps: 25)
            let faults: [String] = try walk.faults()
            guard faults.isEmpty else {
                Issue.record("VULTUS_SEED=\(seed): \(faults.joined(separator: "; "))")
                return
            }
        }
    }

    /// Faults that are put into a store, each with the word that finds it.
    enum Planted: String, CaseIterable {
        /// The cursor goes on, and the changes are not there.
        case personsDropped
        case templatesDropped
        case receiptsDropped
        case erasureSkipped
        case sweepSkipped
        case cursorKept

        var sql: String {
            func trigger(_ name: String, _ event: String, when: String = "1") -> String {
                "CREATE TRIGGER planted_\(name) BEFORE \(event) WHEN \(when) BEGIN SELECT RAISE(IGNORE); END;"
            }
            return switch self {
            case .personsDropped:
                trigger("person", "INSERT ON held_person", when: "NEW.id LIKE '%7'")
                    + trigger("template", "INSERT ON held_template", when: "NEW.person_id LIKE '%7'")
            case .templatesDropped: trigger("template", "INSERT ON held_template", when: "NEW.id LIKE '%7'")
            case .receiptsDropped: trigger("receipt", "INSERT ON journal", when: "NEW.kind = 'erasure'")
            case .erasureSkipped: trigger("erasure", "DELETE ON held_person")
            case .sweepSkipped:
                trigger(
                    "sweep", "DELETE ON held_person",
                    when: "OLD.generation < (SELECT max(generation) FROM held_person WHERE gallery_id = OLD.gallery_id)")
            case .cursorKept: trigger("cursor", "UPDATE ON feed_state", when: "NEW.cursor IS NOT OLD.cursor")
            }
        }
    }

    @Test("each planted fault is found", arguments: Planted.allCases)
    func planted(_ fault: Planted) throws {
        var found: Int = 0
        for seed in UInt64(1)...6 {
            var walk = try FeedWalk(seed: seed)
            try walk.device.store.queue.write { try $0.execute(sql: fault.sql) }
            // A fault may show as a refusal on the way, too.
            do {
                try walk.run(steps: 25)
                if try !walk.faults().isEmpty { found += 1 }
            } catch is EdgeStoreError {
                found += 1
            }
        }
        #expect(found > 0)
    }
}
