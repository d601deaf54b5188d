import Foundation
import HubAccess
import HubDomain
import HubStorage
import ServiceSupport
import TestKit
import Testing
import WireModel

/// A hub on the engine under test, whose database the test also reaches behind the hub's back.
final class HubFixture {
    let database: TestDatabase
    let hub: Hub
    let clock = ManualClock()
    var directory: String { database.folderForKeys }

    init() async throws {
        database = try TestDatabase()
        hub = try await Hub.open(directory: database.folderForKeys, database: database.location, mayMake: true, clock: clock, passwords: .quick)
    }
}

@Suite("Proof of acceptance")
struct ProofTests {
    /// Every column whose change would change what was decided, by whom, when, on what, or what the chain says of it.
    private static let columns: [String: [String]] = [
        "acceptance": [
            "id", "account_id", "principal_id", "version_id", "language", "text_hash", "decision", "manner", "email", "address", "nonce", "decided_ms",
            "digest", "audit_seq",
        ],
        "agreement_version": ["number", "acceptance", "notice_ms", "effective_ms", "hash"],
        "agreement_text": ["title", "body", "hash", "language"],
        "audit_entry": ["seq", "at_ms", "actor_kind", "actor", "address", "action", "account_id", "subject", "detail", "previous", "hash"],
        "audit_head": ["seq", "hash"],
    ]

    private static func isDetected(_ hub: Hub, _ account: AccountID) async -> Bool {
        // A fault that is found, or a record that can no longer be read: either shows.
        guard let proof = try? await hub.proveAcceptance(account: account.rawValue) else { return true }
        return !proof.isProven
    }

    @Test("one byte altered in any column of a decision, its text, its version or the audit chain is detected; put back, all is proven again")
    func alteredByte() async throws {
        let fixture = try await HubFixture()
        let account: Account = try await fixture.hub.openTestAccount()
        _ = try await fixture.hub.openTestAccount("Other", email: "owner@other.example")
        try await fixture.hub.anchorAudit()
        #expect(try await fixture.hub.proveAcceptance(account: "Acme").isProven)
        var alterations: Int = 0
        for (table, columns) in Self.columns {
            let rows: [SQLRow] = try await Self.rows(of: table, for: account.id, in: fixture.database)
            #expect(!rows.isEmpty, "\(table)")
            let row: SQLRow = try #require(rows.randomElement())
            for column in columns {
                guard let at = row.columns.firstIndex(of: column),
                    let altered = try await Self.altered(row.values[at], table, column, in: fixture.database)
                else { continue }
                alterations += 1
                try await Self.set(table, column, altered, where: row, in: fixture.database)
                let isSeen: Bool = await Self.isDetected(fixture.hub, account.id)
                #expect(isSeen, "\(table).\(column)")
                try await Self.set(table, column, row.values[at], where: row, was: (column, altered), in: fixture.database)
                #expect(try await fixture.hub.proveAcceptance(account: account.id.rawValue).isProven, "\(table).\(column) put back")
            }
        }
        #expect(alterations >= 30)
    }

    @Test("a decision taken away with its audit entry and the head moved back is betrayed by the anchor outside the database")
    func truncated() async throws {
        let fixture = try await HubFixture()
        let account: Account = try await fixture.hub.openTestAccount()
        try await fixture.hub.anchorAudit()
        let report: AuditReport = try await fixture.hub.verifyAudit()
        #expect(report.isIntact && report.anchoredThrough == report.entries)
        let last: SQLRow = try #require(try await fixture.database.rows("SELECT * FROM audit_entry ORDER BY seq DESC LIMIT 1").first)
        try await fixture.database.execute("DELETE FROM audit_entry WHERE seq = ?", [.integer(try last.integer("seq"))])
        try await fixture.database.execute("UPDATE audit_head SET seq = seq - 1, hash = ?", [.blob(try last.blob("previous"))])
        // Within the database everything fits again.
        let after: AuditReport = try await fixture.hub.verifyAudit()
        #expect(after.faults == ["entry \(report.entries) was anchored and is gone"])
        #expect(await Self.isDetected(fixture.hub, account.id))
    }

    @Test("a decision that is deleted, or copied to another account, is missed")
    func moved() async throws {
        let fixture = try await HubFixture()
        let account: Account = try await fixture.hub.openTestAccount()
        let other: Account = try await fixture.hub.openTestAccount("Other", email: "owner@other.example")
        try await fixture.database.execute(
            "DELETE FROM acceptance WHERE id = (SELECT id FROM acceptance WHERE account_id = ? ORDER BY id LIMIT 1)", [.text(account.id.rawValue)])
        #expect(await Self.isDetected(fixture.hub, account.id))
        #expect(try await fixture.hub.proveAcceptance(account: "Other").isProven)
        try await fixture.database.execute(
            "UPDATE acceptance SET account_id = ? WHERE account_id = ?", [.text(account.id.rawValue), .text(other.id.rawValue)])
        #expect(await Self.isDetected(fixture.hub, account.id))
        #expect(await Self.isDetected(fixture.hub, other.id))
        #expect(try await fixture.hub.verify().contains { $0.name == "agreements" && !$0.faults.isEmpty })
    }

