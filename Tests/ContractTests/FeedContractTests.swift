import EdgeStore
import EdgeSync
import Foundation
import HubClient
import HubDomain
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("The hub's changes on a device, over TLS")
struct FeedContractTests {
    private func labels(_ store: EdgeStore) throws -> [String] { try store.heldPersons().map(\.label).sorted() }

    @Test("only who agreed to be on devices arrives, of the galleries of the device's group alone")
    func consented() async throws {
        let fed = try await FedHub()
        try await fed.enrol("on devices")
        try await fed.enrol("at the hub only", onDevices: false)
        let other: Gallery = try await fed.hub.makeGallery("other", of: fed.owner, by: .test)
        try await fed.enrol("elsewhere", in: other.id)
        let store: EdgeStore = try await fed.device()
        let report: SyncReport = try await HubSync(store: store).run()
        #expect(try labels(store) == ["on devices"])
        #expect(try store.heldGalleries().map(\.name) == ["staff"])
        #expect(try store.heldGalleries().map(\.state) == [.fresh])
        #expect(report.changes >= 4 && report.differing.isEmpty)
        // A device without a group gets nobody.
        let loner: EdgeStore = try await fed.device("loner", group: nil)
        _ = try await HubSync(store: loner).run()
        #expect(try loner.heldGalleries().isEmpty)
    }

    @Test("consent withdrawn at the hub: gone from the device at its next contact, and the receipt is in the audit chain by its end")
    func withdrawn() async throws {
        let fed = try await FedHub()
        let (ada, bob): (PersonID, PersonID) = (try await fed.enrol("Ada"), try await fed.enrol("Bob"))
        let store: EdgeStore = try await fed.device()
        let sync = try HubSync(store: store)
        _ = try await sync.run()
        #expect(try labels(store) == ["Ada", "Bob"])
        _ = try await fed.hub.changePerson(ada, consent: fed.consent(onDevices: false), in: fed.gallery.id, of: fed.owner, by: .test)
        try await fed.hub.erasePerson(bob, from: fed.gallery.id, of: fed.owner, by: .test)
        #expect(try await fed.hub.owedErasures().count == 2)
        let report: SyncReport = try await sync.run()
        #expect(try store.heldPersons().isEmpty)
        #expect(report.erased == 2)
        #expect(try await fed.hub.owedErasures().isEmpty)
        #expect(Set(try await fed.receipts().map(\.subject)) == [ada.rawValue, bob.rawValue])
        #expect(try await fed.receipts().allSatisfy { $0.ground == "hub" })
        #expect(try store.journalFault() == nil)
    }

    @Test("a dark device: who is withdrawn is gone when the gallery's term ends, and the receipt comes at the next contact")
    func dark() async throws {
        let fed = try await FedHub()
        let ada: PersonID = try await fed.enrol("Ada")
        let store: EdgeStore = try await fed.device()
        let sync = try HubSync(store: store)
        _ = try await sync.run()
        fed.clock.advance(by: .seconds(86_400))
        try await fed.hub.erasePerson(ada, from: fed.gallery.id, of: fed.owner, by: .test)
        try await fed.enrol("Bob")
        fed.clock.advance(by: .seconds(86_399))
        #expect(try store.eraseExpired() == 0)
        #expect(try store.heldGalleries().map(\.state) == [.ending])
        fed.clock.advance(by: .seconds(1))
        #expect(try store.heldGalleries().map(\.state) == [.ended])
        #expect(try store.eraseExpired() == 1)
        #expect(try store.heldPersons().isEmpty)
        #expect(try await fed.hub.owedErasures().map(\.state) == [.endedByTerm])
        // The next contact takes the receipt, and brings the gallery back as it is now.
        _ = try await sync.run()
        #expect(try await fed.receipts().contains { $0.subject == fed.gallery.id.rawValue && $0.ground == "lease_ended" })
        #expect(try await fed.hub.owedErasures().isEmpty)
        #expect(try labels(store) == ["Bob"])
        #expect(try store.heldGalleries().map(\.state) == [.fresh])
    }

    @Test("a consent that ends while the device is dark ends there too, and both sides agree afterwards without a restart")
    func ends() async throws {
        let fed = try await FedHub()
        try await fed.enrol("long")
        let short: PersonID = try await fed.enrol("short", lasting: .seconds(86_400))
        let store: EdgeStore = try await fed.device()
        let sync = try HubSync(store: store)
        _ = try await sync.run()
        let version: Int64 = try store.galleryVersion()
        fed.clock.advance(by: .seconds(86_400))
        #expect(try store.eraseExpired() == 1)
        let report: SyncReport = try await sync.run()
        #expect(try labels(store) == ["long"])
        #expect(report.differing.isEmpty)
        #expect(try await fed.receipts().contains { $0.subject == short.rawValue && $0.ground == "local" })
        // One template went, and nobody came again.
        #expect(try store.galleryVersion() == version + 1)
    }

