import HubStorage
import WireModel

/// An application's right to call one API, as far as it goes.
package struct Entitlement: Sendable, Codable {
    package enum State: String, Sendable, Codable, CaseIterable {
        /// In use at once, for the trial's units and days.
        case trial
        /// Waits for the operator.
        case applied
        case active, refused, paused, ended
    }

    static let byOperator: String = "operator"
    static let byAccount: String = "account"

    package let id: EntitlementID
    package let account: AccountID
    package let application: ApplicationID
    package let api: APIName
    package let state: State
    /// For `paused`: by the account or by the operator, who alone may resume then.
    package let pausedBy: String?
    /// Uses it may have in a period; `nil`: as many as the account.
    package let units: Int64?
    package let period: UsePeriod
    /// The most that the operator lets it have in all; the account's own limit stays below it.
    package let ceiling: Int64?
    package let used: Int64
    package let trialEnds: Timestamp?
    /// When regular use was applied for.
    package let applied: Timestamp?
    /// What the account wrote when it applied.
    package let reason: String
    /// What the operator answered.
    package let answer: String?
    package let created: Timestamp
    package let decided: Timestamp?
    package let ended: Timestamp?

    init(_ row: SQLRow, now: Timestamp) throws {
        guard let id = EntitlementID(rawValue: try row.text("id")), let account = AccountID(rawValue: try row.text("account_id")),
            let application = ApplicationID(rawValue: try row.text("application_id")), let api = APIName(rawValue: try row.text("api"))
        else { throw HubStorageError.damaged }
        let counts = try EntitlementRow(row, now: now)
        self.id = id
        self.account = account
        self.application = application
        self.api = api
        state = counts.state
        pausedBy = counts.state == .paused ? try row.textOrNil("paused_by") : nil
        units = counts.units
        period = counts.period
        ceiling = try row.integerOrNil("ceiling")
        used = counts.used
        trialEnds = counts.trialEnds
        applied = try row.timeOrNil("applied_ms")
        reason = try row.text("reason")
        answer = try row.textOrNil("answer")
        created = try row.time("created_ms")
        decided = try row.timeOrNil("decided_ms")
        ended = try row.timeOrNil("ended_ms")
    }

    /// What is waited for, where something is.
    package var isWaiting: Bool { state == .applied || (state == .trial && applied != nil) }
}

/// What somebody applies for.
package struct EntitlementRequest: Sendable {
    package let api: APIName
    /// Try it first, where the API's terms have a trial.
    package let isTrial: Bool
    package let plan: String?
    package let reason: String
    /// The API's own terms, as shown and read (S21).
    package let accepted: [AcceptedText]

    package init(api: APIName, isTrial: Bool, plan: String?, reason: String, accepted: [AcceptedText]) {
        self.api = api
        self.isTrial = isTrial
        self.plan = plan
        self.reason = reason
        self.accepted = accepted
    }
}

extension Hub {
    package func entitlements(_ account: AccountID) async throws -> [Entitlement] {
        let now: Timestamp = now()
        return try await database.read {
            try $0.rows("SELECT * FROM entitlement WHERE account_id = ? ORDER BY id DESC", [.text(account.rawValue)]).map { try Entitlement($0, now: now) }
        }
    }

    /// Of all accounts: those that wait for the operator, or all; newest first, at most 500.
    package func entitlements(waiting isWaiting: Bool) async throws -> [Entitlement] {
        let now: Timestamp = now()
        let condition: String = isWaiting ? "WHERE state = 'applied' OR (state = 'trial' AND applied_ms IS NOT NULL)" : ""
        return try await database.read {
            try $0.rows("SELECT * FROM entitlement \(condition) ORDER BY id DESC LIMIT 500", []).map { try Entitlement($0, now: now) }
        }
    }

    static func entitlement(_ connection: any SQLConnection, _ id: EntitlementID, of account: AccountID?, now: Timestamp) throws -> Entitlement {
        let row: SQLRow? = try connection.firstRow(
            "SELECT * FROM entitlement WHERE id = ? AND (account_id = ? OR ? = 1)",
            [.text(id.rawValue), .text(account?.rawValue ?? ""), SQLValue(account == nil)])
        guard let row else { throw Problem.nothing("entitlement", id.rawValue) }
        return try Entitlement(row, now: now)
    }

    package func entitlement(_ id: EntitlementID, account: AccountID?) async throws -> Entitlement {
        let now: Timestamp = now()
        return try await database.read { try Self.entitlement($0, id, of: account, now: now) }
    }
}
