import HubAccess
import HubStorage
import WireModel

/// The road of an entitlement: trial, application, decision, pause, end. Within one audited transaction.
struct EntitlementRoad {
    let connection: any SQLConnection
    let trail: AuditTrail
    let sealer: SecretSealer
    let now: Timestamp

    private func row(_ id: EntitlementID) throws -> Entitlement { try Hub.entitlement(connection, id, of: nil, now: now) }

    private func live(_ application: ApplicationID, _ api: APIName) throws -> Entitlement? {
        try connection.firstRow(
            "SELECT * FROM entitlement WHERE application_id = ? AND api = ? AND ended_ms IS NULL", [.text(application.rawValue), .text(api.rawValue)]
        ).map { try Entitlement($0, now: now) }
    }

    private func set(_ id: EntitlementID, _ changes: [(String, SQLValue)]) throws -> Entitlement {
        try connection.execute(
            "UPDATE entitlement SET \(changes.map { "\($0.0) = ?" }.joined(separator: ", ")) WHERE id = ?", changes.map(\.1) + [.text(id.rawValue)])
        return try row(id)
    }

    func apply(_ request: EntitlementRequest, application: ApplicationID, account: AccountID) throws -> Entitlement {
        let offer: Offer = try Hub.offer(connection, request.api, at: now)
        if request.api.base != request.api {
            guard !request.isTrial, try Variants(connection: connection, now: now).inForce(request.api, account: account) != nil else {
                throw Problem.nothing("API for this account", request.api.rawValue)
            }
        }
        guard offer.terms.isOpen else {
            throw Problem(.conflict, "That API takes no applications at present.", detail: request.api.rawValue, remedy: "See /docs/\(request.api).")
        }
        if let plan = request.plan { try choose(plan, request.api, account) }
        guard try Hub.price(connection, request.api, for: account, at: now) != nil || (request.isTrial && offer.terms.trial?.isFree ?? false) else {
            throw Problem(.notForSale, "That API has no price in this plan yet.", detail: request.api.rawValue, remedy: "Choose a plan of the catalogue.")
        }
        let before: Entitlement? = try live(application, request.api)
        let entitlement: Entitlement =
            request.isTrial ? try startTrial(offer, before, request, application, account) : try applyForUse(offer, before, request, application, account)
        try trail.record(
            .entitlementApply, account: account, subject: entitlement.id.rawValue,
            ["api": request.api.rawValue, "application": application.rawValue, "state": entitlement.state.rawValue])
        return entitlement
    }

    private func startTrial(
        _ offer: Offer, _ before: Entitlement?, _ request: EntitlementRequest, _ application: ApplicationID, _ account: AccountID
    ) throws -> Entitlement {
        guard let trial = offer.terms.trial else {
            throw Problem(.conflict, "That API has no trial.", detail: request.api.rawValue, remedy: "Apply for regular use.")
        }
        guard before == nil else {
            throw Problem(.conflict, "This application has that API already.", detail: before?.state.rawValue ?? "", remedy: "See /v1/account/entitlements.")
        }
        let isTried: Bool =
            try connection.firstRow(
                "SELECT id FROM entitlement WHERE account_id = ? AND api = ? AND trial_ends_ms IS NOT NULL LIMIT 1",
                [.text(account.rawValue), .text(request.api.rawValue)]) != nil
        guard !isTried else {
            throw Problem(.trialOver, "The account has tried that API before.", detail: request.api.rawValue, remedy: "Apply for regular use.")
        }
        return try insert(
            request, application, account, state: .trial, units: trial.units, trialEnds: now.advanced(by: .seconds(trial.days * 86_400)), applied: nil)
    }

    private func applyForUse(
        _ offer: Offer, _ before: Entitlement?, _ request: EntitlementRequest, _ application: ApplicationID, _ account: AccountID
    ) throws -> Entitlement {
        let needsApproval: Bool = try offer.terms.needsApproval || wasStopped(application, request.api)
        if let before {
            guard before.state == .trial, before.applied == nil else {
                throw Problem(.conflict, "This application has that API already.", detail: before.state.rawValue, remedy: "See /v1/account/entitlements.")
            }
            let applied: Entitlement = try set(before.id, [("applied_ms", .integer(now.milliseconds)), ("reason", .text(request.reason))])
            return needsApproval ? applied : try activate(applied, units: nil, answer: nil)
        }
        let applied: Entitlement = try insert(
            request, application, account, state: .applied, units: nil, trialEnds: nil, applied: now)
        return needsApproval ? applied : try activate(applied, units: nil, answer: nil)
    }

