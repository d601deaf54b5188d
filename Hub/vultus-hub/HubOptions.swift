import ArgumentParser
import Glibc
import HubAccess
import HubDomain
import HubStorage
import ServiceSupport
import WireModel

struct HubOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The hub's directory.", discussion: "Otherwise $VULTUS_HUB_DATA, /var/lib/vultus-hub for root, or the user's state directory."))
    var data: String?

    @Option(
        help: ArgumentHelp(
            "PostgreSQL, as postgres://user@host/name, or the path of an SQLite file; otherwise hub.sqlite in the directory.",
            discussion: "Otherwise $VULTUS_HUB_DATABASE. A password is better kept in libpq's own password file than in a command line."))
    var database: String?

    @Flag(help: "Answer in JSON, errors too.")
    var json: Bool = false

    var directory: String { data ?? DataDirectory.standard(program: "vultus-hub", variable: "VULTUS_HUB_DATA") }

    /// `nil` is SQLite in the directory.
    var location: DatabaseLocation? {
        get throws(Problem) {
            let named: String? = database ?? getenv("VULTUS_HUB_DATABASE").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
            return try named.map(Self.location)
        }
    }

    static func location(_ text: String) throws(Problem) -> DatabaseLocation {
        guard let location = DatabaseLocation(argument: text) else {
            throw Problem(.invalidRequest, "That is not a database.", remedy: "Write postgres://user@host/name, or the path of an SQLite file.")
        }
        return location
    }

    /// Whoever has the directory may do everything: the shell's user is who the audit log names.
    var actor: Actor {
        let name: String = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(getuid())"
        return Actor(.shell, name)
    }

    /// Runs a command on the hub and turns what goes wrong into words and an exit code.
    func run(mayMake: Bool = false, _ body: (Hub) async throws -> Void) async throws {
        try await report {
            let hub: Hub = try await Hub.open(directory: directory, database: try location, mayMake: mayMake)
            do {
                try await body(hub)
                // What was just audited is written down outside the database too.
                try await hub.anchorAudit()
            } catch {
                await hub.close()
                throw error
            }
            await hub.close()
        }
    }

    func report(_ body: () async throws -> Void) async throws {
        // Whatever a command makes is this user's alone.
        umask(0o077)
        do { try await body() } catch let code as ExitCode {
            throw code
        } catch {
            throw ExitCode(CommandReport.failure(error, json: json))
        }
    }

    /// Prints `value` as JSON, or what `text` makes of it.
    func show<Value: Encodable>(_ value: Value, _ text: (Value) -> String) throws {
        if json { try CommandReport.json(value) } else { CommandReport.line(text(value)) }
    }

    /// How far a long copy is, on one line of standard error.
    var progress: @Sendable (String, Int) -> Void {
        guard !json, isatty(STDERR_FILENO) == 1 else { return { _, _ in } }
        return { table, rows in Terminal.noteInPlace("  \(table): \(rows) rows") }
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
extension UsePeriod: ExpressibleByArgument {}
extension Language: ExpressibleByArgument {}
extension OperatorRole: ExpressibleByArgument {}
extension MeasureType: ExpressibleByArgument {}
extension AcceptanceRule: ExpressibleByArgument {}
extension MailDomainKind: ExpressibleByArgument {}
extension Setting: ExpressibleByArgument {}
