import HubDomain
import HubStorage
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Erasures on devices")
struct FeedErasureTests {
    @Test("consent withdrawn is owed by every device that was given the person, until its journal says that they are gone; both are in the audit chain")
    func receipts() async throws {
        let fixture = try await GalleryFixture()
        let (near, dark): (FedDevice, FedDevice) = (try await fixture.terminal(), try await fixture.terminal())
        let fresh: FedDevice = try await fixture.terminal()
        let made: Enrolment = try await fixture.enrol(try GalleryFixture.face(), "Ada", onDevices: true)
        try await fixture.enrol(try GalleryFixture.face(), "Bob", onDevices: true)
        try await near.sync()
        try await dark.sync()
        _ = try await fixture.hub.changePerson(made.person, consent: fixture.consent(), in: fixture.gallery.id, of: fixture.owner, by: .test)
        #expect(Set(try await fixture.hub.owedErasures().map(\.device)) == [near.id, dark.id], "nothing is owed by a device that was given nothing")
        #expect(try await near.sync().contains(.personErased(fixture.gallery.id, made.person)))
        try await near.sync()
        let owed: [OwedErasure] = try await fixture.hub.owedErasures(account: "Acme", group: "doors", isAll: true)
        #expect(owed.map(\.ground) == ["consent_withdrawn", "consent_withdrawn"] && owed.allSatisfy { $0.person == made.person })
        #expect(owed.first { $0.device == near.id }.map { $0.state == .receipted && $0.receiptGround == "hub" && $0.entry == "1/1" } == true)
        #expect(owed.first { $0.device == dark.id }?.state == .outstanding)
        let audited: [AuditEntry] = try await fixture.hub.auditEntries(account: fixture.account.id).filter { $0.action == "person.erased_on_device" }
        #expect(audited.map(\.subject) == [made.person.rawValue])
        #expect(audited.first.map { $0.actor == near.id.rawValue && $0.detail.contains(fixture.gallery.id.rawValue) && $0.detail.contains("\"hub\"") } == true)

        // The dark one's gallery ends by its term: that is what is shown, and when.
        fixture.clock.advance(by: .seconds(8 * 86_400))
        let ended: OwedErasure? = try await fixture.hub.owedErasures().first
        #expect(ended?.state == .endedByTerm && ended?.ends == made.template.created.advanced(by: .seconds(7 * 86_400)))
        try dark.endTerm(of: fixture.gallery.id)
        try await dark.sync()
        #expect(try await fixture.hub.owedErasures().isEmpty)
        #expect(dark.galleries[fixture.gallery.id]?.persons.values.map(\.label) == ["Bob"])
        try await fresh.sync()
        #expect(try await fixture.hub.verifyAudit().isIntact)
    }

    @Test("a suspended account's devices are told whom to erase, and nothing else; active again, they get what they missed")
    func withheld() async throws {
        let fixture = try await GalleryFixture()
        let device: FedDevice = try await fixture.terminal()
        let ada: Enrolment = try await fixture.enrol(try GalleryFixture.face(), "Ada", onDevices: true)
        try await fixture.enrol(try GalleryFixture.face(), "Bob", onDevices: true)
        try await device.sync()
        try await fixture.database.execute("UPDATE account SET standing = 'suspended' WHERE id = ?", [.text(fixture.account.id.rawValue)])
        try await fixture.enrol(try GalleryFixture.face(), "Eve", onDevices: true)
        try await fixture.hub.erasePerson(ada.person, from: fixture.gallery.id, of: fixture.owner, by: .test)
        #expect(try await device.sync() == [.personErased(fixture.gallery.id, ada.person)])
        #expect(try await device.sync().isEmpty)
        let late: FedDevice = FedDevice(of: device)
        late.cursor = nil
        #expect(try await late.sync().allSatisfy { if case .configuration = $0 { true } else { false } })
        try await fixture.database.execute("UPDATE account SET standing = 'active' WHERE id = ?", [.text(fixture.account.id.rawValue)])
        try await device.sync()
        #expect(device.galleries[fixture.gallery.id]?.persons.values.map(\.label).sorted() == ["Bob", "Eve"])
        #expect(device.restarts == 1 && device.differences == 0)
    }

