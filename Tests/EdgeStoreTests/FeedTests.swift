import Biometrics
import Foundation
import GRDB
import ServiceSupport
import TestKit
import Testing
import WireModel

@testable import EdgeStore

@Suite("The hub's changes, applied on a device")
struct FeedTests {
    @Test("a gallery arrives whole, says so by its digest, and is not told as the device's own")
    func arrives() throws {
        let device = try JoinedDevice()
        var hub = SpokenHub(device.clock.now().wall)
        let gallery: GalleryID = hub.addGallery("front door", rate: 1e-4)
        let ada: FeedPerson = hub.put(in: gallery, label: "Ada", seeds: [3, 5])
        let bob: FeedPerson = hub.put(in: gallery, label: "Bob", seeds: [7])
        #expect(try device.store.feedState() == FeedState(cursor: nil, digests: [:]))
        let outcome: FeedOutcome = try device.feed(hub.page(hub.whole(gallery)))
        #expect((outcome.changes, outcome.persons, outcome.erased, outcome.receipts, outcome.differing) == (5, 2, 0, 0, []))
        #expect(try device.store.feedState() == FeedState(cursor: "1", digests: [gallery: hub.galleries[gallery]!.digest]))
        #expect(try device.store.heldPersons().map(\.label).sorted() == ["Ada", "Bob"])
        #expect(try device.store.heldGalleries().map(\.state) == [.fresh])
        #expect(try device.store.heldGalleries()[0].targetFalseMatchRate == 1e-4)
        #expect(try device.searchable() == [ada.id: [SpokenHub.values(3), SpokenHub.values(5)], bob.id: [SpokenHub.values(7)]])
        // The device's own gallery and API know nobody of them, and cannot erase them.
        let (own, _) = try device.store.enrol(SpokenHub.template(11), label: "Ada")
        #expect(try device.store.persons().map(\.id) == [own])
        #expect(try device.store.count() == (1, 1))
        #expect(try !device.store.erase(ada.id))
        #expect(throws: EdgeStoreError.self) { try device.store.change(bob.id, label: "x", consent: nil) }
        #expect(try device.store.heldLabel(of: bob.id, in: gallery) == "Bob")
        #expect(try device.store.heldTemplates(of: bob.id, in: gallery) == [SpokenHub.template(7)])
    }

    @Test("a person's new state takes the place of the former one, templates that are not named included")
    func replaced() throws {
        let device = try JoinedDevice()
        var hub = SpokenHub(device.clock.now().wall)
        let gallery: GalleryID = hub.addGallery()
        let ada: FeedPerson = hub.put(in: gallery, seeds: [3, 5])
        try device.feed(hub.page(hub.whole(gallery)))
        let changed: FeedPerson = hub.put(ada.id, in: gallery, label: "Ada L.", seeds: [9])
        try device.feed(hub.page([.person(changed), .galleryComplete(gallery, hub.galleries[gallery]!.digest)]))
        #expect(try device.searchable() == [ada.id: [SpokenHub.values(9)]])
        #expect(try device.store.heldPersons().map(\.label) == ["Ada L."])
        #expect(try device.receipts().isEmpty)
    }

    @Test("a person erased at the hub is gone, with a receipt in the journal, had the device had them or not")
    func erased() throws {
        let device = try JoinedDevice()
        var hub = SpokenHub(device.clock.now().wall)
        let gallery: GalleryID = hub.addGallery()
        let ada: FeedPerson = hub.put(in: gallery)
        let never = PersonID(at: hub.time)
        try device.feed(hub.page(hub.whole(gallery)))
        hub.galleries[gallery]!.persons[ada.id] = nil
        let outcome: FeedOutcome = try device.feed(
            hub.page([.personErased(gallery, ada.id), .personErased(gallery, never), .galleryComplete(gallery, hub.galleries[gallery]!.digest)]))
        #expect((outcome.erased, outcome.receipts, outcome.differing) == (1, 2, []))
        #expect(try device.searchable().isEmpty)
        #expect(try device.receipts() == [ada.id, never].map { ErasureRecord(person: $0, gallery: gallery, ground: .hub) })
        #expect(try device.store.journalFault() == nil)
    }