    @Test("an entry that says the hub was restored forgives nothing: only the signed line of a real restore does")
    func forgedRestore() async throws {
        let fixture = try await HubFixture()
        let account: Account = try await fixture.hub.openTestAccount()
        try await fixture.hub.anchorAudit()
        // The newest entry becomes one that claims a restore, with a hash that fits it: the chain within the database is whole.
        let last: SQLRow = try #require(try await fixture.database.rows("SELECT * FROM audit_entry ORDER BY seq DESC LIMIT 1").first)
        let forged: EntryHash = AuditForgery.hash(
            seq: try last.integer("seq"), time: try last.integer("at_ms"), action: "hub.restore", previous: try last.blob("previous"))
        try await fixture.database.execute(
            "UPDATE audit_entry SET actor_kind = '', actor = '', address = '', action = 'hub.restore', account_id = NULL, subject = '', detail = '', hash = ? WHERE seq = ?",
            [.blob(forged.bytes), .integer(try last.integer("seq"))])
        try await fixture.database.execute("UPDATE audit_head SET hash = ?", [.blob(forged.bytes)])
        let report: AuditReport = try await fixture.hub.verifyAudit()
        #expect(report.faults.count == 2, "\(report.faults)")
        #expect(report.faults.contains { $0.contains("no signed line") })
        #expect(report.faults.contains { $0.contains("is not the one that was anchored") })
        #expect(await Self.isDetected(fixture.hub, account.id))
    }

    @Test("anchors cut off by a power loss are mended; one that was forged is seen")
    func anchors() async throws {
        let fixture = try await HubFixture()
        try await fixture.hub.openTestAccount()
        try await fixture.hub.anchorAudit()
        let file: String = fixture.directory + "/audit-anchors"
        let whole: String = try String(contentsOfFile: file, encoding: .utf8)
        try (whole + "{\"seq\":99").write(toFile: file, atomically: false, encoding: .utf8)
        #expect(try await fixture.hub.verifyAudit().isIntact)
        fixture.clock.advance(by: .seconds(60))
        try await fixture.hub.openTestAccount("Other", email: "owner@other.example")
        try await fixture.hub.anchorAudit()
        let report: AuditReport = try await fixture.hub.verifyAudit()
        #expect(report.isIntact && report.anchors == 2)
        let forged: String = try String(contentsOfFile: file, encoding: .utf8).replacing("\"hubEpoch\":1", with: "\"hubEpoch\":2")
        try forged.write(toFile: file, atomically: false, encoding: .utf8)
        #expect(try await !fixture.hub.verifyAudit().isIntact)
    }

    // MARK: Reaching in

    private static func rows(of table: String, for account: AccountID, in database: TestDatabase) async throws -> [SQLRow] {
        let accepted: String = "SELECT version_id FROM acceptance WHERE account_id = ?"
        switch table {
        case "acceptance": return try await database.rows("SELECT * FROM acceptance WHERE account_id = ?", [.text(account.rawValue)])
        case "agreement_version": return try await database.rows("SELECT * FROM agreement_version WHERE id IN (\(accepted))", [.text(account.rawValue)])
        // The text that was decided on, in the language it was read in.
        case "agreement_text":
            return try await database.rows("SELECT * FROM agreement_text WHERE version_id IN (\(accepted)) AND language = 'en'", [.text(account.rawValue)])
        case "audit_entry":
            return try await database.rows(
                "SELECT * FROM audit_entry WHERE account_id = ? AND action = 'agreement.decide'", [.text(account.rawValue)])
        default: return try await database.rows("SELECT * FROM \(table)")
        }
    }

    /// The same with one byte, or one unit, other than it was. Where the schema allows only certain words, another of them;
    /// where it wants something that exists, another that does.
    private static func altered(_ value: SQLValue, _ table: String, _ column: String, in database: TestDatabase) async throws -> SQLValue? {
        let referenced: [String: String] = ["account_id": "account", "principal_id": "principal", "version_id": "agreement_version"]
        if table == "acceptance", let other = referenced[column] {
            return try await database.rows("SELECT id FROM \(other) WHERE id <> ? LIMIT 1", [value]).first?.values[0]
        }
        switch (value, column) {
        case (.integer(let number), "seq"): return .integer(number + 1_000)
        case (.text(let text), "decision"): return .text(text == "accepted" ? "declined" : "accepted")
        case (.text(let text), "manner"): return .text(text == "explicit" ? "shell" : "explicit")
        case (.text(let text), "acceptance"): return .text(text == "explicit" ? "continued_use" : "explicit")
        case (.text(let text), _):
            guard !text.isEmpty else { return .text("x") }
            var bytes: [UInt8] = Array(text.utf8)
            let ascii: [Int] = bytes.indices.filter { (0x61...0x79).contains(bytes[$0]) || (0x30...0x38).contains(bytes[$0]) }
            guard let at = ascii.randomElement() else { return nil }
            bytes[at] += 1
            return .text(String(decoding: bytes, as: UTF8.self))
        case (.integer(let number), _): return .integer(number + 1)
        case (.blob(var bytes), _):
            guard let at = bytes.indices.randomElement() else { return nil }
            bytes[at] ^= 1
            return .blob(bytes)
        case (.null, _): return nil
        }
    }

    /// - Parameter was: the column that holds another value than the row's at the moment.
    private static func set(
        _ table: String, _ column: String, _ value: SQLValue, where row: SQLRow, was: (column: String, value: SQLValue)? = nil, in database: TestDatabase
    ) async throws {
        let keys: [String] =
            switch table {
            case "audit_head": ["only_row"]
            case "audit_entry": ["seq"]
            case "agreement_text": ["version_id", "language"]
            default: ["id"]
            }
        let values: [SQLValue] = keys.map { key in
            if let was, was.column == key { return was.value }
            return row.values[row.columns.firstIndex(of: key)!]
        }
        let condition: String = keys.map { "\($0) = ?" }.joined(separator: " AND ")
        try await database.execute("UPDATE \(table) SET \(column) = ? WHERE \(condition)", [value] + values)
    }
}