    /// Whether the operator ended it here the last time: then only the operator lets it begin again.
    private func wasStopped(_ application: ApplicationID, _ api: APIName) throws -> Bool {
        try connection.firstRow(
            "SELECT ended_by FROM entitlement WHERE application_id = ? AND api = ? AND ended_ms IS NOT NULL ORDER BY id DESC LIMIT 1",
            [.text(application.rawValue), .text(api.rawValue)])?.textOrNil("ended_by") == Entitlement.byOperator
    }

    private func insert(
        _ request: EntitlementRequest, _ application: ApplicationID, _ account: AccountID, state: Entitlement.State, units: Int64?, trialEnds: Timestamp?,
        applied: Timestamp?
    ) throws -> Entitlement {
        let rows: [SQLRow] = try connection.rows(
            """
            INSERT INTO entitlement (id, account_id, application_id, api, state, units, period, window_ms, trial_ends_ms, reason, created_ms, applied_ms)
            VALUES (?, ?, ?, ?, ?, ?, 'total', 0, ?, ?, ?, ?) RETURNING *
            """,
            [
                .text(EntitlementID(at: now).rawValue), .text(account.rawValue), .text(application.rawValue), .text(request.api.rawValue),
                .text(state.rawValue), SQLValue(units), SQLValue(trialEnds?.milliseconds), .text(request.reason), .integer(now.milliseconds),
                SQLValue(applied?.milliseconds),
            ])
        return try Entitlement(rows[0], now: now)
    }

    /// Regular use from now on. The account's quota is made where the API's terms have an allowance and none is set yet.
    private func activate(_ entitlement: Entitlement, units: Int64?, answer: String?) throws -> Entitlement {
        let offer: Offer = try Hub.offer(connection, entitlement.api, at: now)
        if let allowance = offer.terms.allowance, try Hub.quota(connection, entitlement.account, entitlement.api, at: now) == nil {
            _ = try Hub.setQuota(
                connection, trail, entitlement.account, entitlement.api, units: allowance.units, period: allowance.period, now: now)
        }
        // What was tried is over: it counts no further against regular use.
        return try set(
            entitlement.id,
            [
                ("state", .text(Entitlement.State.active.rawValue)), ("units", SQLValue(units)), ("ceiling", SQLValue(units)), ("used", 0),
                ("period", .text(UsePeriod.total.rawValue)),
                ("decided_ms", .integer(now.milliseconds)), ("answer", SQLValue(answer)),
            ])
    }

    /// The operator's word on an application.
    func decide(_ id: EntitlementID, approve: Bool, units: Int64?, answer: String) throws -> Entitlement {
        let before: Entitlement = try row(id)
        guard before.isWaiting else {
            throw Problem(.conflict, "That application does not wait for a decision.", detail: before.state.rawValue, remedy: "See its state.")
        }
        let after: Entitlement
        if approve {
            after = try activate(before, units: units, answer: answer)
        } else if before.state == .trial {
            after = try set(id, [("applied_ms", .null), ("answer", .text(answer)), ("decided_ms", .integer(now.milliseconds))])
        } else {
            after = try set(
                id,
                [
                    ("state", .text(Entitlement.State.refused.rawValue)), ("answer", .text(answer)), ("decided_ms", .integer(now.milliseconds)),
                    ("ended_ms", .integer(now.milliseconds)),
                ])
        }
        try trail.record(.entitlementDecide, account: before.account, subject: id.rawValue, ["approve": "\(approve)"])
        try Outbox(connection: connection, sealer: sealer, now: now).tell(
            before.account, .entitlement(before.api, isApproved: approve, answer: answer), mailing: .owners)
        return after
    }

    func pause(_ id: EntitlementID, of account: AccountID?, ground: String) throws -> Entitlement {
        let before: Entitlement = try Hub.entitlement(connection, id, of: account, now: now)
        let isOperator: Bool = account == nil
        guard [.trial, .active].contains(before.state) || (isOperator && before.state == .paused && before.pausedBy != Entitlement.byOperator) else {
            throw Problem(.conflict, "Only an entitlement in use can be paused.", detail: before.state.rawValue, remedy: "See its state.")
        }
        var changes: [(String, SQLValue)] = [
            ("state", .text(Entitlement.State.paused.rawValue)), ("paused_by", .text(isOperator ? Entitlement.byOperator : Entitlement.byAccount)),
        ]
        if before.state != .paused { changes.append(("before_pause", .text(before.state.rawValue))) }
        if isOperator { changes.append(("answer", .text(ground))) }
        let after: Entitlement = try set(id, changes)
        try trail.record(.entitlementChange, account: before.account, subject: id.rawValue, ["to": "paused"])
        if isOperator {
            try Outbox(connection: connection, sealer: sealer, now: now).tell(before.account, .entitlementStopped(before.api, ground: ground), mailing: .owners)
        }
        return after
    }