    @Test("who does not come again after a restart goes, each with a receipt; when nobody comes, one receipt says how many")
    func restart() throws {
        let device = try JoinedDevice()
        var hub = SpokenHub(device.clock.now().wall)
        let gallery: GalleryID = hub.addGallery()
        let persons: [FeedPerson] = (0..<4).map { hub.put(in: gallery, label: "\($0)", seeds: [$0 + 2]) }
        try device.feed(hub.page(hub.whole(gallery)))
        let version: Int64 = try device.store.galleryVersion()
        hub.galleries[gallery]!.persons[persons[0].id] = nil
        let half: [FeedChange] = hub.whole(gallery)
        try device.feed(hub.page(Array(half.prefix(3)), isComplete: false))
        // Until the end has come nobody goes, and the device does not claim to have the gallery to its end.
        #expect(try device.store.heldPersons().count == 4)
        #expect(try device.store.feedState().digests.isEmpty)
        #expect(try device.store.heldGalleries().map(\.state) == [.loading])
        try device.reopen()
        try device.feed(hub.page(Array(half.dropFirst(3))))
        #expect(Set(try device.store.heldPersons().map(\.id)) == Set(persons.dropFirst().map(\.id)))
        #expect(try device.receipts() == [ErasureRecord(person: persons[0].id, gallery: gallery, ground: .hub)])
        // Who stayed as they were was not written again: one template went, and that is all an index has to follow.
        #expect(try device.store.galleryVersion() == version + 1)
        hub.galleries[gallery]!.persons = [:]
        try device.feed(hub.page(hub.whole(gallery)))
        #expect(try device.searchable().isEmpty)
        #expect(try device.receipts().last == ErasureRecord(person: nil, gallery: gallery, ground: .hub, persons: 3))
        #expect(try device.store.feedState().digests == [gallery: .empty])
    }

    @Test("a gallery withdrawn leaves nobody behind, and one receipt; what else comes of it is not taken")
    func withdrawn() throws {
        let device = try JoinedDevice()
        var hub = SpokenHub(device.clock.now().wall)
        let (gone, stays): (GalleryID, GalleryID) = (hub.addGallery("a"), hub.addGallery("b"))
        let late: FeedPerson = hub.put(in: gone)
        let kept: FeedPerson = hub.put(in: stays, seeds: [5])
        try device.feed(hub.page(hub.whole(gone) + hub.whole(stays)))
        let outcome: FeedOutcome = try device.feed(hub.page([.galleryWithdrawn(gone), .person(late), .galleryComplete(gone, .empty), .galleryRestart(gone)]))
        #expect((outcome.erased, outcome.ignored) == (1, 3))
        #expect(try device.searchable().keys.map(\.self) == [kept.id])
        #expect(try device.receipts() == [ErasureRecord(person: nil, gallery: gone, ground: .withdrawn, persons: 1)])
        #expect(try device.store.heldGalleries().map(\.id) == [stays])
    }

    @Test("a digest that differs is told to the hub, does not renew the term, and a restart repairs it")
    func differing() throws {
        let device = try JoinedDevice()
        var hub = SpokenHub(device.clock.now().wall)
        let gallery: GalleryID = hub.addGallery()
        _ = hub.put(in: gallery)
        try device.feed(hub.page(hub.whole(gallery)))
        let until: Timestamp = try device.store.heldGalleries()[0].freshUntil
        _ = hub.put(in: gallery, label: "Lost", seeds: [5])
        device.clock.advance(by: .seconds(60))
        let outcome: FeedOutcome = try device.feed(hub.page([.galleryComplete(gallery, hub.galleries[gallery]!.digest)]))
        #expect(outcome.differing == [gallery])
        #expect(try device.store.heldGalleries()[0].freshUntil == until)
        #expect(try device.store.feedState().digests[gallery] != hub.galleries[gallery]!.digest)
        #expect(try device.feed(hub.page(hub.whole(gallery))).differing.isEmpty)
        #expect(try device.store.heldPersons().count == 2)
        #expect(try device.store.heldGalleries()[0].freshUntil > until)
    }

