import GRDB
import ServiceSupport
import TestKit
import Testing
import WireModel

@testable import EdgeStore

@Suite("Terms of galleries and persons, on a device that nobody reaches")
struct GalleryTermTests {
    private let term: Duration = .seconds(40_000)

    private func device() throws -> (device: JoinedDevice, hub: SpokenHub, gallery: GalleryID) {
        let device = try JoinedDevice()
        var hub = SpokenHub(device.clock.now().wall)
        let gallery: GalleryID = hub.addGallery(term: term)
        _ = hub.put(in: gallery, label: "long", seeds: [3])
        _ = hub.put(in: gallery, label: "short", seeds: [5], ends: .seconds(10_000))
        try device.feed(hub.page(hub.whole(gallery)))
        return (device, hub, gallery)
    }

    private func state(_ device: JoinedDevice) throws -> HeldGallery.State? { try device.store.heldGalleries().first?.state }

    @Test("a gallery not refreshed within its term is searched no more and erased with one receipt; a contact brings it back whole")
    func ended() throws {
        var (device, hub, gallery) = try device()
        #expect(try state(device) == .fresh)
        device.clock.advance(by: .seconds(30_000))
        #expect(try state(device) == .ending)
        device.clock.advance(by: .seconds(9_999))
        _ = try device.store.eraseExpired()
        #expect(try device.searchable().count == 1)
        device.clock.advance(by: .seconds(1))
        // Ended before anybody has looked.
        #expect(try state(device) == .ended)
        #expect(try device.store.eraseExpired() == 1)
        #expect(try device.searchable().isEmpty)
        #expect(try device.receipts().last == ErasureRecord(person: nil, gallery: gallery, ground: .leaseEnded, persons: 1))
        // Once, however often anybody looks, and after a restart too.
        try device.reopen()
        #expect(try device.store.eraseExpired() == 0)
        #expect(try device.receipts().count == 2)
        // The digest says that nobody is here, so that the hub gives everybody.
        #expect(try device.store.feedState().digests == [gallery: .empty])
        hub.time = device.clock.now().wall
        #expect(try device.feed(hub.page(hub.whole(gallery))).differing.isEmpty)
        #expect(try state(device) == .fresh)
        #expect(try device.searchable().count == 2)
    }

    @Test("a wall clock set back, or a start with a clock that knows nothing, gains a gallery no time")
    func setBack() throws {
        let (device, _, _) = try device()
        device.clock.advance(by: .seconds(39_000))
        _ = try device.store.eraseExpired()
        device.clock.shift(wall: .seconds(-39_000))
        #expect(try state(device) == .ending)
        device.clock.advance(by: .seconds(1_000))
        #expect(try state(device) == .ended)
        #expect(try device.store.eraseExpired() == 1)
        device.clock.restart()
        device.clock.shift(wall: .seconds(-900_000))
        #expect(try state(device) == .ended)
    }

    @Test("a false jump forward costs a gallery, and the next contact gives it back")
    func jump() throws {
        var (device, hub, gallery) = try device()
        let right: Timestamp = device.clock.now().wall
        device.clock.shift(wall: .seconds(315_360_000))
        _ = try device.store.eraseExpired()
        #expect(try device.searchable().isEmpty)
        hub.time = right
        try device.feed(hub.page(hub.whole(gallery)), time: right)
        #expect(try state(device) == .fresh)
        #expect(try device.searchable().count == 2)
    }

    @Test("a contact that says the gallery is complete renews its term; one in which it is not, does not")
    func renewed() throws {
        var (device, hub, gallery) = try device()
        device.clock.advance(by: .seconds(5_000))
        try device.feed(hub.page([]))
        #expect(try device.store.heldGalleries()[0].freshUntil == hub.time.advanced(by: term))
        try device.feed(hub.page([.galleryComplete(gallery, hub.galleries[gallery]!.digest)]))
        #expect(try device.store.heldGalleries()[0].freshUntil == device.clock.now().wall.advanced(by: term))
    }

    @Test("a shorter term holds at once")
    func shortened() throws {
        var (device, hub, gallery) = try device()
        device.clock.advance(by: .seconds(1_000))
        let terms: FeedGallery = hub.galleries[gallery]!.terms
        try device.feed(
            hub.page([.gallery(FeedGallery(id: terms.id, name: "new", targetFalseMatchRate: terms.targetFalseMatchRate, termMilliseconds: 1_000))]))
        #expect(try state(device) == .ended)
        #expect(try device.store.eraseExpired() == 2)
    }

    @Test("a gallery that is cut off while it first arrives ends as well")
    func cutOff() throws {
        let device = try JoinedDevice()
        var hub = SpokenHub(device.clock.now().wall)
        let gallery: GalleryID = hub.addGallery(term: term)
        _ = hub.put(in: gallery)
        try device.feed(hub.page(Array(hub.whole(gallery).dropLast()), isComplete: false))
        #expect(try state(device) == .loading)
        device.clock.advance(by: term)
        #expect(try state(device) == .ended)
        #expect(try device.store.eraseExpired() == 1)
        // The rest of what was under way does not bring a part of it back as if it were all.
        #expect(try device.feed(hub.page([.galleryComplete(gallery, hub.galleries[gallery]!.digest)])).differing == [gallery])
        #expect(try state(device) == .ended)
        try device.feed(hub.page(hub.whole(gallery)))
        #expect(try state(device) == .fresh)
    }

    @Test("a person whose consent ends is erased without any contact, with a receipt, and the gallery's digest still fits")
    func personEnds() throws {
        var (device, hub, gallery) = try device()
        let short: PersonID = hub.galleries[gallery]!.persons.values.first { $0.label == "short" }!.id
        device.clock.advance(by: .seconds(9_999))
        #expect(try device.store.eraseExpired() == 0)
        device.clock.advance(by: .seconds(1))
        #expect(try device.store.eraseExpired() == 1)
        #expect(try device.store.heldPersons().map(\.label) == ["long"])
        #expect(try device.searchable().count == 1)
        #expect(try device.store.heldCounts()[gallery]?.persons == 1)
        #expect(try device.receipts() == [ErasureRecord(person: short, gallery: gallery, ground: .local)])
        #expect(try device.store.auditHeldGalleries().isEmpty)
        // A hub that has not looked yet says that all is well; one that has, says that the person is erased.
        #expect(try device.feed(hub.page([.galleryComplete(gallery, hub.galleries[gallery]!.digest)])).differing.isEmpty)
        hub.galleries[gallery]!.persons[short] = nil
        let outcome: FeedOutcome = try device.feed(
            hub.page([.personErased(gallery, short), .galleryComplete(gallery, hub.galleries[gallery]!.digest)]))
        #expect((outcome.erased, outcome.receipts, outcome.differing) == (0, 1, []))
    }

    @Test("a consent that is made longer in time keeps its person, and one renewed after its end brings them back")
    func personRenewed() throws {
        var (device, hub, gallery) = try device()
        let short: PersonID = hub.galleries[gallery]!.persons.values.first { $0.label == "short" }!.id
        device.clock.advance(by: .seconds(10_000))
        _ = try device.store.eraseExpired()
        let renewed: FeedPerson = hub.put(short, in: gallery, label: "again", seeds: [5], ends: .seconds(30_000))
        let outcome: FeedOutcome = try device.feed(hub.page([.person(renewed), .galleryComplete(gallery, hub.galleries[gallery]!.digest)]))
        #expect((outcome.persons, outcome.differing) == (1, []))
        #expect(try device.store.heldLabel(of: short, in: gallery) == "again")
    }
}
