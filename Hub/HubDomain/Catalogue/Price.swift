import HubStorage
import WireModel

/// What one API costs from a date on, and how much of it a device may take along offline. A price is never changed:
/// a new version takes its place, and past use stays billed at the one then in force.
package struct Price: Sendable, Codable {
    package let id: PriceID
    package let api: APIName
    package let version: Int64
    /// Of the first unit that is not free.
    package let unitPrice: Money
    package let effective: Timestamp
    package let lease: LeaseTerms
    /// Accounts choose among the plans of an API.
    package let plan: String
    /// The only account it holds for; `nil` for a price of the list.
    package let account: AccountID?
    package let tariff: Tariff

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
            hardLimit: try row.integer("hard_limit"), graceMilliseconds: try row.integer("lease_grace_ms"))
        plan = try row.text("plan")
        account = try row.textOrNil("account_id").flatMap(AccountID.init(rawValue:))
        let steps: String = try row.text("tariff")
        tariff = steps.isEmpty ? Tariff(flat: unitPrice.millionths) : try JSON.value(Tariff.self, from: steps)
    }

    package func cost(_ units: Int64) -> Money { Money(millionths: tariff.cost(units), currency: unitPrice.currency) }
}

/// What a device gets in one lease of this API.
package struct LeaseTerms: Sendable, Codable, Hashable {
    /// Topped up to this at each renewal. Small slices bound what a copied disk could spend twice.
    package let units: Int64
    package let termMilliseconds: Int64
    package let whenExhausted: ExhaustionPolicy
    package let hardLimit: Int64
    /// Uses go on for so long after the term, flagged as late.
    package let graceMilliseconds: Int64

    package init(units: Int64, termMilliseconds: Int64, whenExhausted: ExhaustionPolicy, hardLimit: Int64, graceMilliseconds: Int64 = 0) {
        self.units = units
        self.termMilliseconds = termMilliseconds
        self.whenExhausted = whenExhausted
        self.hardLimit = hardLimit
        self.graceMilliseconds = graceMilliseconds
    }
}

extension Hub {
    /// - Parameters:
    ///   - unitPrice: of every unit, unless there is a tariff.
    ///   - effective: `nil` means now. The past cannot be priced anew, but where there was no price at all: after a
    ///     restore from a backup of before the first one. A dearer price of the list needs notice.
    ///   - account: whose contract it is; such a price goes before those of the list.
    package func setPrice(
        api: APIName, unitPrice: Money, effective: Timestamp?, lease: LeaseTerms, plan: String = Price.standardPlan, tariff: Tariff? = nil,
        account reference: String? = nil, by actor: Actor
    ) async throws -> Price {
        try await act(actor) { connection, trail, now in
            let account: AccountID? = try reference.map { try Self.account(connection, $0).id }
            return try Self.setPrice(
                connection, trail, api: api, tariff: tariff ?? Tariff(flat: unitPrice.millionths), currency: unitPrice.currency, effective: effective ?? now,
                lease: lease, plan: plan, account: account, now: now)
        }
    }

    static func setPrice(
        _ connection: any SQLConnection, _ trail: AuditTrail, api: APIName, tariff: Tariff, currency: String, effective: Timestamp, lease: LeaseTerms,
        plan: String, account: AccountID?, isAgreed: Bool = false, now: Timestamp
    ) throws -> Price {
        try checkSold(connection, api)
        guard lease.units > 0, lease.termMilliseconds > 0, lease.hardLimit >= 0, lease.graceMilliseconds >= 0 else {
            throw Problem(.invalidRequest, "A lease has at least one unit and lasts some time.", remedy: "Give positive --lease-units and --lease-days.")
        }
        if effective < now,
            let earlier = try connection.firstRow(
                "SELECT effective_ms FROM price WHERE api = ? AND effective_ms <= ? LIMIT 1",
                [
                    .text(api.rawValue), .integer(effective.milliseconds),
                ])
        {
            throw Problem(
                .invalidRequest, "A price cannot begin in the past where there was one.",
                detail: "\(effective); one holds from \(try earlier.time("effective_ms"))", remedy: "Leave out --effective, or name a time to come.")
        }
        guard tariff.steps.allSatisfy({ $0.price <= Tariff.highestPrice }) else {
            throw Problem(.invalidRequest, "A unit costs at most 10000.", remedy: "Check the price: it is per unit.")
        }
        guard Price.isPlan(plan) else {
            throw Problem(.invalidRequest, "That is not a plan's name.", detail: plan, remedy: "Use 1 to 40 lower-case letters, digits and hyphens.")
        }
        let last: Price? = try connection.firstRow(
            "SELECT * FROM price WHERE api = ? AND plan = ? AND coalesce(account_id, '') = ? ORDER BY effective_ms DESC, version DESC LIMIT 1",
            [.text(api.rawValue), .text(plan), .text(account?.rawValue ?? "")]
        ).map(Price.init)
        if let last, last.unitPrice.currency != currency {
            throw Problem(
                .conflict, "A plan keeps its currency.", detail: "\(last.unitPrice.currency), not \(currency)", remedy: "Make a new plan for another currency.")
        }
        if !isAgreed { try checkNotice(connection, of: tariff, currency, api, plan: plan, account: account, effective: effective, now: now) }
        let id = PriceID(at: now)
        let row: SQLRow = try connection.rows(
            """
            INSERT INTO price (id, api, version, unit_price, currency, effective_ms, lease_units, lease_term_ms, when_exhausted, hard_limit, created_ms,
                plan, account_id, tariff, announced_ms, lease_grace_ms)
            VALUES (?, ?, (SELECT coalesce(max(version), 0) + 1 FROM price WHERE api = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *
            """,
            [
                .text(id.rawValue), .text(api.rawValue), .text(api.rawValue), .integer(tariff.steps[0].price), .text(currency),
                .integer(effective.milliseconds), .integer(lease.units), .integer(lease.termMilliseconds), .text(lease.whenExhausted.rawValue),
                .integer(lease.whenExhausted == .refuse ? 0 : lease.hardLimit), .integer(now.milliseconds), .text(plan), SQLValue(account?.rawValue),
                .text(try JSON.text(tariff)), last == nil && account == nil ? .integer(now.milliseconds) : .null,
                .integer(lease.graceMilliseconds),
            ])[0]
        let price = try Price(row)
        try trail.record(
            .priceSet, account: account, subject: id.rawValue,
            ["api": api.rawValue, "plan": plan, "price": price.unitPrice.text, "effective": effective.description])
        return price
    }

