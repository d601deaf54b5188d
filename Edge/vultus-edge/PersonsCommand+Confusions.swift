import ArgumentParser
import EdgeStore
import ServiceSupport
import WireModel

extension PersonsCommand {
    private struct Mark: Encodable {
        let confusion: ConfusionID
        let person: PersonID
        let gallery: GalleryID?
        let since: Timestamp
        let until: Timestamp

        init(_ confusion: Confusion) {
            self.confusion = confusion.id
            person = confusion.person
            gallery = confusion.gallery
            since = confusion.created
            until = confusion.ends
        }
    }

    struct Not: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say that a decision named the wrong person: whoever it was is unknown from now on.",
            discussion: """
                ENTRY is the journal entry of a match of `vultus-edge run -`; what it rested on is kept, sealed, for a day unless `run` or the group \
                says otherwise. From then on a face that is more like the one marked than like PERSON is not matched with PERSON. Whoever is marked \
                was not asked: the mark is sealed under a key of its own, never leaves this device, names nobody, and ends after --days, when PERSON \
                is erased, or with `vultus-edge persons confusions --remove`. The decision itself stays in the journal.

                Example: vultus-edge persons not Ada 17
                """)
        @OptionGroup var options: EdgeOptions
        @Option(help: "Days until the mark is forgotten: 1 to 3650.") var days: Int = 365
        @Argument(help: "The person's name or id.") var person: String
        @Argument(help: "The journal entry that named the person.") var entry: Int64

        func run() async throws {
            try await options.run {
                guard (1...3_650).contains(days) else {
                    throw Problem(.invalidRequest, "A mark lasts 1 to 3650 days.", detail: "\(days) days", remedy: "Give --days from 1 to 3650.")
                }
                let store: EdgeStore = try options.openStore()
                try store.eraseExpired()
                let own: [PersonID] = try store.persons().filter { $0.label == person || $0.id.rawValue == person }.map(\.id)
                let named: [PersonID] = own + (try store.heldPersons().filter { $0.label == person || $0.id.rawValue == person }.map(\.id))
                guard !named.isEmpty else { throw Problem(.notFound, "There is no such person.", remedy: "`vultus-edge persons` shows all.") }
                for id in named {
                    let mark: Mark
                    do throws(EdgeStoreError) {
                        mark = Mark(try store.mark(notPerson: id, entry: entry, for: .seconds(days * 86_400)))
                    } catch {
                        guard case .absent = error else { throw error }
                        continue
                    }
                    if options.json { return try CommandReport.json(mark) }
                    return CommandReport.line("\(mark.confusion) marked: not \(id), until \(mark.until)")
                }
                throw Problem(
                    .notFound, "That entry is no match of that person that can still be marked.", detail: "journal entry \(entry)",
                    remedy: "Take the entry that `vultus-edge run -` printed, within its --mark-hours.")
            }
        }
    }

    struct Confusions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Known confusions: who was marked as not being a person; --remove forgets one.",
            discussion: "Example: vultus-edge persons confusions --remove cnf_0198c1f2a7b34c5d8e9f00112233445566")
        @OptionGroup var options: EdgeOptions
        @Option(help: "The confusion to forget, by its id.") var remove: String?

        func run() async throws {
            try await options.run {
                let store: EdgeStore = try options.openStore()
                try store.eraseExpired()
                if let remove {
                    guard let id = ConfusionID(rawValue: remove), try store.remove(id) else {
                        throw Problem(.notFound, "There is no such confusion.", detail: remove, remedy: "`vultus-edge persons confusions` shows all.")
                    }
                    return options.json ? try CommandReport.json(["removed": id]) : CommandReport.line("\(id) removed")
                }
                let marks: [Mark] = try store.confusions().map(Mark.init)
                if options.json { return try CommandReport.json(marks) }
                var table = TextTable(["CONFUSION", "NOT", "SINCE", "UNTIL"])
                for mark in marks { table.append([mark.confusion.rawValue, mark.person.rawValue, "\(mark.since)", "\(mark.until)"]) }
                CommandReport.line(table.isEmpty ? "Nobody is marked." : table.text)
            }
        }
    }
}