    @Test("rows changed behind the store's back are found by the audit, and the hub's restart repairs them", arguments: Tampering.allCases)
    func tampered(_ tampering: Tampering) throws {
        let device = try JoinedDevice()
        var hub = SpokenHub(device.clock.now().wall)
        let gallery: GalleryID = hub.addGallery()
        for number in 0..<3 { _ = hub.put(in: gallery, label: "\(number)", seeds: [number + 2]) }
        try device.feed(hub.page(hub.whole(gallery)))
        #expect(try device.store.auditHeldGalleries().isEmpty)
        let whole: [PersonID: Set<[UInt8]>] = try device.searchable()
        try device.store.queue.write { try $0.execute(sql: tampering.sql) }
        // Nobody is taken for somebody else, whatever was moved.
        for (person, values) in try device.searchable() { #expect(whole[person]?.isSuperset(of: values) == true) }
        #expect(try device.store.auditHeldGalleries() == [gallery])
        #expect(try device.store.feedState().digests[gallery] != hub.galleries[gallery]!.digest)
        #expect(try device.feed(hub.page(hub.whole(gallery))).differing.isEmpty)
        #expect(try device.store.auditHeldGalleries().isEmpty)
        #expect(try device.searchable() == whole)
    }

    enum Tampering: String, CaseIterable {
        case person, template, version, swapped, key, label

        var sql: String {
            switch self {
            case .person: "DELETE FROM held_person WHERE rowid = 2"
            case .template: "DELETE FROM held_template WHERE rowid = 2"
            case .version: "UPDATE held_person SET version = version + 7 WHERE rowid = 2"
            case .swapped: "UPDATE held_template SET sealed = (SELECT sealed FROM held_template WHERE rowid = 1) WHERE rowid = 2"
            case .key: "UPDATE person_key SET sealed = zeroblob(60) WHERE slot = 2"
            case .label: "UPDATE held_person SET sealed_label = (SELECT sealed_label FROM held_person WHERE rowid = 1) WHERE rowid = 2"
            }
        }
    }

    @Test("a part that does not follow on where the device is changes nothing: who was erased stays erased")
    func stale() throws {
        let device = try JoinedDevice()
        var hub = SpokenHub(device.clock.now().wall)
        let gallery: GalleryID = hub.addGallery()
        let ada: FeedPerson = hub.put(in: gallery)
        let old: FeedPage = hub.page(hub.whole(gallery))
        let asked: FeedState = try device.store.feedState()
        try device.feed(old, asked: asked)
        hub.galleries[gallery]!.persons[ada.id] = nil
        try device.feed(hub.page([.personErased(gallery, ada.id), .galleryComplete(gallery, .empty)]))
        let outcome: FeedOutcome = try device.feed(old, asked: asked)
        #expect(outcome.isStale)
        #expect(try device.store.heldPersons().isEmpty)
        #expect(try device.store.feedState().cursor == "2")
    }

    @Test("the configuration is one document, and its rate goes before the galleries' own")
    func configuration() throws {
        let device = try JoinedDevice()
        var hub = SpokenHub(device.clock.now().wall)
        let gallery: GalleryID = hub.addGallery(rate: 1e-3)
        #expect(try device.store.configuration() == .standard)
        let wanted = DeviceConfiguration(
            version: 4, contactMilliseconds: 5_000, resultRetentionDays: 7, storeBytes: 1 << 20, links: .unmetered, bytesPerDay: 9, targetFalseMatchRate: 1e-5)
        try device.feed(hub.page(hub.whole(gallery)))
        #expect(try device.store.heldGalleries()[0].targetFalseMatchRate == 1e-3)
        try device.feed(hub.page([.configuration(wanted)]))
        try device.reopen()
        #expect(try device.store.configuration() == wanted)
        #expect(try device.store.heldGalleries()[0].targetFalseMatchRate == 1e-5)
    }

    @Test("an index in memory follows the changes, and only them")
    func incremental() throws {
        let device = try JoinedDevice()
        var hub = SpokenHub(device.clock.now().wall)
        let gallery: GalleryID = hub.addGallery()
        let persons: [FeedPerson] = (0..<20).map { hub.put(in: gallery, label: "\($0)", seeds: [$0 + 2]) }
        try device.feed(hub.page(hub.whole(gallery)))
        var (inserts, resets): (Int, Int) = (0, 0)
        func follow(_ version: Int64?) throws -> Int64 {
            (inserts, resets) = (0, 0)
            return try device.store.refreshIndex(since: version, of: ModelID(rawValue: "m")) { step in
                switch step {
                case .reset: resets += 1
                case .insert: inserts += 1
                case .remove: break
                }
            }
        }
        var version: Int64 = try follow(nil)
        #expect((inserts, resets) == (20, 1))
        try device.feed(hub.page([.person(hub.put(persons[3].id, in: gallery, seeds: [40, 41]))]))
        _ = try device.store.enrol(SpokenHub.template(50), label: "own")
        version = try follow(version)
        #expect((inserts, resets) == (3, 0))
        try device.feed(hub.page([.personErased(gallery, persons[4].id)]))
        version = try follow(version)
        #expect((inserts, resets) == (0, 0))
        #expect(try follow(version) == version)
        #expect(try follow(0) == version)
        #expect(inserts == 21)
    }
}
