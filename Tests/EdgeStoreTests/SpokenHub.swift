import Biometrics
import Foundation
import GRDB
import ServiceSupport
import TestKit
import WireModel

@testable import EdgeStore

/// A hub's galleries as a test speaks for them: keeps its own books of what a device is to have.
struct SpokenHub {
    struct Gallery {
        var terms: FeedGallery
        var version: Int64 = 0
        var persons: [PersonID: FeedPerson] = [:]
        /// What has happened since the device's last part, in order.
        var isWhole: Bool = false

        var digest: GalleryDigest {
            var digest = GalleryDigest.empty
            for person in persons.values { digest.add(person.id, version: person.version, templates: person.templates.map(\.id)) }
            return digest
        }
    }

    var galleries: [GalleryID: Gallery] = [:]
    private(set) var cursor: Int = 0
    var time: Timestamp

    init(_ time: Timestamp) { self.time = time }

    mutating func nextCursor() -> String {
        cursor += 1
        return "\(cursor)"
    }

    @discardableResult
    mutating func addGallery(_ name: String = "door", term: Duration = .seconds(86_400), rate: Double = 1e-4) -> GalleryID {
        let id = GalleryID(at: time)
        galleries[id] = Gallery(terms: FeedGallery(id: id, name: name, targetFalseMatchRate: rate, termMilliseconds: term.wholeMilliseconds))
        return id
    }

    mutating func put(_ person: PersonID? = nil, in gallery: GalleryID, label: String = "Ada", seeds: [Int] = [3], ends: Duration = .seconds(864_000))
        -> FeedPerson
    {
        galleries[gallery]!.version += 1
        let person = FeedPerson(
            gallery: gallery, id: person ?? PersonID(at: time), label: label, ends: time.advanced(by: ends), version: galleries[gallery]!.version,
            templates: seeds.map { FeedTemplate(id: TemplateID(at: time), model: "m", values: Base64(Self.values($0))) })
        galleries[gallery]!.persons[person.id] = person
        return person
    }

    mutating func page(_ changes: [FeedChange], isComplete: Bool = true) -> FeedPage {
        FeedPage(changes: changes, cursor: nextCursor(), isComplete: isComplete)
    }

    /// Everything of a gallery, from the start.
    func whole(_ id: GalleryID) -> [FeedChange] {
        let gallery: Gallery = galleries[id]!
        let persons: [FeedPerson] = gallery.persons.values.sorted { ($0.version, $0.id) < ($1.version, $1.id) }
        return [.gallery(gallery.terms), .galleryRestart(id)] + persons.map(FeedChange.person) + [.galleryComplete(id, gallery.digest)]
    }

    static func template(_ seed: Int) -> Template {
        // Only the arithmetic of a fixed pattern: never empty, always finite.
        try! Template(model: ModelID(rawValue: "m"), normalizing: (0..<128).map { Float(($0 * seed + seed * seed) % 23) - 11.5 })
    }

    static func values(_ seed: Int) -> [UInt8] { template(seed).littleEndianBytes }
}

extension JoinedDevice {
    /// A contact that brings a part of the feed.
    @discardableResult
    func feed(_ page: FeedPage, asked: FeedState? = nil, time: Timestamp? = nil, acknowledged: Int64 = 0) throws -> FeedOutcome {
        try store.apply(
            SyncResponse(
                answers: [], journalEpoch: 1, acknowledgedThrough: acknowledged, backedUpThrough: 0, leases: [], refusals: [], hubEpoch: 1,
                time: time ?? clock.now().wall, clockSkewMilliseconds: 0, feed: page),
            wanted: APIName.onDevice, asked: try asked ?? store.feedState())
    }

    /// Does not wait for the disk: for walks that lose no power.
    func hurry() throws { try store.queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = OFF") } }

    /// Bodies of all receipts in the journal, oldest first.
    func receipts() throws -> [ErasureRecord] {
        try store.entries(after: 0, epoch: 1, limit: 100_000, bytes: 1 << 30).filter { $0.kind == .erasure }.map {
            try JSON.value(ErasureRecord.self, from: $0.body ?? "")
        }
    }

    /// Whom a search finds in each gallery of the hub's, with their templates' values.
    func searchable(_ model: String = "m") throws -> [PersonID: Set<[UInt8]>] {
        var found: [PersonID: Set<[UInt8]>] = [:]
        _ = try store.refreshIndex(since: nil, of: ModelID(rawValue: model)) { step in
            if case .insert(let gallery?, let person, let template) = step {
                _ = gallery
                found[person, default: []].insert(template.littleEndianBytes)
            }
        }
        return found
    }
}