    func resume(_ id: EntitlementID, of account: AccountID?) throws -> Entitlement {
        let before: Entitlement = try Hub.entitlement(connection, id, of: account, now: now)
        guard before.state == .paused else {
            throw Problem(.conflict, "Only what is paused can be resumed.", detail: before.state.rawValue, remedy: "See its state.")
        }
        guard account == nil || before.pausedBy != Entitlement.byOperator else {
            throw Problem(.entitlementPaused, "The operator paused it.", detail: before.answer ?? "", remedy: "Only the operator can resume it: ask them.")
        }
        try connection.execute("UPDATE entitlement SET state = before_pause, paused_by = NULL, before_pause = NULL WHERE id = ?", [.text(id.rawValue)])
        try trail.record(.entitlementChange, account: before.account, subject: id.rawValue, ["to": "resumed"])
        return try row(id)
    }

    func end(_ id: EntitlementID, of account: AccountID?, ground: String) throws -> Entitlement {
        let before: Entitlement = try Hub.entitlement(connection, id, of: account, now: now)
        guard before.ended == nil else {
            throw Problem(.entitlementEnded, "It has ended already.", detail: before.state.rawValue, remedy: "Apply anew where it is wanted again.")
        }
        guard account == nil || before.pausedBy != Entitlement.byOperator else {
            throw Problem(
                .entitlementPaused, "The operator paused it.", detail: before.answer ?? "", remedy: "Only the operator can end or resume it: ask them.")
        }
        let after: Entitlement = try set(
            id,
            [
                ("state", .text(Entitlement.State.ended.rawValue)), ("ended_ms", .integer(now.milliseconds)),
                ("ended_by", .text(account == nil ? Entitlement.byOperator : Entitlement.byAccount)),
                ("answer", account == nil ? .text(ground) : SQLValue(before.answer)),
            ])
        try trail.record(.entitlementChange, account: before.account, subject: id.rawValue, ["to": "ended"])
        if account == nil {
            try Outbox(connection: connection, sealer: sealer, now: now).tell(before.account, .entitlementStopped(before.api, ground: ground), mailing: .owners)
        }
        return after
    }

    /// The account's own limit for one application, or the operator's.
    func limit(_ id: EntitlementID, of account: AccountID?, units: Int64?, period: UsePeriod) throws -> Entitlement {
        let before: Entitlement = try Hub.entitlement(connection, id, of: account, now: now)
        guard before.state == .active || before.state == .paused && before.trialEnds == nil else {
            throw Problem(.conflict, "Only regular use can be limited.", detail: before.state.rawValue, remedy: "A trial has its own limit.")
        }
        if account != nil, let ceiling = before.ceiling, period != .total || units.map({ $0 > ceiling }) ?? true {
            throw Problem(
                .conflict, "The operator limits it to \(ceiling) uses in all.", detail: units.map(String.init) ?? "no limit",
                remedy: "Give at most that, counted in all; or ask the operator for more.")
        }
        let begin: Int64 = period.begin(at: now)
        let used: Int64 = try connection.rows(
            "SELECT coalesce(sum(units), 0) AS n FROM metering_record WHERE entitlement_id = ? AND state = 'settled' AND is_trial = 0 AND booked_ms >= ?",
            [.text(id.rawValue), .integer(begin)])[0].integer("n")
        let after: Entitlement = try set(
            id,
            (account == nil ? [("ceiling", period == .total ? SQLValue(units) : .null)] : []) + [
                ("units", SQLValue(units)), ("period", .text(period.rawValue)), ("window_ms", .integer(begin)), ("used", .integer(used)),
            ])
        try trail.record(
            .entitlementChange, account: before.account, subject: id.rawValue, ["units": units.map(String.init) ?? "none", "period": period.rawValue])
        return after
    }