    /// A price that is dearer, at some volume, than what is paid before it needs notice: than each that is in force from now until it.
    private static func checkNotice(
        _ connection: any SQLConnection, of tariff: Tariff, _ currency: String, _ api: APIName, plan: String, account: AccountID?, effective: Timestamp,
        now: Timestamp
    ) throws {
        guard try isUsed(connection, api) else { return }
        var before: [Price] = []
        if let account {
            if let paid = try price(connection, api, for: account, at: now) { before.append(paid) }
        } else {
            let listed: [Price] = try connection.rows(
                "SELECT * FROM price WHERE api = ? AND plan = ? AND account_id IS NULL AND effective_ms <= ? ORDER BY effective_ms, version",
                [.text(api.rawValue), .text(plan), .integer(effective.milliseconds)]
            ).map(Price.init)
            before = listed.filter { $0.effective > now } + (listed.last { $0.effective <= now }.map { [$0] } ?? [])
        }
        // What was announced in time may be kept to, at its day or later.
        let isAnnounced: Bool = before.contains { $0.effective > now && !tariff.isDearer(than: $0.tariff) }
        let current: Price? = before.last { $0.effective <= now }
        guard let current, current.unitPrice.currency != currency || tariff.isDearer(than: current.tariff), !isAnnounced else { return }
        try checkNotice(connection, effective, now: now)
    }

    /// Whether some account uses it, or may.
    static func isUsed(_ connection: any SQLConnection, _ api: APIName) throws -> Bool {
        try connection.firstRow(
            """
            SELECT api FROM entitlement WHERE api = ? AND ended_ms IS NULL UNION ALL SELECT api FROM quota WHERE api = ? AND units > 0 LIMIT 1
            """, [.text(api.rawValue), .text(api.rawValue)]) != nil
    }

    package func prices() async throws -> [Price] {
        try await database.read { try $0.rows("SELECT * FROM price ORDER BY api, version", []).map(Price.init) }
    }

    /// What an account pays for a use at a time: its contract's price, else that of the plan it had then.
    static func price(_ connection: any SQLConnection, _ api: APIName, for account: AccountID, at time: Timestamp) throws -> Price? {
        let rows: [SQLRow] = try connection.rows(
            """
            SELECT price.* FROM price WHERE api = ? AND effective_ms <= ?
                AND (account_id = ? OR (account_id IS NULL AND plan = coalesce(
                    (SELECT plan FROM account_plan WHERE account_id = ? AND api = ? AND from_ms <= ? ORDER BY from_ms DESC LIMIT 1), ?)))
            ORDER BY CASE WHEN account_id IS NULL THEN 1 ELSE 0 END, effective_ms DESC, version DESC LIMIT 1
            """,
            [
                .text(api.rawValue), .integer(time.milliseconds), .text(account.rawValue), .text(account.rawValue), .text(api.rawValue),
                .integer(time.milliseconds), .text(Price.standardPlan),
            ])
        return try rows.first.map(Price.init)
    }
}

extension Price {
    package static let standardPlan: String = "standard"

    static func isPlan(_ name: String) -> Bool {
        (1...40).contains(name.utf8.count) && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }
}