    @Test("a device moved to another group loses the first one's galleries and gets the other's")
    func moved() async throws {
        let fed = try await FedHub()
        try await fed.enrol("Ada")
        let other: Gallery = try await fed.hub.makeGallery("other", of: fed.owner, by: .test)
        try await fed.enrol("Bob", in: other.id)
        _ = try await fed.hub.makeDeviceGroup("exits", account: fed.owner.account.rawValue, by: .test)
        _ = try await fed.hub.assign(other.id.rawValue, to: "exits", by: .test)
        let store: EdgeStore = try await fed.device()
        let sync = try HubSync(store: store)
        _ = try await sync.run()
        _ = try await fed.hub.move(try store.identity().device, to: "exits", by: .test)
        _ = try await sync.run()
        #expect(try labels(store) == ["Bob"])
        #expect(try store.heldGalleries().map(\.name) == ["other"])
        #expect(try await fed.receipts().map(\.ground) == ["withdrawn"])
        #expect(try await fed.hub.owedErasures().isEmpty)
    }

    @Test("rows changed behind the device's back are found when the agent starts, and one sync repairs them")
    func repaired() async throws {
        let fed = try await FedHub()
        for number in 0..<5 { try await fed.enrol("\(number)") }
        let store: EdgeStore = try await fed.device()
        _ = try await HubSync(store: store).run()
        // By a program of somebody else's.
        _ = try await Program.runSystem(
            "/usr/bin/python3",
            [
                "-c",
                "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('DELETE FROM held_template WHERE rowid = 2'); c.execute('DELETE FROM held_person WHERE rowid = 3'); c.commit()",
                store.path,
            ])
        #expect(try store.heldPersons().count == 4)
        let report: SyncReport = try await HubSync(store: store).run()
        #expect(report.differing.isEmpty)
        #expect(try labels(store) == ["0", "1", "2", "3", "4"])
        #expect(try store.heldGalleryFaults().isEmpty)
        #expect(try store.heldCounts()[fed.gallery.id]?.templates == 5)
    }

    @Test("a feed that is cut off at every other answer goes on where it was, and nobody comes twice")
    func interrupted() async throws {
        let fed = try await FedHub()
        for number in 0..<40 { try await fed.enrol("\(number)") }
        let store: EdgeStore = try await fed.device()
        let link = LossyLink(fed.hub, room: FeedRoom(persons: 7), device: try store.identity().device)
        let sync = try HubSync(store: store, link: link)
        var cuts: Int = 0
        while try labels(store).count < 40 || store.heldGalleries().first?.state != .fresh {
            do { _ = try await sync.run() } catch is HubClientError { cuts += 1 }
            try #require(cuts < 100)
        }
        #expect(cuts >= 3)
        // As many templates came as there are: each part was applied once.
        #expect(try store.galleryVersion() == 40)
        #expect(try store.heldGalleryFaults().isEmpty)
    }

    @Test("what a contact costs grows with the changes, not with the gallery")
    func cost() async throws {
        let fed = try await FedHub()
        for number in 0..<60 { try await fed.enrol("\(number)") }
        let store: EdgeStore = try await fed.device()
        let sync = try HubSync(store: store)
        let first: SyncReport = try await sync.run()
        try await fed.enrol("one more")
        let second: SyncReport = try await sync.run()
        #expect(first.changes >= 62)
        #expect(second.changes == 2)
        #expect(second.bytesDown < first.bytesDown / 4)
    }

    @Test("a store that writes the receipt and does not erase is found out by the scan of its rows")
    func planted() async throws {
        let fed = try await FedHub()
        let ada: PersonID = try await fed.enrol("Ada")
        let store: EdgeStore = try await fed.device()
        let sync = try HubSync(store: store)
        _ = try await sync.run()
        _ = try await Program.runSystem(
            "/usr/bin/python3",
            [
                "-c",
                "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(\"CREATE TRIGGER planted BEFORE DELETE ON held_person BEGIN SELECT RAISE(IGNORE); END\"); c.commit()",
                store.path,
            ])
        try await fed.hub.erasePerson(ada, from: fed.gallery.id, of: fed.owner, by: .test)
        _ = try await sync.run()
        // The receipt came, but the person is still here: only the scan of the rows tells.
        #expect(try !store.heldGalleryFaults().isEmpty)
    }
}