    /// From now on the account pays by this plan; past use stays at the plan it had.
    func choose(_ plan: String, _ api: APIName, _ account: AccountID) throws {
        let isThere: Bool =
            try connection.firstRow(
                "SELECT id FROM price WHERE api = ? AND plan = ? AND account_id IS NULL AND effective_ms <= ? LIMIT 1",
                [.text(api.rawValue), .text(plan), .integer(now.milliseconds)]) != nil
        guard isThere else { throw Problem(.notFound, "That API has no such plan.", detail: plan, remedy: "See /v1/catalogue/\(api).") }
        let current: SQLRow? = try connection.firstRow(
            "SELECT plan FROM account_plan WHERE account_id = ? AND api = ? AND from_ms <= ? ORDER BY from_ms DESC LIMIT 1",
            [.text(account.rawValue), .text(api.rawValue), .integer(now.milliseconds)])
        guard try current?.text("plan") ?? Price.standardPlan != plan else { return }
        try connection.execute(
            """
            INSERT INTO account_plan (account_id, api, from_ms, plan) VALUES (?, ?, ?, ?)
            ON CONFLICT (account_id, api, from_ms) DO UPDATE SET plan = excluded.plan
            """, [.text(account.rawValue), .text(api.rawValue), .integer(now.milliseconds), .text(plan)])
        try trail.record(.planChoose, account: account, subject: api.rawValue, ["plan": plan])
    }
}

extension Hub {
    private func road<Value: Sendable>(_ actor: Actor, _ body: @escaping @Sendable (EntitlementRoad) throws -> Value) async throws -> Value {
        let sealer = sealer
        return try await act(actor) { connection, trail, now in
            try body(EntitlementRoad(connection: connection, trail: trail, sealer: sealer, now: now))
        }
    }

    /// Applies for an API in the name of an application: a trial begins at once, regular use at once or after approval. The API's own
    /// terms must be accepted with it, or before.
    /// - Parameter person: who accepts, and from where, when `request` has texts.
    package func apply(
        _ request: EntitlementRequest, application: ApplicationID, account: AccountID, by actor: Actor, accepting person: Principal? = nil
    ) async throws -> Entitlement {
        if let person {
            for text in request.accepted { try await decide(text, decision: .accepted, account: account, person: person, address: actor.address) }
        }
        return try await road(actor) { road in
            let connection: any SQLConnection = road.connection
            try Self.checkSold(connection, request.api)
            let isThere: Bool =
                try connection.firstRow(
                    "SELECT id FROM application WHERE id = ? AND account_id = ? AND archived_ms IS NULL",
                    [.text(application.rawValue), .text(account.rawValue)]) != nil
            guard isThere else { throw Problem.nothing("application in use", application.rawValue) }
            let document: String = "api:\(request.api.base ?? request.api)"
            if let version = try Agreements(connection: connection).binding(account, [document], at: road.now)[document],
                version.rule == .explicit, version.decision != .accepted
            {
                throw GateRefusal.agreement(document: document, number: version.number)
            }
            return try road.apply(request, application: application, account: account)
        }
    }

    package func decideEntitlement(_ id: EntitlementID, approve: Bool, units: Int64?, answer: String, by actor: Actor) async throws -> Entitlement {
        guard (1...1_000).contains(answer.trimmed.count) else {
            throw Problem(.invalidRequest, "A decision tells the account why.", detail: "/answer", remedy: "Give an answer of 1 to 1000 characters.")
        }
        return try await road(actor) { try $0.decide(id, approve: approve, units: units, answer: answer) }
    }

    /// - Parameter account: whose it must be; `nil` for an operator, who states a ground.
    package func pauseEntitlement(_ id: EntitlementID, account: AccountID?, ground: String = "", by actor: Actor) async throws -> Entitlement {
        try await road(actor) { try $0.pause(id, of: account, ground: ground) }
    }

    package func resumeEntitlement(_ id: EntitlementID, account: AccountID?, by actor: Actor) async throws -> Entitlement {
        try await road(actor) { try $0.resume(id, of: account) }
    }

    package func endEntitlement(_ id: EntitlementID, account: AccountID?, ground: String = "", by actor: Actor) async throws -> Entitlement {
        try await road(actor) { try $0.end(id, of: account, ground: ground) }
    }

    package func limitEntitlement(_ id: EntitlementID, account: AccountID?, units: Int64?, period: UsePeriod, by actor: Actor) async throws -> Entitlement {
        try await road(actor) { try $0.limit(id, of: account, units: units, period: period) }
    }

    package func choosePlan(_ plan: String, api: APIName, account: AccountID, by actor: Actor) async throws {
        try await road(actor) { try $0.choose(plan, api, account) }
    }
}
