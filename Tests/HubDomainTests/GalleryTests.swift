import Biometrics
import HubDomain
import HubStorage
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Galleries")
struct GalleryTests {
    private static func isMissing(_ body: () async throws -> Void) async -> Bool {
        do { try await body() } catch let problem as Problem { return problem.code == .notFound } catch { return false }
        return false
    }

    @Test("who is enrolled is found, with the label as it was given; a stranger's best candidate stays below every threshold")
    func found() async throws {
        let fixture = try await GalleryFixture()
        let (ada, bob, stranger): (Template, Template, Template) = (try GalleryFixture.face(), try GalleryFixture.face(), try GalleryFixture.face())
        let enrolled: Enrolment = try await fixture.enrol(ada, "Ada 李")
        try await fixture.enrol(bob, "Bob")
        #expect(try await fixture.recognise(ada) == enrolled.person)
        #expect(try await fixture.recognise(stranger) == nil)
        let person: Person = try await fixture.hub.person(enrolled.person, in: fixture.gallery.id, of: fixture.owner)
        #expect(person.label == "Ada 李" && person.templates == 1 && person.consent == fixture.consent())
        #expect(try await fixture.hub.person(labelled: "Ada 李", in: fixture.gallery.id, of: fixture.owner)?.id == enrolled.person)
        let gallery: Gallery = try await fixture.hub.gallery(fixture.gallery.id, of: fixture.owner)
        #expect(gallery.persons == 2 && gallery.templates == 2)
    }

    @Test("the same template twice is one; another of the same label joins the same person, and either finds her")
    func duplicates() async throws {
        let fixture = try await GalleryFixture()
        let (first, second): (Template, Template) = (try GalleryFixture.face(), try GalleryFixture.face())
        let made: Enrolment = try await fixture.enrol(first, "Ada")
        #expect(try await fixture.enrol(first, "Ada").isDuplicate)
        #expect(try await fixture.enrol(second, "Ada").person == made.person)
        for face in [first, second] { #expect(try await fixture.recognise(face) == made.person) }
        #expect(try await fixture.hub.gallery(fixture.gallery.id, of: fixture.owner).templates == 2)
        await #expect(throws: Problem.self) { try await fixture.hub.addPerson(fixture.draft("Ada"), to: fixture.gallery.id, of: fixture.owner, by: .test) }
    }

    @Test("no other application and no other account sees, searches, changes or erases anything of a gallery: all is missing for them")
    func tenants() async throws {
        let fixture = try await GalleryFixture()
        let (hub, id): (Hub, GalleryID) = (fixture.hub, fixture.gallery.id)
        let face: Template = try GalleryFixture.face()
        let made: Enrolment = try await fixture.enrol(face, "Ada")
        let opened: ImportResult = try await hub.openImport(into: id, total: 1, of: fixture.owner, by: .test)
        let other: Account = try await hub.openTestAccount("Other", email: "owner@other.example")
        let strangers: [GalleryOwner] = [
            try await GalleryFixture.owner(fixture.account, hub), try await GalleryFixture.owner(other, hub),
            GalleryOwner(account: other.id, application: fixture.owner.application),
            GalleryOwner(account: fixture.account.id, application: ApplicationID(at: hub.now())),
        ]
        for stranger in strangers {
            let attempts: [@Sendable () async throws -> Void] = [
                { _ = try await hub.gallery(id, of: stranger) },
                { _ = try await hub.changeGallery(id, name: "mine", of: stranger, by: .test) },
                { try await hub.deleteGallery(id, of: stranger, by: .test) },
                { _ = try await hub.persons(in: id, of: stranger, limit: 10) },
                { _ = try await hub.person(made.person, in: id, of: stranger) },
                { _ = try await hub.persons([made.person], in: id, of: stranger) },
                { _ = try await hub.person(labelled: "Ada", in: id, of: stranger) },
                { _ = try await hub.changePerson(made.person, label: "Eve", in: id, of: stranger, by: .test) },
                { try await hub.erasePerson(made.person, from: id, of: stranger, by: .test) },
                { _ = try await hub.eraseEverybody(in: id, of: stranger, by: .test) },
                { _ = try await hub.templates(of: made.person, in: id, of: stranger) },
                { _ = try await hub.templateData(made.template.id, of: made.person, in: id, of: stranger, by: .test) },
                { _ = try await hub.eraseTemplate(made.template.id, in: id, of: stranger, by: .test) },
                { _ = try await hub.search([face], limit: 1, of: .sface2021dec, in: id, of: stranger) },
                { _ = try await hub.openedTemplates([.person(made.person, id)], of: .sface2021dec, owner: stranger) },
                { _ = try await hub.openedTemplates([.template(made.template.id, id)], of: .sface2021dec, owner: stranger) },
                { _ = try await hub.addTemplate(face, quality: GalleryFixture.quality, to: made.person, in: id, of: stranger, by: .test) },
                { _ = try await hub.openImport(into: id, total: nil, of: stranger, by: .test) },
                { _ = try await hub.importState(opened.id, in: id, of: stranger) },
                { _ = try await hub.importRows(of: opened.id, limit: 10, in: id, of: stranger) },
                { _ = try await hub.closeImport(opened.id, in: id, of: stranger, by: .test) },
            ]
            for (number, attempt) in attempts.enumerated() {
                let isMissing: Bool = await Self.isMissing(attempt)
                #expect(isMissing, "\(stranger), attempt \(number)")
            }
            #expect(
                await Self.isMissing {
                    _ = try await hub.enrol(face, quality: GalleryFixture.quality, as: fixture.draft("Eve"), in: id, of: stranger, by: .test)
                })
            #expect(try await hub.galleries(stranger).isEmpty)
            #expect(try await hub.gallery(named: "staff", of: stranger) == nil)
        }
        // Nor does a stranger learn from a limit that somebody is there.
        for _ in 1..<GalleryLimit.templatesPerPerson { try await fixture.enrol(try GalleryFixture.face(), "Ada") }
        await #expect(throws: Problem.self) { try await fixture.enrol(try GalleryFixture.face(), "Ada") }
        let another: Template = try GalleryFixture.face()
        let isMissing: Bool = await Self.isMissing {
            _ = try await hub.addTemplate(another, quality: GalleryFixture.quality, to: made.person, in: id, of: strangers[0], by: .test)
        }
        #expect(isMissing)
        #expect(try await fixture.recognise(face) == made.person)
        #expect(try await hub.persons(in: id, of: fixture.owner, limit: 10).map(\.label) == ["Ada"])
        // What another gallery of the same application holds is not found in this one either.
        let second: Gallery = try await hub.makeGallery("visitors", of: fixture.owner, by: .test)
        #expect(await Self.isMissing { _ = try await hub.person(made.person, in: second.id, of: fixture.owner) })
        #expect(await Self.isMissing { try await hub.erasePerson(made.person, from: second.id, of: fixture.owner, by: .test) })
        #expect(await Self.isMissing { _ = try await hub.openedTemplates([.person(made.person, second.id)], of: .sface2021dec, owner: fixture.owner) })
    }