    @Test("a gallery begins anew on a device that was emptied, damaged, away for longer than tombstones are kept, or met a restored hub; otherwise never")
    func restarts() async throws {
        let fixture = try await GalleryFixture()
        let device: FedDevice = try await fixture.terminal()
        let id: GalleryID = fixture.gallery.id
        let ada: Enrolment = try await fixture.enrol(try GalleryFixture.face(), "Ada", days: 3_000, onDevices: true)
        let bob: Enrolment = try await fixture.enrol(try GalleryFixture.face(), "Bob", days: 3_000, onDevices: true)
        try await device.sync()
        try await fixture.hub.clearExpired()
        try await device.sync()
        #expect(device.restarts == 1)
        device.lose(bob.person, of: id)
        try await device.sync()
        #expect(device.restarts == 2 && device.galleries[id]?.persons.count == 2)
        // Should a device never come to agree, a gallery an hour is what that costs.
        device.lose(bob.person, of: id)
        try await device.sync()
        #expect(device.restarts == 2 && device.differences == 1)
        fixture.clock.advance(by: .seconds(3_600))
        try await device.sync()
        #expect(device.restarts == 3 && device.galleries[id]?.persons.count == 2)
        try await fixture.database.execute("UPDATE hub SET epoch = epoch + 1")
        try await device.sync()
        #expect(device.restarts == 4)
        try await fixture.hub.erasePerson(ada.person, from: id, of: fixture.owner, by: .test)
        fixture.clock.advance(by: Hub.tombstoneLife)
        fixture.clock.advance(by: .seconds(1))
        try await fixture.hub.clearExpired()
        #expect(try await fixture.database.rows("SELECT * FROM person_tombstone").isEmpty)
        try await device.sync()
        #expect(device.restarts == 5 && device.galleries[id]?.persons.keys.sorted() == [bob.person])
        _ = try await fixture.hub.eraseEverybody(in: id, of: fixture.owner, by: .test)
        let eve: Enrolment = try await fixture.enrol(try GalleryFixture.face(), "Eve", onDevices: true)
        try await device.sync()
        #expect(device.restarts == 6 && device.galleries[id]?.persons.keys.sorted() == [eve.person])
        try await device.sync()
        #expect(try await fixture.hub.owedErasures().isEmpty && device.differences == 1)
    }

    @Test("a device whose gallery ended before the rest of it came gets everybody, however many answers to that are lost", arguments: [false, true])
    func emptiedBetweenParts(isForgotten: Bool) async throws {
        let fixture = try await GalleryFixture {
            WatchedDatabase($0) { isForgotten && $0.hasPrefix("INSERT INTO emptied_gallery") ? nil : $0 }
        }
        let device: FedDevice = try await fixture.terminal()
        let id: GalleryID = fixture.gallery.id
        for number in 0..<4 { try await fixture.enrol(try GalleryFixture.face(), "p\(number)", onDevices: true) }
        try await device.sync()
        for number in 4..<8 { try await fixture.enrol(try GalleryFixture.face(), "p\(number)", onDevices: true) }
        device.hub.feedRoom = FeedRoom(persons: 2)
        try device.apply(try await device.ask())
        try device.endTerm(of: id)
        for _ in 0..<3 { _ = try await device.ask() }
        try await device.sync()
        // Planted: the hub does not remember. It goes on after those who are gone, until the digest shows it.
        #expect(device.galleries[id]?.persons.count == (isForgotten ? 2 : 8))
        #expect(device.restarts == (isForgotten ? 1 : 2) && device.differences == (isForgotten ? 1 : 0))
        try await device.sync()
        #expect(device.galleries[id]?.persons.count == 8 && device.restarts == 2)
        #expect(try await fixture.hub.owedErasures().isEmpty)
    }

    @Test("whose consent ends is gone from devices at the next contact, and the gallery does not begin anew for it")
    func ends() async throws {
        let fixture = try await GalleryFixture()
        let device: FedDevice = try await fixture.terminal()
        for number in 0..<5 { try await fixture.enrol(try GalleryFixture.face(), "p\(number)", days: 1, onDevices: true) }
        try await fixture.enrol(try GalleryFixture.face(), "stays", onDevices: true)
        try await device.sync()
        fixture.clock.advance(by: .seconds(86_400))
        device.hub.feedRoom = FeedRoom(persons: 2, erasures: 2, endings: 2)
        try await device.sync()
        #expect(device.galleries[fixture.gallery.id]?.persons.values.map(\.label) == ["stays"])
        #expect(device.restarts == 1 && device.differences == 0)
    }

    @Test("database verify names a gallery whose digest is not that of its persons")
    func verified() async throws {
        let fixture = try await GalleryFixture()
        let made: Enrolment = try await fixture.enrol(try GalleryFixture.face(), "Ada", onDevices: true)
        #expect(try await fixture.hub.verify().allSatisfy(\.faults.isEmpty))
        try await fixture.database.execute("UPDATE person SET version = version + 1 WHERE id = ?", [.text(made.person.rawValue)])
        let faults: [String] = try await fixture.hub.verify().flatMap(\.faults)
        #expect(faults.count == 1 && faults[0].hasPrefix(fixture.gallery.id.rawValue))
    }
}
