import HubStorage
import WireModel

/// What an account paid, pays and will pay for one API: read once, asked for every entry of a batch.
struct PriceHistory {
    private let account: AccountID
    /// The one that goes before others comes first: contracts before the list, later before earlier.
    private let prices: [Price]
    /// Newest first.
    private let plans: [(from: Timestamp, plan: String)]

    init(_ connection: any SQLConnection, _ api: APIName, for account: AccountID) throws {
        self.account = account
        prices = try connection.rows(
            """
            SELECT * FROM price WHERE api = ? AND (account_id = ? OR account_id IS NULL)
            ORDER BY CASE WHEN account_id IS NULL THEN 1 ELSE 0 END, effective_ms DESC, version DESC
            """, [.text(api.rawValue), .text(account.rawValue)]
        ).map(Price.init)
        plans = try connection.rows(
            "SELECT from_ms, plan FROM account_plan WHERE account_id = ? AND api = ? ORDER BY from_ms DESC", [.text(account.rawValue), .text(api.rawValue)]
        ).map { (try $0.time("from_ms"), try $0.text("plan")) }
    }

    /// Before it nothing has a price; `nil`: nothing ever had.
    var earliest: Timestamp? { prices.map(\.effective).min() }

    /// As ``Hub/price(_:_:for:at:)`` answers.
    func price(at time: Timestamp) -> Price? {
        let plan: String = plans.first { $0.from <= time }?.plan ?? Price.standardPlan
        return prices.first { $0.effective <= time && ($0.account != nil || $0.plan == plan) }
    }
}
