import Biometrics
import GallerySearch
import WireModel

/// One template as it comes from the database, opened.
struct GalleryItem: Sendable {
    let template: TemplateID
    let person: PersonID
    let value: Template
}

/// What lies between a gallery in memory and the database.
struct GalleryChanges: Sendable {
    let version: Int64
    /// Those not in memory yet; all, when nothing was.
    let added: [GalleryItem]
    /// Ends of those persons whose end is not in memory, or not so.
    let ends: [PersonID: Timestamp]
    /// Persons of whom something is gone.
    let stale: Set<PersonID>
    /// `added` and `ends` are everything: what was in memory gives way.
    let isWhole: Bool
}

/// What a gallery in memory holds, without the templates' numbers.
struct GalleryContent: Sendable {
    let version: Int64
    let templates: [PersonID: [TemplateID]]
    /// Persons taken out because their time was over.
    let ended: Set<PersonID>
}

/// A gallery's index and what is needed to keep it right. Owned by its shard.
final class LoadedGallery {
    let index: GalleryIndex<PersonID>
    private(set) var version: Int64
    private var templates: [PersonID: [TemplateID]] = [:]
    private var ends: [PersonID: Timestamp] = [:]
    private var ended: Set<PersonID> = []
    /// No person's time is over before.
    private var earliestEnd = Timestamp(milliseconds: .max)
    var used: ContinuousClock.Instant = .now

    /// What a template costs: its row, and about as much again for keys, ends and bookkeeping.
    var bytes: Int { index.count * (index.dimensions * 4 + 512) }

    init(_ model: ModelID, _ changes: GalleryChanges) throws {
        index = GalleryIndex(model: model, dimensions: changes.added.first?.value.values.count ?? 128)
        index.reserve(changes.added.count)
        version = changes.version
        try insert(changes)
    }

    var content: GalleryContent { GalleryContent(version: version, templates: templates, ended: ended) }

    /// Brings it up to the database.
    func apply(_ changes: GalleryChanges) throws {
        for person in changes.stale { remove(person) }
        version = changes.version
        try insert(changes)
    }

    private func insert(_ changes: GalleryChanges) throws {
        for item in changes.added {
            try index.insert(item.person, item.value)
            templates[item.person, default: []].append(item.template)
        }
        for (person, end) in changes.ends {
            ends[person] = end
            ended.remove(person)
            earliestEnd = min(earliestEnd, end)
        }
    }

    private func remove(_ person: PersonID) {
        index.removeAll(person)
        templates[person] = nil
        ends[person] = nil
    }

    /// Persons whose consent or retention is over are not answered, whether or not the clearing has met them yet.
    func dropEnded(_ now: Timestamp) {
        guard earliestEnd <= now else { return }
        for (person, end) in ends where end <= now {
            remove(person)
            ended.insert(person)
        }
        earliestEnd = ends.values.min() ?? Timestamp(milliseconds: .max)
    }
}
