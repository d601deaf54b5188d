import ArgumentParser
import EdgeStore
import ServiceSupport
import WireModel

struct PersonsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "persons", abstract: "Who is in this device's gallery.", subcommands: [List.self, Erase.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All persons.")
        @OptionGroup var options: EdgeOptions

        private struct Answer: Encodable {
            let person: PersonID
            let label: String
            let templates: Int
            let since: Timestamp
        }

        func run() async throws {
            try await options.run {
                let persons: [EnrolledPerson] = try options.openStore().persons()
                if options.json {
                    return try CommandReport.json(persons.map { Answer(person: $0.id, label: $0.label, templates: $0.templates, since: $0.created) })
                }
                var table = TextTable(["PERSON", "NAME", "TEMPLATES", "SINCE"], alignedRight: [2])
                for person in persons { table.append([person.id.rawValue, person.label, "\(person.templates)", "\(person.created)"]) }
                CommandReport.line(table.isEmpty ? "Nobody is enrolled yet: vultus-edge enrol NAME PICTURE" : table.text)
            }
        }
    }

    struct Erase: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase a person: templates, name and key.",
            discussion: "The key's bytes are overwritten in the store, and the journal keeps a receipt without a name. There is no way back.")
        @OptionGroup var options: EdgeOptions
        @Argument(help: "The name or id.") var person: String

        func run() async throws {
            try await options.run {
                let store: EdgeStore = try options.openStore()
                guard let found = try store.persons().first(where: { $0.label == person || $0.id.rawValue == person }), try store.erase(found.id) else {
                    throw Problem(.notFound, "There is no such person.", remedy: "`vultus-edge persons` shows all.")
                }
                if options.json { return try CommandReport.json(["erased": found.id]) }
                CommandReport.line("\(found.id) erased")
            }
        }
    }
}
