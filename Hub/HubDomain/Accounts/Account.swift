import HubStorage
import WireModel

package enum AccountType: String, Codable, Sendable, CaseIterable {
    case individual, enterprise
}

/// Whether an account may use the service as a whole.
package enum Standing: String, Codable, Sendable, CaseIterable {
    /// Registered, and a condition of registration not met yet.
    case pending
    case active
    /// A condition of registration no longer holds; back to active once it does.
    case lapsed
    /// Interrupted by the operator.
    case suspended
    /// For good.
    case ended
}

/// A user of the API: the one who is billed.
package struct Account: Sendable, Codable {
    package let id: AccountID
    /// Unique on this hub.
    package let name: String
    package let kind: AccountType
    package let standing: Standing
    /// Why the standing is what it is: a word of a fixed vocabulary, or the measure's.
    package let ground: String
    package let since: Timestamp
    package let language: Language
    package let created: Timestamp

    init(_ row: SQLRow) throws {
        guard let id = AccountID(rawValue: try row.text("id")), let kind = AccountType(rawValue: try row.text("kind")),
            let standing = Standing(rawValue: try row.text("standing")), let language = Language(rawValue: try row.text("language"))
        else { throw HubStorageError.damaged }
        self.id = id
        name = try row.text("name")
        self.kind = kind
        self.standing = standing
        ground = try row.text("standing_ground")
        since = Timestamp(milliseconds: try row.integer("standing_since_ms"))
        self.language = language
        created = Timestamp(milliseconds: try row.integer("created_ms"))
    }
}

extension Hub {
    package func accounts() async throws -> [Account] {
        try await database.read { try $0.rows("SELECT * FROM account ORDER BY id", []).map(Account.init) }
    }

    /// - Parameter reference: an id or a name.
    package func account(_ reference: String) async throws -> Account {
        try await database.read { try Self.account($0, reference) }
    }

    static func account(_ connection: any SQLConnection, _ reference: String) throws -> Account {
        // What is written like an identifier is one, whatever somebody called their account.
        let column: String = AccountID(rawValue: reference) == nil ? "name" : "id"
        guard let row = try connection.firstRow("SELECT * FROM account WHERE \(column) = ?", [.text(reference)]) else {
            throw Problem(.notFound, "There is no such account.", detail: reference, remedy: "`vultus-hub admin account list` shows all accounts.")
        }
        return try Account(row)
    }

    static func account(_ connection: any SQLConnection, _ id: AccountID) throws -> Account { try account(connection, id.rawValue) }

    /// What people call something: on one line, with something to see in it, and nothing that makes other text look different
    /// from what it is (line ends, invisible and direction-changing characters; joiners stay, since scripts and emoji need them).
    static func checkName(_ name: String) throws(Problem) -> String {
        let name: String = name.trimmed
        let isClean: Bool = name.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
            case .format: scalar == "\u{200C}" || scalar == "\u{200D}"
            default: true
            }
        }
        guard AccountID(rawValue: name) == nil else {
            throw Problem(.invalidRequest, "A name that looks like an account's identifier would be taken for one.", remedy: "Choose another name.")
        }
        guard (1...100).contains(name.count), name.unicodeScalars.count <= 200, isClean, name.contains(where: { !$0.isWhitespace }) else {
            throw Problem(
                .invalidRequest, "A name has 1 to 100 characters on one line, and none that cannot be seen.", remedy: "Choose another name, or type it anew.")
        }
        return name
    }

    /// - Parameter name: set when somebody has it already: the operator's handle must be unique, and a stranger must not
    ///   learn from a refusal who is registered.
    static func insertAccount(
        _ connection: any SQLConnection, id: AccountID, name: String, kind: AccountType, language: Language, now: Timestamp
    ) throws -> Account {
        let isTaken: Bool = try connection.firstRow("SELECT id FROM account WHERE name = ?", [.text(name)]) != nil
        let unique: String = isTaken ? "\(name.prefix(90)) (\(id.rawValue.suffix(6)))" : name
        try connection.execute(
            """
            INSERT INTO account (id, name, kind, standing, standing_ground, standing_since_ms, language, created_ms)
            VALUES (?, ?, ?, 'pending', 'registered', ?, ?, ?)
            """,
            [
                .text(id.rawValue), .text(unique), .text(kind.rawValue), .integer(now.milliseconds), .text(language.rawValue),
                .integer(now.milliseconds),
            ])
        return try account(connection, id)
    }

    /// - Parameters:
    ///   - name: `nil` leaves it.
    ///   - language: what the account is written to in.
    package func changeAccount(_ id: AccountID, name: String?, language: Language?, by actor: Actor) async throws -> Account {
        let name: String? = try name.map(Self.checkName)
        return try await act(actor) { connection, trail, _ in
            let before: Account = try Self.account(connection, id)
            if let name, name != before.name {
                guard try connection.firstRow("SELECT id FROM account WHERE name = ?", [.text(name)]) == nil else {
                    throw Problem(.conflict, "That name cannot be used on this hub.", remedy: "Choose another name.")
                }
                try connection.execute("UPDATE account SET name = ? WHERE id = ?", [.text(name), .text(id.rawValue)])
            }
            if let language { try connection.execute("UPDATE account SET language = ? WHERE id = ?", [.text(language.rawValue), .text(id.rawValue)]) }
            try trail.record(
                .accountChange, account: id, subject: id.rawValue,
                ["name": name == nil ? "kept" : "changed", "language": (language ?? before.language).rawValue])
            return try Self.account(connection, id)
        }
    }
}
