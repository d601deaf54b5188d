import HubAccess
import HubStorage
import WireModel

/// How many persons an account keeps on this hub (P4). Each gallery's persons count: that two galleries know somebody by the
/// same label does not make them one person, and counting too few would be the graver error.
package struct PersonTally: Sendable, Codable, Hashable {
    package let persons: Int64
    /// From here on the account is warned.
    package let warning: Int64
    /// From here on the law asks for a filing.
    package let filing: Int64
}

struct PersonCount {
    /// Persons whose face data are stored: measures for the security management of face-recognition technology, China, in force
    /// since 2025-06-01, which ask for a filing within 30 working days.
    static let filing: Int64 = 100_000

    let connection: any SQLConnection
    let sealer: SecretSealer
    let now: Timestamp

    static func tally(_ connection: any SQLConnection, _ account: AccountID) throws -> PersonTally {
        let count: Int64 = try connection.rows(
            "SELECT CAST(coalesce(sum(persons), 0) AS BIGINT) AS n FROM gallery WHERE account_id = ?", [.text(account.rawValue)])[0].integer("n")
        return PersonTally(persons: count, warning: Int64(try Settings(connection)[.personWarning]) ?? 90_000, filing: filing)
    }

    /// Tells the account, once each, that it has come to the warning and to the filing.
    /// - Throws: `conflict` beyond what a hub keeps for one account.
    func check(_ account: AccountID) throws {
        let tally: PersonTally = try Self.tally(connection, account)
        guard tally.persons <= GalleryLimit.personsPerAccount else {
            throw Problem(
                .conflict, "An account keeps at most \(GalleryLimit.personsPerAccount) persons on one hub.", remedy: "Erase those that are not needed.")
        }
        for level in [tally.warning, tally.filing] where tally.persons >= level {
            let isNews: Bool =
                try connection.execute(
                    "UPDATE account SET persons_told = ? WHERE id = ? AND persons_told < ?", [.integer(level), .text(account.rawValue), .integer(level)]) == 1
            guard isNews else { continue }
            try Outbox(connection: connection, sealer: sealer, now: now).tell(
                account, .personCount(tally.persons, level: level, filing: tally.filing), mailing: .owners)
        }
    }
}

extension Hub {
    package func personTally(_ account: AccountID) async throws -> PersonTally { try await database.read { try PersonCount.tally($0, account) } }
}
