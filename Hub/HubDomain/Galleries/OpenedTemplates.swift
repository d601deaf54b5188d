import Biometrics
import Synchronization
import WireModel

/// Templates that were opened lately, by identifier: a template never changes, so one that the database still names is good.
final class OpenedTemplates: Sendable {
    private struct Entry {
        let template: Template
        let person: PersonID
        var used: ContinuousClock.Instant
    }

    private let entries = Mutex<[TemplateID: Entry]>([:])
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    subscript(id: TemplateID) -> Template? {
        entries.withLock { entries in
            guard let template = entries[id]?.template else { return nil }
            entries[id]?.used = .now
            return template
        }
    }

    func keep(_ template: Template, _ id: TemplateID, of person: PersonID) {
        entries.withLock { entries in
            if entries.count >= limit {
                // A quarter at once, so that looking for the oldest is seldom.
                for old in entries.sorted(by: { $0.value.used < $1.value.used }).prefix(limit / 4 + 1) { entries[old.key] = nil }
            }
            entries[id] = Entry(template: template, person: person, used: .now)
        }
    }

    func forget(_ person: PersonID) {
        entries.withLock { entries in
            for (id, entry) in entries where entry.person == person { entries[id] = nil }
        }
    }

    func sweep(before: ContinuousClock.Instant) {
        entries.withLock { entries in
            for (id, entry) in entries where entry.used < before { entries[id] = nil }
        }
    }

    var count: Int { entries.withLock(\.count) }
}
