import HubStorage
import WireModel

/// Claims, settlements and journal entries of one transaction. Rows that many of them touch — quota, entitlement, balance,
/// tariff, rate — are read once, changed in memory in the order of asking, and written once by ``flush``; so a crowd of calls
/// costs one commit, and none of them can overspend, because the transaction is serialisable.
final class MeterBatch {
    struct APIKeyed: Hashable {
        let account: AccountID
        let api: APIName
    }

    struct CountKey: Hashable {
        let account: AccountID
        let price: PriceID
        let month: CalendarMonth
    }

    let connection: any SQLConnection
    let now: Timestamp
    let books: Books
    private var quotas: Cached<APIKeyed, QuotaRow?> = Cached()
    private var entitlements: Cached<EntitlementID, EntitlementRow?> = Cached()
    private var counts: Cached<CountKey, TariffCount> = Cached()
    private var packs: Cached<APIKeyed, [PackRow]> = Cached()
    private var buckets: Cached<String, Int64> = Cached()
    private var records: Cached<String, MeteringRecord?> = Cached()
    private var newRecords: [String] = []
    private var prices: [PriceID: Price] = [:]
    private var currentPrices: [APIKeyed: Price?] = [:]
    private var offers: [APIName: Offer] = [:]
    private var live: [String: EntitlementID?] = [:]
    private var boosts: [APIKeyed: Int64] = [:]
    private var leases: [CountKey: LeasedUse] = [:]
    /// Whose holds change with what devices reported.
    var holdAtFlush: [CountKey: APIName] = [:]
    var keptAnswers: [(record: String, answer: KeptAnswer)] = []

    init(connection: any SQLConnection, now: Timestamp, actor: Actor = .system("meter")) {
        self.connection = connection
        self.now = now
        books = Books(connection: connection, now: now, actor: actor)
    }

    // MARK: Rows

    func quota(_ account: AccountID, _ api: APIName) throws -> QuotaRow? {
        try quotas.value(APIKeyed(account: account, api: api)) {
            try QuotaRow.load(connection, account, api, now: now)
        }
    }

    func change(quotaOf account: AccountID, _ api: APIName, _ body: (inout QuotaRow) -> Void) throws {
        guard var row = try quota(account, api) else { return }
        body(&row)
        quotas.set(APIKeyed(account: account, api: api), row)
    }

    /// The entitlement of an application to an API that has not ended.
    func entitlement(_ application: ApplicationID, _ api: APIName) throws -> EntitlementRow? {
        let name: String = "\(application)|\(api)"
        if live[name] == nil {
            let row: SQLRow? = try connection.firstRow(
                "SELECT * FROM entitlement WHERE application_id = ? AND api = ? AND ended_ms IS NULL", [.text(application.rawValue), .text(api.rawValue)])
            let found: EntitlementRow? = try row.map { try EntitlementRow($0, now: now) }
            if let found { entitlements.keep(found.id, found) }
            live[name] = .some(found?.id)
        }
        guard let id = live[name] ?? nil else { return nil }
        return try entitlement(id)
    }

    func entitlement(_ id: EntitlementID) throws -> EntitlementRow? {
        try entitlements.value(id) {
            try connection.firstRow("SELECT * FROM entitlement WHERE id = ?", [.text(id.rawValue)]).map { try EntitlementRow($0, now: now) }
        }
    }

    func change(entitlement id: EntitlementID, _ body: (inout EntitlementRow) -> Void) throws {
        guard var row = try entitlement(id) else { return }
        body(&row)
        entitlements.set(id, row)
    }

    func count(_ key: CountKey) throws -> TariffCount {
        try counts.value(key) { try TariffCount.load(connection, key) }
    }

    func change(countOf key: CountKey, _ body: (inout TariffCount) -> Void) throws {
        var row: TariffCount = try count(key)
        body(&row)
        counts.set(key, row)
    }

    /// By leases of the price that are not used up.
    func leased(_ key: CountKey) throws -> LeasedUse {
        if let leased = leases[key] { return leased }
        let leased: LeasedUse = try .load(connection, key.account, key.price)
        leases[key] = leased
        return leased
    }

    /// Packs of the API that are not used up, those that end first before others.
    func packs(_ account: AccountID, _ api: APIName) throws -> [PackRow] {
        try packs.value(APIKeyed(account: account, api: api)) { try PackRow.load(connection, account, api) }
    }

    func set(packs rows: [PackRow], _ account: AccountID, _ api: APIName) { packs.set(APIKeyed(account: account, api: api), rows) }

