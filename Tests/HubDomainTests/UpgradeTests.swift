import Foundation
import HubAccess
import HubDomain
import HubStorage
import ServiceSupport
import TestKit
import Testing
import WireModel

@Suite("Upgrade")
struct UpgradeTests {
    @Test("a hub of the first schema, with devices and a ledger, goes on: same usage, same devices; its account gets an owner and is active again")
    func first() async throws {
        let fixture = try await IntakeFixture()
        let device: PlayedDevice = try await fixture.device()
        try await device.sync()
        for _ in 0..<5 { device.use() }
        try await device.sync()
        let old = try TestDatabase()
        try await Self.writeFirstSchema(of: fixture, into: old)

        let hub = try await Hub.open(directory: fixture.folder, database: old.location, mayMake: false, clock: fixture.clock, passwords: .quick)
        let account: Account = try await hub.account("Acme")
        #expect(account.standing == .pending)
        #expect(account.ground == "opened_before_registration")
        #expect(try await hub.usage(account: "Acme").map(\.units) == [5])
        #expect(try await hub.devices().map(\.id) == [device.id])
        #expect(try await hub.verify().allSatisfy { $0.faults.isEmpty })

        // What the device used before is taken in whatever the account's standing; a new lease waits for it.
        let again: PlayedDevice = device.meeting(hub)
        again.use()
        #expect(try await again.sync().answers.last?.outcome == .accepted)
        #expect(try await hub.usage(account: "Acme").map(\.units) == [6])

        _ = try await hub.inviteOwner(try EmailAddress("owner@acme.example"), to: "Acme", language: .en, by: .test)
        let active: Account = try await hub.acceptInvitation(
            token: try await hub.mailedToken("owner@acme.example"), password: Hub.testPassword, accepted: try await hub.acceptableTexts(),
            address: "192.0.2.1")
        #expect(active.standing == .active)
        try await again.sync()
        #expect(again.lease != nil)
        await hub.close()
    }

    /// The rows that a hub of the first schema would have: those of the tables and columns there were.
    private static func writeFirstSchema(of fixture: IntakeFixture, into old: TestDatabase) async throws {
        let tables: [String] = [
            "hub", "account", "price", "quota", "join_token", "device", "journal_entry", "ledger_entry", "allotment", "lease_grant", "fork_alarm",
        ]
        let database: any HubDatabase = try await old.location.open(migrations: Array(HubSchema.migrations.prefix(1)))
        let added: Set<String> = [
            "authority", "standing_ground", "standing_since_ms", "language", "backed_up_seq", "plan", "tariff", "announced_ms", "claimed", "period",
            "window_ms", "held", "allows_templates", "persons_told", "body_digest", "quarantine", "quarantined_ms", "lease_grace_ms", "promised", "grace_ms",
            "settled_ms", "granted_epoch",
            "adopted_ms", "entry_kind", "entry_api", "entry_units", "entry_wall_ms", "resolved_ms", "resolution", "group_id",
            "overrides", "reported", "reported_ms", "stolen_ms", "certificate_ms", "next_certificate_pem", "next_certificate_serial", "next_certificate_ms",
            "rotate_ms", "replaced_by", "replaces",
        ]
        // What the ledger of that schema was has become one of the kinds of metering record.
        let ledger: String = "SELECT device_id, epoch, seq, account_id, api, units, price_id, used_ms, overdraft FROM metering_record"
        for table in tables {
            for row in try await fixture.hub.database.read({ try $0.rows(table == "ledger_entry" ? ledger : "SELECT * FROM \(table)", []) }) {
                let kept: [(String, SQLValue)] = zip(row.columns, row.values).filter { !added.contains($0.0) && !(table == "price" && $0.0 == "account_id") }
                    .map { ($0.0, $0.1) }
                let names: String = kept.map(\.0).joined(separator: ", ")
                let marks: String = kept.map { _ in "?" }.joined(separator: ", ")
                _ = try await database.write { try $0.execute("INSERT INTO \(table) (\(names)) VALUES (\(marks))", kept.map(\.1)) }
            }
        }
        await database.close()
    }
}
