import Biometrics
import ServiceSupport
import TestKit
import Testing
import WireModel

@testable import EdgeStore

@Suite("Who was marked as not being a person")
struct ConfusionTests {
    private static let day: Duration = .seconds(86_400)

    private struct Matched {
        let device: JoinedDevice
        let person: PersonID
        let probe: Template
        let entry: Int64

        /// A match on a joined device, with what it rests on kept for a day.
        init() throws {
            device = try JoinedDevice()
            try device.grant(ceiling: 10, for: .seconds(100 * 86_400))
            person = try device.store.enrol(try JoinedDevice.template(), label: "Ada").person
            probe = try JoinedDevice.template(-0.03)
            let record = DecisionRecord(
                outcome: .match, person: person, score: 0.6, threshold: 0.5, falseMatchRate: 1e-5, model: "m", refusals: [], overdraft: false)
            let draft = DecisionDraft(api: .search, units: 1, record: record, probe: DecidedProbe(templates: [probe, probe], term: day))
            entry = try device.store.record([draft])[0].seq
        }

        func mark(for term: Duration = day * 30) throws -> Confusion { try device.store.mark(notPerson: person, entry: entry, for: term) }

        func templates() throws -> [Template] {
            var found: [Template] = []
            try device.store.forEachConfusion(of: probe.model) { gallery, _, template in
                #expect(gallery == nil)
                found.append(template)
            }
            return found
        }

        /// Keys in use.
        func keys() throws -> Int { try device.store.read { try $0.value(Int.self, sql: "SELECT count(*) FROM person_key WHERE is_free = 0")! } }
    }

    @Test("a mark gives back the very templates, is listed, and is nowhere in the files in the clear")
    func sealed() throws {
        let matched = try Matched()
        #expect(try !matched.device.rawBytes().contains(sequence: matched.probe.littleEndianBytes))
        let mark: Confusion = try matched.mark()
        #expect(mark.person == matched.person && mark.ends == mark.created.advanced(by: Self.day * 30))
        #expect(try matched.device.store.confusions() == [mark])
        #expect(try matched.templates() == [matched.probe, matched.probe])
        #expect(try !matched.device.rawBytes().contains(sequence: matched.probe.littleEndianBytes))
        // A new start finds it; a decision is marked once.
        try matched.device.reopen()
        #expect(try matched.device.store.confusions() == [mark])
        #expect(throws: EdgeStoreError.self) { try matched.mark() }
    }

    @Test("only the person whom the entry named can be marked, and only while what it rested on is kept")
    func wrong() throws {
        let matched = try Matched()
        let other: PersonID = try matched.device.store.enrol(try JoinedDevice.template(3), label: "Grace").person
        #expect(throws: EdgeStoreError.self) { try matched.device.store.mark(notPerson: other, entry: matched.entry, for: Self.day) }
        #expect(throws: EdgeStoreError.self) { try matched.device.store.mark(notPerson: matched.person, entry: matched.entry + 1, for: Self.day) }
        #expect(try matched.keys() == 3)
        matched.device.clock.advance(by: Self.day)
        try matched.device.store.eraseExpired()
        #expect(try matched.keys() == 2)
        #expect(throws: EdgeStoreError.self) { try matched.mark() }
    }

    @Test("a mark ends by itself, is removed on request, and goes with the person, its key with it", arguments: ["term", "removed", "person"])
    func ends(how: String) throws {
        let matched = try Matched()
        let mark: Confusion = try matched.mark()
        let version: Int64 = try matched.device.store.galleryVersion()
        #expect(try matched.keys() == 2)
        switch how {
        case "term":
            matched.device.clock.advance(by: Self.day * 30)
            try matched.device.store.eraseExpired()
        case "removed":
            #expect(try matched.device.store.remove(mark.id))
            #expect(try !matched.device.store.remove(mark.id))
        default: #expect(try matched.device.store.erase(matched.person))
        }
        #expect(try matched.device.store.confusions().isEmpty)
        #expect(try matched.templates().isEmpty)
        #expect(try matched.keys() == (how == "person" ? 0 : 1))
        // Whoever holds an index in memory hears of it.
        #expect(try matched.device.store.galleryVersion() > version)
    }

    @Test("what a match rested on goes with the person")
    func probeGoes() throws {
        let matched = try Matched()
        #expect(try matched.device.store.erase(matched.person))
        #expect(try matched.keys() == 0)
    }
}
