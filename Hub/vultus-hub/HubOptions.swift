import ArgumentParser
import HubDomain
import ServiceSupport
import WireModel

struct HubOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The hub's directory.", discussion: "Otherwise $VULTUS_HUB_DATA, /var/lib/vultus-hub for root, or the user's state directory."))
    var data: String?

    @Flag(help: "Answer in JSON, errors too.")
    var json: Bool = false

    var directory: String { data ?? DataDirectory.standard(program: "vultus-hub", variable: "VULTUS_HUB_DATA") }

    /// Runs a command on the hub and turns what goes wrong into words and an exit code.
    func run(mayMake: Bool = false, _ body: (Hub) async throws -> Void) async throws {
        do {
            try await body(try await Hub.open(directory: directory, mayMake: mayMake))
        } catch let code as ExitCode {
            throw code
        } catch {
            throw ExitCode(CommandReport.failure(error, json: json))
        }
    }

    /// Prints `value` as JSON, or what `text` makes of it.
    func show<Value: Encodable>(_ value: Value, _ text: (Value) -> String) throws {
        if json { try CommandReport.json(value) } else { CommandReport.line(text(value)) }
    }
}

extension APIName: ExpressibleByArgument {
    public init?(argument: String) { self.init(rawValue: argument) }
    public static var allValueStrings: [String] { all.map(\.rawValue) }
}

extension Timestamp: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument.count == 10 ? argument + "T00:00:00Z" : argument) }
}

extension AccountType: ExpressibleByArgument {}
extension ExhaustionPolicy: ExpressibleByArgument {}
