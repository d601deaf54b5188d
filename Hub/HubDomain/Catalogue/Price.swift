import HubStorage
import WireModel

/// What one API costs from a date on, and how much of it a device may take along offline. A price is never changed:
/// a new version takes its place, and past use stays billed at the one then in force.
package struct Price: Sendable, Codable {
    package let id: PriceID
    package let api: APIName
    package let version: Int64
    package let unitPrice: Money
    package let effective: Timestamp
    package let lease: LeaseTerms

    init(_ row: SQLRow) throws {
        guard let id = PriceID(rawValue: try row.text("id")), let api = APIName(rawValue: try row.text("api")),
            let policy = ExhaustionPolicy(rawValue: try row.text("when_exhausted"))
        else { throw HubStorageError.damaged }
        self.id = id
        self.api = api
        version = try row.integer("version")
        unitPrice = Money(millionths: try row.integer("unit_price"), currency: try row.text("currency"))
        effective = Timestamp(milliseconds: try row.integer("effective_ms"))
        lease = LeaseTerms(
            units: try row.integer("lease_units"), termMilliseconds: try row.integer("lease_term_ms"), whenExhausted: policy,
            hardLimit: try row.integer("hard_limit"))
    }
}

/// What a device gets in one lease of this API.
package struct LeaseTerms: Sendable, Codable, Hashable {
    /// Topped up to this at each renewal. Small slices bound what a copied disk could spend twice.
    package let units: Int64
    package let termMilliseconds: Int64
    package let whenExhausted: ExhaustionPolicy
    package let hardLimit: Int64

    package init(units: Int64, termMilliseconds: Int64, whenExhausted: ExhaustionPolicy, hardLimit: Int64) {
        self.units = units
        self.termMilliseconds = termMilliseconds
        self.whenExhausted = whenExhausted
        self.hardLimit = hardLimit
    }
}

/// How much of an API an account may use in all.
package struct Quota: Sendable, Codable {
    package let account: AccountID
    package let api: APIName
    package let units: Int64
    /// Used and in the ledger.
    package let settled: Int64
    /// Given to devices in leases and not yet reported as used.
    package let reserved: Int64
}

extension Hub {
    /// - Parameter effective: `nil` means now. The past cannot be priced anew.
    package func setPrice(api: APIName, unitPrice: Money, effective: Timestamp?, lease: LeaseTerms, by actor: Actor) async throws -> Price {
        let now: Timestamp = now()
        guard APIName.all.contains(api) else {
            throw Problem(
                .invalidRequest, "This version meters no such API.", detail: api.rawValue,
                remedy: "Choose one of: \(APIName.all.map(\.rawValue).joined(separator: ", ")).")
        }
        guard lease.units > 0, lease.termMilliseconds > 0, lease.hardLimit >= 0 else {
            throw Problem(.invalidRequest, "A lease has at least one unit and lasts some time.", remedy: "Give positive --lease-units and --lease-days.")
        }
        guard (effective ?? now) >= now else {
            throw Problem(
                .invalidRequest, "A price cannot begin in the past.", detail: "\(effective ?? now)", remedy: "Leave out --effective, or name a time to come.")
        }
        let id = PriceID(at: now)
        return try await act(actor) { connection, trail, _ in
            try connection.execute(
                """
                INSERT INTO price (id, api, version, unit_price, currency, effective_ms, lease_units, lease_term_ms, when_exhausted, hard_limit, created_ms)
                VALUES (?, ?, (SELECT coalesce(max(version), 0) + 1 FROM price WHERE api = ?), ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(id.rawValue), .text(api.rawValue), .text(api.rawValue), .integer(unitPrice.millionths), .text(unitPrice.currency),
                    .integer((effective ?? now).milliseconds), .integer(lease.units), .integer(lease.termMilliseconds),
                    .text(lease.whenExhausted.rawValue), .integer(lease.whenExhausted == .refuse ? 0 : lease.hardLimit), .integer(now.milliseconds),
                ])
            try trail.record(
                .priceSet, subject: id.rawValue, ["api": api.rawValue, "price": unitPrice.text, "effective": (effective ?? now).description])
            return try Price(try connection.rows("SELECT * FROM price WHERE id = ?", [.text(id.rawValue)])[0])
        }
    }

    package func prices() async throws -> [Price] {
        try await database.read { try $0.rows("SELECT * FROM price ORDER BY api, version", []).map(Price.init) }
    }

    static func price(_ connection: any SQLConnection, _ api: APIName, at time: Timestamp) throws -> Price? {
        try connection.firstRow(
            "SELECT * FROM price WHERE api = ? AND effective_ms <= ? ORDER BY effective_ms DESC, version DESC LIMIT 1",
            [.text(api.rawValue), .integer(time.milliseconds)]
        ).map(Price.init)
    }

    /// Sets what an account may use of an API in all, use so far included.
    package func setQuota(account reference: String, api: APIName, units: Int64, by actor: Actor) async throws -> Quota {
        guard units >= 0 else { throw Problem(.invalidRequest, "A quota is not negative.", remedy: "Give --units of 0 or more.") }
        return try await act(actor) { connection, trail, _ in
            let account: Account = try Self.account(connection, reference)
            let before: Quota? = try Self.quota(connection, account.id, api)
            if let before, units < before.settled + before.reserved {
                throw Problem(
                    .conflict, "That quota is below what is used or already in the hands of devices.",
                    detail: "\(before.settled) units used, \(before.reserved) reserved by leases", remedy: "Set at least \(before.settled + before.reserved).")
            }
            try connection.execute(
                "INSERT INTO quota (account_id, api, units) VALUES (?, ?, ?) ON CONFLICT (account_id, api) DO UPDATE SET units = excluded.units",
                [.text(account.id.rawValue), .text(api.rawValue), .integer(units)])
            try trail.record(.quotaSet, account: account.id, subject: api.rawValue, ["units": "\(units)"])
            return try Self.quota(connection, account.id, api)!
        }
    }

    package func quotas(account reference: String) async throws -> [Quota] {
        try await database.read { connection in
            let account: Account = try Self.account(connection, reference)
            return try connection.rows("SELECT api FROM quota WHERE account_id = ? ORDER BY api", [.text(account.id.rawValue)]).compactMap { row in
                guard let api = APIName(rawValue: try row.text("api")) else { return nil }
                return try Self.quota(connection, account.id, api)
            }
        }
    }

    static func quota(_ connection: any SQLConnection, _ account: AccountID, _ api: APIName) throws -> Quota? {
        let key: [SQLValue] = [.text(account.rawValue), .text(api.rawValue)]
        guard let row = try connection.firstRow("SELECT units, settled FROM quota WHERE account_id = ? AND api = ?", key) else { return nil }
        let reserved = try connection.rows(
            "SELECT coalesce(sum(ceiling - spent), 0) AS units FROM allotment WHERE account_id = ? AND api = ? AND ceiling > spent", key)
        return Quota(
            account: account, api: api, units: try row.integer("units"), settled: try row.integer("settled"), reserved: try reserved[0].integer("units"))
    }
}
