import ArgumentParser
import EdgeStore
import ServiceSupport
import WireModel

struct PersonsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "persons", abstract: "Who is in this device's gallery, and in those of the hub's.",
        subcommands: [List.self, Erase.self, Not.self, Confusions.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "All persons.",
            discussion: """
                Persons of the hub's galleries are shown with their gallery. They are read only here: the hub gives them to this device, and \
                takes them back; erase them there.
                """)
        @OptionGroup var options: EdgeOptions

        private struct Answer: Encodable {
            let person: PersonID
            let label: String
            let templates: Int
            /// When a person of this device was enrolled.
            var since: Timestamp?
            /// Of the hub's; absent for persons of this device.
            var gallery: GalleryID?
            /// When the device erases a person of the hub's by itself.
            var ends: Timestamp?
        }

        func run() async throws {
            try await options.run {
                let store: EdgeStore = try options.openStore()
                try store.eraseExpired()
                let names: [GalleryID: String] = Dictionary(uniqueKeysWithValues: try store.heldGalleries().map { ($0.id, $0.name) })
                let answers: [Answer] =
                    try store.persons().map { Answer(person: $0.id, label: $0.label, templates: $0.templates, since: $0.created) }
                    + store.heldPersons().map { Answer(person: $0.id, label: $0.label, templates: $0.templates, gallery: $0.gallery, ends: $0.ends) }
                if options.json { return try CommandReport.json(answers) }
                var table = TextTable(["PERSON", "NAME", "TEMPLATES", "GALLERY", "SINCE", "UNTIL"], alignedRight: [2])
                for answer in answers {
                    table.append([
                        answer.person.rawValue, answer.label, "\(answer.templates)", answer.gallery.flatMap { names[$0] } ?? "this device",
                        answer.since.map { "\($0)" } ?? "", answer.ends.map { "\($0)" } ?? "",
                    ])
                }
                CommandReport.line(table.isEmpty ? "Nobody is enrolled yet: vultus-edge enrol NAME PICTURE" : table.text)
            }
        }
    }

    struct Erase: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase a person of this device: templates, name and key.",
            discussion: """
                The key's bytes are overwritten in the store, and the journal keeps a receipt without a name. There is no way back. Persons of \
                the hub's galleries are erased at the hub, and then here at the next contact.
                """)
        @OptionGroup var options: EdgeOptions
        @Argument(help: "The name or id.") var person: String

        func run() async throws {
            try await options.run {
                let store: EdgeStore = try options.openStore()
                guard let found = try store.persons().first(where: { $0.label == person || $0.id.rawValue == person }), try store.erase(found.id) else {
                    if let held = try store.heldPersons().first(where: { $0.label == person || $0.id.rawValue == person }) {
                        throw Problem(
                            .conflict, "That person is of a gallery of the hub's, and is not erased here.", detail: "\(held.id) of \(held.gallery)",
                            remedy: "Erase them, or withdraw their consent, at the hub; they are gone from here at the next contact.")
                    }
                    throw Problem(.notFound, "There is no such person.", remedy: "`vultus-edge persons` shows all.")
                }
                if options.json { return try CommandReport.json(["erased": found.id]) }
                CommandReport.line("\(found.id) erased")
            }
        }
    }
}