    func price(_ id: PriceID) throws -> Price {
        if let price = prices[id] { return price }
        guard let row = try connection.firstRow("SELECT * FROM price WHERE id = ?", [.text(id.rawValue)]) else { throw HubStorageError.damaged }
        let price = try Price(row)
        prices[id] = price
        return price
    }

    func keep(_ price: Price) { if prices[price.id] == nil { prices[price.id] = price } }

    /// What the account pays now.
    func currentPrice(_ account: AccountID, _ api: APIName) throws -> Price? {
        let key = APIKeyed(account: account, api: api)
        if let price = currentPrices[key] { return price }
        let price: Price? = try Hub.price(connection, api, for: account, at: now)
        currentPrices[key] = .some(price)
        if let price { prices[price.id] = price }
        return price
    }

    func offer(_ api: APIName) throws -> Offer {
        if let offer = offers[api] { return offer }
        let offer: Offer = try Hub.offer(connection, api, at: now)
        offers[api] = offer
        return offer
    }

    /// Calls that the account bought on top of an API's frequency, in the frequency's own span.
    func boost(_ account: AccountID, _ api: APIName) throws -> Int64 {
        let key = APIKeyed(account: account, api: api)
        if let boost = boosts[key] { return boost }
        let boost: Int64 = try connection.rows(
            "SELECT coalesce(sum(units), 0) AS n FROM purchase WHERE account_id = ? AND api = ? AND kind = 'frequency' AND begins_ms <= ? AND ends_ms > ?",
            [.text(account.rawValue), .text(api.rawValue), .integer(now.milliseconds), .integer(now.milliseconds)])[0].integer("n")
        boosts[key] = boost
        return boost
    }

    /// When a bucket is full again, microseconds since the epoch.
    func bucket(_ name: String) throws -> Int64 {
        try buckets.value(name) {
            try connection.firstRow("SELECT full_us FROM rate_bucket WHERE name = ?", [.text(name)]).map { try $0.integer("full_us") } ?? 0
        }
    }

    func set(bucket name: String, _ full: Int64) { buckets.set(name, full) }

    func record(_ id: String) throws -> MeteringRecord? {
        try records.value(id) {
            try connection.firstRow("SELECT * FROM metering_record WHERE id = ?", [.text(id)]).map(MeteringRecord.init)
        }
    }

    func set(_ record: MeteringRecord, isNew: Bool = false) {
        if isNew { newRecords.append(record.id) }
        records.set(record.id, record)
    }

    // MARK: Writing

    func flush() throws {
        leases = [:]
        for (key, api) in holdAtFlush { try hold(key, api) }
        holdAtFlush = [:]
        try books.flush()
        for case (_, let row?) in quotas.takeChanged() { try row.save(connection) }
        for case (_, let row?) in entitlements.takeChanged() { try row.save(connection) }
        for (key, row) in counts.takeChanged() { try row.save(connection, key) }
        for (_, rows) in packs.takeChanged() { for row in rows where row.isChanged { try row.save(connection) } }
        for (name, full) in buckets.takeChanged() {
            try connection.execute(
                "INSERT INTO rate_bucket (name, full_us) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET full_us = excluded.full_us",
                [.text(name), .integer(full)])
        }
        let new: Set<String> = Set(newRecords)
        var inserted: [[SQLValue]] = []
        for case (let id, let record?) in records.takeChanged() {
            if new.contains(id) { inserted.append(record.row) } else { try record.update(connection) }
        }
        try connection.insert(into: "metering_record", MeteringRecord.allColumns, inserted)
        newRecords = []
        for kept in keptAnswers { try kept.answer.keep(connection, record: kept.record, now: now) }
        keptAnswers = []
    }
}

/// Rows read once and written once.
struct Cached<Key: Hashable, Value> {
    private var values: [Key: Value] = [:]
    private var changed: [Key] = []
    private var isChanged: Set<Key> = []

    mutating func value(_ key: Key, load: () throws -> Value) rethrows -> Value {
        if let value = values[key] { return value }
        let value: Value = try load()
        values[key] = value
        return value
    }

    mutating func keep(_ key: Key, _ value: Value) { if values[key] == nil { values[key] = value } }

    mutating func set(_ key: Key, _ value: Value) {
        values[key] = value
        if isChanged.insert(key).inserted { changed.append(key) }
    }

    /// What was set, in the order of setting; after it nothing counts as changed.
    mutating func takeChanged() -> [(Key, Value)] {
        defer { (changed, isChanged) = ([], []) }
        return changed.map { ($0, values[$0]!) }  // set before it was noted
    }
}