    @Test("an erased person is gone from rows, searches and comparisons at once, on this hub and on another that had her in memory; the erasure is audited")
    func erased() async throws {
        let fixture = try await GalleryFixture()
        let neighbour: Hub = try await fixture.neighbour()
        let face: Template = try GalleryFixture.face()
        let made: Enrolment = try await fixture.enrol(face, "Ada")
        try await fixture.enrol(try GalleryFixture.face(), "Bob")
        for hub in [fixture.hub, neighbour] {
            #expect(try await fixture.recognise(face, on: hub) == made.person)
            let opened: [[Template]] = try await hub.openedTemplates([.person(made.person, fixture.gallery.id)], of: .sface2021dec, owner: fixture.owner)
            #expect(opened == [[face]])
        }
        try await fixture.hub.erasePerson(made.person, from: fixture.gallery.id, of: fixture.owner, by: .test)
        for hub in [fixture.hub, neighbour] {
            #expect(try await fixture.recognise(face, on: hub) == nil)
            #expect(
                await Self.isMissing {
                    _ = try await hub.openedTemplates([.person(made.person, fixture.gallery.id)], of: .sface2021dec, owner: fixture.owner)
                })
        }
        for table in ["person", "template"] {
            let column: String = table == "person" ? "id" : "person_id"
            #expect(try await fixture.database.rows("SELECT 1 AS one FROM \(table) WHERE \(column) = ?", [.text(made.person.rawValue)]).isEmpty)
        }
        let audited: [AuditEntry] = try await fixture.hub.auditEntries(account: fixture.account.id)
        #expect(audited.first.map { $0.action == "person.erase" && $0.subject == made.person.rawValue } == true)
        #expect(try await fixture.hub.gallery(fixture.gallery.id, of: fixture.owner).persons == 1)
        await neighbour.close()
    }

    @Test("an index in memory follows whatever another hub does: added, another template, one template less, renamed into another, gallery emptied")
    func followed() async throws {
        let fixture = try await GalleryFixture()
        let other: Hub = try await fixture.neighbour()
        let id: GalleryID = fixture.gallery.id
        let (first, second, third): (Template, Template, Template) = (try GalleryFixture.face(), try GalleryFixture.face(), try GalleryFixture.face())
        #expect(try await fixture.recognise(first) == nil)
        let ada: Enrolment = try await other.enrol(first, quality: GalleryFixture.quality, as: fixture.draft("Ada"), in: id, of: fixture.owner, by: .test)
        #expect(try await fixture.recognise(first) == ada.person)
        let again: Enrolment = try await other.addTemplate(
            second, quality: GalleryFixture.quality, to: ada.person, in: id, of: fixture.owner, by: .test)
        #expect(try await fixture.recognise(second) == ada.person)
        _ = try await other.eraseTemplate(again.template.id, in: id, of: fixture.owner, by: .test)
        #expect(try await fixture.recognise(second) == nil)
        #expect(try await fixture.recognise(first) == ada.person)
        let bob: Enrolment = try await other.enrol(third, quality: GalleryFixture.quality, as: fixture.draft("Bob"), in: id, of: fixture.owner, by: .test)
        #expect(try await fixture.recognise(third) == bob.person)
        let merged: Person = try await other.changePerson(ada.person, label: "Bob", merging: true, in: id, of: fixture.owner, by: .test)
        #expect(merged.id == bob.person && merged.templates == 2)
        for face in [first, third] { #expect(try await fixture.recognise(face) == bob.person) }
        #expect(try await other.eraseEverybody(in: id, of: fixture.owner, by: .test) == 1)
        for face in [first, second, third] { #expect(try await fixture.recognise(face) == nil) }
        let gallery: Gallery = try await fixture.hub.gallery(id, of: fixture.owner)
        #expect(gallery.persons == 0 && gallery.templates == 0)
        await other.close()
    }

    @Test("nobody is kept without consent that was given, has a purpose and an end to come; a minor not without a guardian's")
    func consent() async throws {
        let fixture = try await GalleryFixture()
        let now: Timestamp = fixture.clock.now().wall
        func later(_ days: Int64) -> Timestamp { now.advanced(by: .seconds(days * 86_400)) }
        let refused: [NewPerson] = [
            NewPerson(label: "a", consent: ConsentRecord(reference: "r", purpose: "p", given: now, expires: nil)),
            NewPerson(label: "a", consent: ConsentRecord(reference: "r", purpose: "p", given: now, expires: now)),
            NewPerson(label: "a", consent: ConsentRecord(reference: "r", purpose: "p", given: later(1), expires: later(2))),
            NewPerson(label: "a", consent: ConsentRecord(reference: "r", purpose: "p", given: now, expires: later(4_000))),
            NewPerson(label: "a", consent: ConsentRecord(reference: " ", purpose: "p", given: now, expires: later(1))),
            NewPerson(label: "a", consent: ConsentRecord(reference: "r", purpose: "", given: now, expires: later(1))),
            NewPerson(label: "a", isMinor: true, consent: ConsentRecord(reference: "r", purpose: "p", given: now, expires: later(1))),
            NewPerson(label: "", consent: fixture.consent()), NewPerson(label: "a\nb", consent: fixture.consent()),
        ]
        for draft in refused {
            await #expect(throws: Problem.self, "\(draft)") { try await fixture.hub.addPerson(draft, to: fixture.gallery.id, of: fixture.owner, by: .test) }
        }
        #expect(try await fixture.hub.gallery(fixture.gallery.id, of: fixture.owner).persons == 0)
        let guarded = ConsentRecord(reference: "r", purpose: "p", given: now, expires: later(1), guardian: "g")
        _ = try await fixture.hub.addPerson(NewPerson(label: "a", isMinor: true, consent: guarded), to: fixture.gallery.id, of: fixture.owner, by: .test)
    }

    @Test("when consent ends the person matches nothing from that moment, is erased by the clearing, and may come again with new consent")
    func consentEnds() async throws {
        let fixture = try await GalleryFixture()
        let (ada, bob): (Template, Template) = (try GalleryFixture.face(), try GalleryFixture.face())
        let made: Enrolment = try await fixture.enrol(ada, "Ada", days: 1)
        let kept: Enrolment = try await fixture.enrol(bob, "Bob", days: 30)
        #expect(try await fixture.recognise(ada) == made.person)
        fixture.clock.advance(by: .seconds(86_400))
        #expect(try await fixture.recognise(ada) == nil)
        #expect(try await fixture.recognise(bob) == kept.person)
        let isMissing: Bool = await Self.isMissing {
            _ = try await fixture.hub.openedTemplates([.person(made.person, fixture.gallery.id)], of: .sface2021dec, owner: fixture.owner)
        }
        #expect(isMissing)
        #expect(try await fixture.hub.persons(in: fixture.gallery.id, of: fixture.owner, limit: 10).map(\.label) == ["Bob"])
        // Before the clearing has come round: as if it had.
        let again: Enrolment = try await fixture.enrol(ada, "Ada", days: 10)
        #expect(again.person != made.person)
        fixture.clock.advance(by: .seconds(11 * 86_400))
        try await fixture.hub.clearExpired()
        #expect(try await fixture.database.rows("SELECT id FROM person").map { try $0.text("id") } == [kept.person.rawValue])
        #expect(try await fixture.hub.gallery(fixture.gallery.id, of: fixture.owner).persons == 1)
        let audited: [AuditEntry] = try await fixture.hub.auditEntries(account: fixture.account.id)
        #expect(Set(audited.filter { $0.action == "person.erase" }.map(\.subject)) == [made.person.rawValue, again.person.rawValue])
        #expect(try await fixture.hub.verifyAudit().isIntact)
    }

    @Test("a gallery's retention ends a person before consent does; consent renewed moves the end, never beyond retention")
    func retention() async throws {
        let fixture = try await GalleryFixture()
        let face: Template = try GalleryFixture.face()
        let made: Enrolment = try await fixture.enrol(face, "Ada", days: 30)
        _ = try await fixture.hub.changeGallery(fixture.gallery.id, retentionDays: .some(7), of: fixture.owner, by: .test)
        let person: Person = try await fixture.hub.changePerson(
            made.person, consent: fixture.consent(days: 300), in: fixture.gallery.id, of: fixture.owner, by: .test)
        #expect(person.ends == person.created.advanced(by: .seconds(7 * 86_400)))
        fixture.clock.advance(by: .seconds(7 * 86_400))
        #expect(try await fixture.recognise(face) == nil)
        // A retention that is lengthened calls nobody back.
        _ = try await fixture.hub.changeGallery(fixture.gallery.id, retentionDays: .some(nil), of: fixture.owner, by: .test)
        #expect(try await fixture.recognise(face) == nil)
    }

    @Test("deleting a gallery erases everybody in it and frees its name; an account that ends takes all its galleries along")
    func deleted() async throws {
        let fixture = try await GalleryFixture()
        let face: Template = try GalleryFixture.face()
        try await fixture.enrol(face, "Ada")
        _ = try await fixture.hub.openImport(into: fixture.gallery.id, total: 3, of: fixture.owner, by: .test)
        try await fixture.hub.deleteGallery(fixture.gallery.id, of: fixture.owner, by: .test)
        #expect(await Self.isMissing { _ = try await fixture.recognise(face) })
        let second: Gallery = try await fixture.hub.makeGallery("staff", of: fixture.owner, by: .test)
        _ = try await fixture.hub.enrol(face, quality: GalleryFixture.quality, as: fixture.draft("Bob"), in: second.id, of: fixture.owner, by: .test)
        #expect(try await fixture.hub.export(fixture.account.id, by: .test).galleries.map { $0.persons.map(\.label) } == [["Bob"]])
        #expect(try await fixture.hub.personTally(fixture.account.id).persons == 1)
        let closure: Closure = try await fixture.hub.requestClosure(fixture.account.id, reason: "", by: .test)
        _ = try await fixture.hub.decideClosure(closure.id, approve: true, answer: "as asked", by: .test)
        for table in ["person", "template", "gallery_import"] { #expect(try await fixture.database.rows("SELECT * FROM \(table)").isEmpty, "\(table)") }
        #expect(try await fixture.hub.galleries(account: fixture.account.id).isEmpty)
        #expect(try await fixture.hub.verifyAudit().isIntact)
    }

    @Test("an account is told once at the warning and once at the filing, and sees the count")
    func count() async throws {
        let fixture = try await GalleryFixture()
        try await fixture.hub.set(.personWarning, to: "2", by: .test)
        func told() async throws -> Int { try await fixture.hub.notices(fixture.account.id).filter { $0.kind == "person_count" }.count }
        _ = try await fixture.hub.addPerson(fixture.draft("1"), to: fixture.gallery.id, of: fixture.owner, by: .test)
        #expect(try await told() == 0)
        for label in ["2", "3"] { _ = try await fixture.hub.addPerson(fixture.draft(label), to: fixture.gallery.id, of: fixture.owner, by: .test) }
        #expect(try await told() == 1)
        // A second gallery's persons count too.
        try await fixture.database.execute("UPDATE gallery SET persons = 99999 WHERE id = ?", [.text(fixture.gallery.id.rawValue)])
        let second: Gallery = try await fixture.hub.makeGallery("visitors", of: fixture.owner, by: .test)
        for label in ["1", "2"] { _ = try await fixture.hub.addPerson(fixture.draft(label), to: second.id, of: fixture.owner, by: .test) }
        #expect(try await told() == 2)
        #expect(try await fixture.hub.personTally(fixture.account.id) == PersonTally(persons: 100_001, warning: 2, filing: 100_000))
    }
}

extension PersonTally {
    fileprivate init(persons: Int64, warning: Int64, filing: Int64) {
        self = try! JSON.value(PersonTally.self, from: "{\"persons\":\(persons),\"warning\":\(warning),\"filing\":\(filing)}")
    }
}
