import HubStorage
import WireModel

/// A level at which the account wants to be told.
package struct Alert: Sendable, Encodable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// Charged this month, millionths, from the level on.
        case spend
        /// Left to be used, millionths, at the level or below.
        case balance
        /// Percent of an API's quota used, from the level on.
        case quota
    }

    package let id: AlertID
    package let kind: Kind
    package let api: APIName?
    package let level: Int64
    package let currency: String?
    /// Last told.
    package let fired: Timestamp?
    package let created: Timestamp
    /// What it was told for: a month, a quota's period; told once for each.
    let firedFor: String?
    let account: AccountID

    private enum CodingKeys: String, CodingKey { case id, kind, api, level, currency, fired, created }

    init(_ row: SQLRow) throws {
        guard let id = AlertID(rawValue: try row.text("id")), let kind = Kind(rawValue: try row.text("kind")),
            let account = AccountID(rawValue: try row.text("account_id"))
        else { throw HubStorageError.damaged }
        self.id = id
        self.kind = kind
        self.account = account
        api = try row.textOrNil("api").flatMap(APIName.init(rawValue:))
        level = try row.integer("level")
        currency = try row.textOrNil("currency")
        fired = try row.timeOrNil("fired_ms")
        firedFor = try row.textOrNil("fired_for")
        created = try row.time("created_ms")
    }
}

extension Hub {
    private static let mostAlerts: Int64 = 50

    package func alerts(_ account: AccountID) async throws -> [Alert] {
        try await database.read { try $0.rows("SELECT * FROM alert WHERE account_id = ? ORDER BY id", [.text(account.rawValue)]).map(Alert.init) }
    }

    package func addAlert(
        _ kind: Alert.Kind, level: Int64, api: APIName?, currency: String?, account: AccountID, by actor: Actor
    ) async throws -> Alert {
        let isGood: Bool =
            switch kind {
            case .spend, .balance: api == nil && currency != nil && (0...1_000_000_000_000_000).contains(level)
            case .quota: api != nil && currency == nil && (1...100).contains(level)
            }
        guard isGood else {
            throw Problem(
                .invalidRequest, "That is not a level to be told at.", detail: kind.rawValue,
                remedy: "spend and balance: a currency and millionths of it; quota: an API and a percentage of 1 to 100.")
        }
        return try await act(actor) { connection, trail, now in
            let count: Int64 = try connection.rows("SELECT count(*) AS n FROM alert WHERE account_id = ?", [.text(account.rawValue)])[0].integer("n")
            guard count < Self.mostAlerts else {
                throw Problem(.conflict, "An account has at most \(Self.mostAlerts) alerts.", remedy: "Remove one that is not needed.")
            }
            let row: SQLRow = try connection.rows(
                "INSERT INTO alert (id, account_id, kind, api, level, currency, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *",
                [
                    .text(AlertID(at: now).rawValue), .text(account.rawValue), .text(kind.rawValue), SQLValue(api?.rawValue), .integer(level),
                    SQLValue(currency), .integer(now.milliseconds),
                ])[0]
            let alert = try Alert(row)
            try trail.record(.alertSet, account: account, subject: alert.id.rawValue, ["kind": kind.rawValue, "level": "\(level)"])
            return alert
        }
    }

    package func removeAlert(_ id: AlertID, account: AccountID, by actor: Actor) async throws {
        try await act(actor) { connection, trail, _ in
            let count: Int = try connection.execute("DELETE FROM alert WHERE id = ? AND account_id = ?", [.text(id.rawValue), .text(account.rawValue)])
            guard count == 1 else { throw Problem.nothing("alert", id.rawValue) }
            try trail.record(.alertRemove, account: account, subject: id.rawValue)
        }
    }

    /// Tells accounts whose level is reached, once for each month, period, or fall below the level.
    /// - Returns: how many were told.
    @discardableResult
    package func raiseAlerts() async throws -> Int {
        let now: Timestamp = now()
        let due: [(alert: AlertID, occasion: String)] = try await database.read { connection in
            try connection.rows("SELECT * FROM alert ORDER BY id", []).map(Alert.init).compactMap { alert in
                let occasion: String? = try Self.occasion(connection, alert, now)
                return occasion == alert.firedFor ? nil : (alert.id, occasion ?? "")
            }
        }
        let sealer = sealer
        var told: Int = 0
        for item in due {
            told += try await database.write { connection in
                guard let row = try connection.firstRow("SELECT * FROM alert WHERE id = ?", [.text(item.alert.rawValue)]) else { return 0 }
                let alert = try Alert(row)
                let occasion: String? = try Self.occasion(connection, alert, now)
                guard occasion != alert.firedFor else { return 0 }
                try connection.execute(
                    "UPDATE alert SET fired_for = ?, fired_ms = CASE WHEN ? = 1 THEN ? ELSE fired_ms END WHERE id = ?",
                    [SQLValue(occasion), SQLValue(occasion != nil), .integer(now.milliseconds), .text(alert.id.rawValue)])
                guard occasion != nil else { return 0 }
                let language: Language = try Self.account(connection, alert.account).language
                try Outbox(connection: connection, sealer: sealer, now: now).tell(alert.account, .alert(words: alert.words(in: language)), mailing: .owners)
                return 1
            }
        }
        return told
    }

    /// What an alert is due for now; `nil` when its level is not reached.
    private static func occasion(_ connection: any SQLConnection, _ alert: Alert, _ now: Timestamp) throws -> String? {
        let month = CalendarMonth(now)
        switch alert.kind {
        case .spend:
            let spent: Int64 = try connection.rows(
                "SELECT coalesce(sum(amount), 0) AS n FROM metering_record WHERE account_id = ? AND currency = ? AND state = 'settled' AND booked_ms >= ?",
                [.text(alert.account.rawValue), .text(alert.currency ?? ""), .integer(month.begin.milliseconds)])[0].integer("n")
            return spent >= alert.level ? month.description : nil
        case .balance:
            let row: SQLRow? = try connection.firstRow(
                "SELECT * FROM balance WHERE account_id = ? AND currency = ?", [.text(alert.account.rawValue), .text(alert.currency ?? "")])
            let balance: Balance = try row.map(Balance.init) ?? Balance(account: alert.account, currency: alert.currency ?? "")
            return balance.amount - balance.due <= alert.level ? "low" : nil
        case .quota:
            guard let api = alert.api, let quota = try Hub.quota(connection, alert.account, api, at: now), quota.units > 0 else { return nil }
            return quota.settled * 100 >= alert.level * quota.units ? "\(quota.period.rawValue):\(quota.period.begin(at: now)):\(quota.units)" : nil
        }
    }
}

extension Alert {
    func words(in language: Language) -> String {
        let money: String = Money(millionths: level, currency: currency ?? "").text
        switch kind {
        case .spend: return language.text("This month's charges have reached \(money).", "本月费用已达 \(money)。")
        case .balance: return language.text("The balance is \(money) or less.", "余额已不高于 \(money)。")
        case .quota: return language.text("\(level) % of the quota of \(api?.rawValue ?? "") are used.", "\(api?.rawValue ?? "") 的配额已使用 \(level)%。")
        }
    }
}
