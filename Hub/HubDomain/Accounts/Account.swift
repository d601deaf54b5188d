import HubStorage
import WireModel

package enum AccountType: String, Codable, Sendable, CaseIterable {
    case individual, enterprise
}

package enum Standing: String, Codable, Sendable {
    case active, suspended, ended
}

/// A user of the API: the one who is billed.
package struct Account: Sendable, Codable {
    package let id: AccountID
    package let name: String
    package let kind: AccountType
    package let standing: Standing
    package let created: Timestamp

    init(_ row: SQLRow) throws {
        guard let id = AccountID(rawValue: try row.text("id")), let kind = AccountType(rawValue: try row.text("kind")),
            let standing = Standing(rawValue: try row.text("standing"))
        else { throw HubStorageError.damaged }
        self.id = id
        name = try row.text("name")
        self.kind = kind
        self.standing = standing
        created = Timestamp(milliseconds: try row.integer("created_ms"))
    }
}

extension Hub {
    /// - Parameter name: 1–100 characters, unique.
    /// - Throws: `conflict` when the name is taken.
    package func createAccount(name: String, kind: AccountType) async throws -> Account {
        guard (1...100).contains(name.count), !name.contains(where: \.isNewline) else {
            throw Problem(.invalidRequest, "An account's name has 1 to 100 characters on one line.", remedy: "Choose a shorter name.")
        }
        let now: Timestamp = now()
        let id = AccountID(at: now)
        return try await database.write { connection in
            let taken: Bool = try connection.firstRow("SELECT id FROM account WHERE name = ?", [.text(name)]) != nil
            guard !taken else {
                throw Problem(
                    .conflict, "An account of that name exists already.", remedy: "Use it, or choose another name; `vultus-hub account list` shows all.")
            }
            try connection.execute(
                "INSERT INTO account (id, name, kind, standing, created_ms) VALUES (?, ?, ?, 'active', ?)",
                [.text(id.rawValue), .text(name), .text(kind.rawValue), .integer(now.milliseconds)])
            return try Self.account(connection, name)
        }
    }

    package func accounts() async throws -> [Account] {
        try await database.read { try $0.rows("SELECT * FROM account ORDER BY id", []).map(Account.init) }
    }

    /// - Parameter reference: an id or a name.
    package func account(_ reference: String) async throws -> Account {
        try await database.read { try Self.account($0, reference) }
    }

    static func account(_ connection: any SQLConnection, _ reference: String) throws -> Account {
        guard let row = try connection.firstRow("SELECT * FROM account WHERE id = ? OR name = ?", [.text(reference), .text(reference)]) else {
            throw Problem(.notFound, "There is no such account.", detail: reference, remedy: "`vultus-hub account list` shows all accounts.")
        }
        return try Account(row)
    }
}
