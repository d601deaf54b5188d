import HubStorage
import WireModel

/// `quota`, as a batch changes it.
struct QuotaRow {
    let account: AccountID
    let api: APIName
    let units: Int64
    let period: UsePeriod
    let window: Int64
    var settled: Int64
    var claimed: Int64
    /// In the hands of devices.
    let leased: Int64

    var free: Int64 { max(0, units - settled - claimed - leased) }

    static func load(_ connection: any SQLConnection, _ account: AccountID, _ api: APIName, now: Timestamp) throws -> QuotaRow? {
        guard
            let row = try connection.firstRow("SELECT * FROM quota WHERE account_id = ? AND api = ?", [.text(account.rawValue), .text(api.rawValue)])
        else { return nil }
        guard let period = UsePeriod(rawValue: try row.text("period")) else { throw HubStorageError.damaged }
        let (stored, begin): (Int64, Int64) = (try row.integer("window_ms"), period.begin(at: now))
        return QuotaRow(
            account: account, api: api, units: try row.integer("units"), period: period, window: max(stored, begin),
            settled: stored >= begin ? try row.integer("settled") : 0, claimed: try row.integer("claimed"),
            leased: try LeasedUse.units(connection, account, api))
    }

    func save(_ connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE quota SET settled = ?, claimed = ?, window_ms = ? WHERE account_id = ? AND api = ?",
            [.integer(settled), .integer(claimed), .integer(window), .text(account.rawValue), .text(api.rawValue)])
    }
}

/// `entitlement`, as a batch changes it.
struct EntitlementRow {
    let id: EntitlementID
    let state: Entitlement.State
    let pausedByOperator: Bool
    let trialEnds: Timestamp?
    let units: Int64?
    let period: UsePeriod
    let window: Int64
    var used: Int64
    var claimed: Int64

    init(_ row: SQLRow, now: Timestamp) throws {
        guard let id = EntitlementID(rawValue: try row.text("id")), let state = Entitlement.State(rawValue: try row.text("state")),
            let period = UsePeriod(rawValue: try row.text("period"))
        else { throw HubStorageError.damaged }
        self.id = id
        self.state = state
        self.period = period
        pausedByOperator = try row.textOrNil("paused_by") == Entitlement.byOperator
        trialEnds = try row.timeOrNil("trial_ends_ms")
        units = try row.integerOrNil("units")
        let (stored, begin): (Int64, Int64) = (try row.integer("window_ms"), period.begin(at: now))
        window = max(stored, begin)
        used = stored >= begin ? try row.integer("used") : 0
        claimed = try row.integer("claimed")
    }

    func save(_ connection: any SQLConnection) throws {
        try connection.execute(
            "UPDATE entitlement SET used = ?, claimed = ?, window_ms = ? WHERE id = ?",
            [.integer(used), .integer(claimed), .integer(window), .text(id.rawValue)])
    }
}

/// How many places of a tariff are taken in a month.
struct TariffCount {
    var units: Int64
    /// By calls under way.
    var claimed: Int64
    /// Millionths of the balance that wait for the calls under way, all together.
    var held: Int64

    static func load(_ connection: any SQLConnection, _ key: MeterBatch.CountKey) throws -> TariffCount {
        let row: SQLRow? = try connection.firstRow(
            "SELECT units, claimed, held FROM tariff_count WHERE account_id = ? AND price_id = ? AND month = ?",
            [.text(key.account.rawValue), .text(key.price.rawValue), .integer(key.month.number)])
        return TariffCount(units: try row?.integer("units") ?? 0, claimed: try row?.integer("claimed") ?? 0, held: try row?.integer("held") ?? 0)
    }

    func save(_ connection: any SQLConnection, _ key: MeterBatch.CountKey) throws {
        try connection.execute(
            """
            INSERT INTO tariff_count (account_id, price_id, month, units, claimed, held) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (account_id, price_id, month) DO UPDATE SET units = excluded.units, claimed = excluded.claimed, held = excluded.held
            """,
            [.text(key.account.rawValue), .text(key.price.rawValue), .integer(key.month.number), .integer(units), .integer(claimed), .integer(held)])
    }
}

/// Units of an API that were paid beforehand.
struct PackRow {
    let id: PurchaseID
    let begins: Timestamp
    let ends: Timestamp
    let units: Int64
    var used: Int64
    var isChanged: Bool = false

    func holds(at time: Timestamp) -> Bool { begins <= time && time < ends && used < units }

    static func load(_ connection: any SQLConnection, _ account: AccountID, _ api: APIName) throws -> [PackRow] {
        try connection.rows(
            "SELECT * FROM purchase WHERE account_id = ? AND api = ? AND kind = 'pack' AND used < units ORDER BY ends_ms, id",
            [.text(account.rawValue), .text(api.rawValue)]
        ).map { row in
            guard let id = PurchaseID(rawValue: try row.text("id")) else { throw HubStorageError.damaged }
            return PackRow(
                id: id, begins: try row.time("begins_ms"), ends: try row.time("ends_ms"), units: try row.integer("units"), used: try row.integer("used"))
        }
    }

    func save(_ connection: any SQLConnection) throws {
        try connection.execute("UPDATE purchase SET used = ? WHERE id = ?", [.integer(used), .text(id.rawValue)])
    }
}
