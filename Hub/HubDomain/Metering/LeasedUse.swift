import HubStorage
import WireModel

/// What devices hold in leases and have not reported as used, and the money that waits for it: `leased_use`, or one allotment's part of it.
struct LeasedUse: Equatable {
    var units: Int64
    /// Millionths.
    var held: Int64

    static let nothing = LeasedUse(units: 0, held: 0)

    init(units: Int64, held: Int64) { (self.units, self.held) = (units, held) }

    /// Of one lease; `nil` when there is none.
    init(_ row: Allotment?) { self = row.map { $0.remaining > 0 ? LeasedUse(units: $0.remaining, held: $0.held) : .nothing } ?? .nothing }

    /// Of an API, whatever its prices.
    static func units(_ connection: any SQLConnection, _ account: AccountID, _ api: APIName) throws -> Int64 {
        try connection.rows(
            "SELECT coalesce(sum(units), 0) AS units FROM leased_use WHERE account_id = ? AND api = ?", [.text(account.rawValue), .text(api.rawValue)])[0]
            .integer("units")
    }

    static func load(_ connection: any SQLConnection, _ account: AccountID, _ price: PriceID) throws -> LeasedUse {
        let row: SQLRow = try connection.rows(
            "SELECT coalesce(sum(units), 0) AS units, coalesce(sum(held), 0) AS held FROM leased_use WHERE account_id = ? AND price_id = ?",
            [.text(account.rawValue), .text(price.rawValue)])[0]
        return LeasedUse(units: try row.integer("units"), held: try row.integer("held"))
    }

    /// An allotment is written that was another before.
    static func follow(_ connection: any SQLConnection, _ account: AccountID, _ api: APIName, from former: Allotment?, to row: Allotment) throws {
        var (change, before): (LeasedUse, LeasedUse) = (LeasedUse(row), LeasedUse(former))
        if let former, former.price != row.price {
            try before.negated.add(connection, account, api, former.price)
            before = .nothing
        }
        change.units -= before.units
        change.held -= before.held
        try change.add(connection, account, api, row.price)
    }

    /// What a device held goes back.
    static func letGo(_ connection: any SQLConnection, _ device: DeviceID, of account: AccountID) throws {
        for row in try connection.rows(
            "SELECT api, price_id, sum(ceiling - spent) AS units, sum(held) AS held FROM allotment WHERE device_id = ? AND ceiling > spent GROUP BY api, price_id",
            [.text(device.rawValue)])
        {
            guard let api = APIName(rawValue: try row.text("api")), let price = PriceID(rawValue: try row.text("price_id")) else {
                throw HubStorageError.damaged
            }
            try LeasedUse(units: try row.integer("units"), held: try row.integer("held")).negated.add(connection, account, api, price)
        }
    }

    private var negated: LeasedUse { LeasedUse(units: -units, held: -held) }

    private func add(_ connection: any SQLConnection, _ account: AccountID, _ api: APIName, _ price: PriceID) throws {
        guard self != .nothing else { return }
        try connection.execute(
            """
            INSERT INTO leased_use (account_id, api, price_id, units, held) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (account_id, api, price_id) DO UPDATE SET units = leased_use.units + excluded.units, held = leased_use.held + excluded.held
            """, [.text(account.rawValue), .text(api.rawValue), .text(price.rawValue), .integer(units), .integer(held)])
    }
}
