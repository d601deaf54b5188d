import HubAccess
import HubStorage
import WireModel

/// What asks to pass.
package struct GateCall: Sendable {
    package enum Credential: Sendable {
        /// The key as it was sent; `nil` when none was.
        case key(String?)
        /// A device that its certificate has proven.
        case device(DeviceID, AccountID)
        /// An application that a signed-in member calls for, without a key.
        case application(ApplicationID, AccountID)
    }

    package let credential: Credential
    /// `nil`: no API in particular, only the account and the key.
    package let api: APIName?
    /// Where the caller says which application it is; must be the key's.
    package let application: ApplicationID?
    package let address: String

    package init(credential: Credential, api: APIName?, application: ApplicationID? = nil, address: String) {
        self.credential = credential
        self.api = api
        self.application = application
        self.address = address
    }
}

/// A call that may go on, and what it must keep to.
package struct Passage: Sendable {
    package let account: AccountID
    package let key: APIKeyID?
    package let application: ApplicationID?
    package let environment: KeyEnvironment
    /// Calls a minute that the key was given, where it was.
    package let perMinute: Int64?
    /// The layers that bind it, the one that prevails first, each with the version in force.
    package let layers: [Layer]
    /// Documents that are in force, not accepted yet, and borne until the date.
    package let grace: [Grace]

    package struct Layer: Sendable, Codable {
        package let document: String
        package let number: Int64
        package let hash: String
    }

    package struct Grace: Sendable, Codable {
        package let document: String
        package let number: Int64
        package let until: Timestamp
    }
}

/// The one place that decides, for every call and every lease (S1): registered, verified, in good standing, agreements
/// accepted, key valid and in scope.
struct Gate {
    let connection: any SQLConnection
    let now: Timestamp

    /// What must be written down if the call goes on.
    struct Verdict {
        let passage: Passage
        /// Versions whose terms count this use as acceptance.
        let acceptances: [AgreementVersionID]
        let throttle: Int64?
        let keyUse: (id: APIKeyID, lastUsed: Timestamp?)?
    }

    /// Reads only.
    /// - Throws: ``GateRefusal``.
    func judge(_ call: GateCall) throws -> Verdict {
        var (key, tried): (APIKey?, ApplicationID?)
        let id: AccountID
        switch call.credential {
        case .key(let text):
            let (found, owner): (APIKey, AccountID) = try self.key(text, call)
            key = found
            id = owner
        case .device(_, let owner):
            id = owner
        case .application(let application, let owner):
            let isThere: Bool =
                try connection.firstRow(
                    "SELECT id FROM application WHERE id = ? AND account_id = ? AND archived_ms IS NULL",
                    [.text(application.rawValue), .text(owner.rawValue)]) != nil
            guard isThere else { throw Problem.nothing("application in use", application.rawValue) }
            (id, tried) = (owner, application)
        }
        let account: Account = try Hub.account(connection, id)
        let measures: [Measure] = try Measures.inForce(connection, id, now: now)
        try checkStanding(account, measures)
        // A pause of an API is one of its variants, too.
        if let api = call.api, let pause = measures.first(where: { $0.kind == .pauseAPI && ($0.api == api || $0.api == api.base) }) {
            throw GateRefusal.apiPaused(api, ground: pause.ground)
        }
        let agreements: (layers: [Passage.Layer], grace: [Passage.Grace], byUse: [AgreementVersionID]) = try checkAgreements(account, call.api)
        return Verdict(
            passage: Passage(
                account: id, key: key?.id, application: key?.application ?? tried, environment: key?.environment ?? .live,
                perMinute: key?.perMinute, layers: agreements.layers, grace: agreements.grace),
            acceptances: agreements.byUse, throttle: measures.compactMap(\.perMinute).min(), keyUse: key.map { ($0.id, $0.lastUsed) })
    }

    private func key(_ text: String?, _ call: GateCall) throws -> (APIKey, AccountID) {
        guard let text, !text.isEmpty else { throw GateRefusal.keyMissing }
        guard let parsed = APIKeyText(text) else { throw GateRefusal.keyMalformed }
        guard let row = try connection.firstRow("SELECT * FROM api_key WHERE hash = ?", [.text(parsed.hash)]),
            let owner = AccountID(rawValue: try row.text("account_id"))
        else { throw GateRefusal.keyUnknown }
        let key = try APIKey(row)
        // An account's end froze its keys: the end is what matters.
        if key.frozen != nil { throw try Hub.account(connection, owner).standing == .ended ? GateRefusal.ended : .keyFrozen }
        if let end = key.expires, end <= now { throw GateRefusal.keyExpired(end) }
        if let api = call.api, !key.apis.isEmpty, !key.apis.contains(api) { throw GateRefusal.keyRefusesAPI(api) }
        if !key.addresses.isEmpty, !key.addresses.contains(where: { $0.contains(call.address) }) { throw GateRefusal.keyRefusesAddress(call.address) }
        if let application = call.application, application != key.application { throw GateRefusal.keyRefusesApplication }
        return (key, owner)
    }

    private func checkStanding(_ account: Account, _ measures: [Measure]) throws {
        // Measures and terms are asked as of now, not as of the last time the schedule ran.
        if let stop = measures.first(where: { $0.kind == .suspension }) { throw GateRefusal.suspended(ground: stop.ground) }
        if account.standing == .ended || measures.contains(where: { $0.kind == .termination }) { throw GateRefusal.ended }
        let registration: Registration = try StandingRules.registration(connection, account, now: now)
        if registration.isComplete { return }
        if account.standing == .lapsed || account.standing == .active {
            throw GateRefusal.lapsed(
                ground: !registration.emailProven ? "email_unproven" : registration.domainProven == false ? "domain_unproven" : "agreement_not_accepted")
        }
        if !registration.emailProven { throw GateRefusal.emailUnverified }
        if !registration.agreementAccepted { throw GateRefusal.agreementNeverAccepted }
        throw GateRefusal.domainUnproven(try DomainProofs(connection: connection, now: now).of(account.id)?.domain ?? "")
    }

    private func checkAgreements(
        _ account: Account, _ api: APIName?
    ) throws -> (layers: [Passage.Layer], grace: [Passage.Grace], byUse: [AgreementVersionID]) {
        var (layers, grace, byUse): ([Passage.Layer], [Passage.Grace], [AgreementVersionID]) = ([], [], [])
        let documents: [String] = api.map(Agreements.layers) ?? ["general"]
        let bound: [String: BindingVersion] = try Agreements(connection: connection).binding(account.id, documents, at: now)
        for document in documents {
            guard let version = bound[document] else { continue }
            layers.append(.init(document: document, number: version.number, hash: version.hash))
            if version.decision == .accepted { continue }
            // Who declined stays so until they accept: a newer version is no way round it.
            if version.newest == .declined { throw GateRefusal.declined(document: document, number: version.number) }
            if version.rule == .continuedUse {
                // Nobody accepts by going on what they were not told of: until the announcement is out, nothing is recorded.
                if version.isAnnounced { byUse.append(version.id) }
                continue
            }
            let end: Timestamp = version.effective.advanced(by: try Settings(connection).days(.agreementGraceDays))
            guard now < end, version.newest == .accepted else {
                throw GateRefusal.agreement(document: document, number: version.number)
            }
            grace.append(.init(document: document, number: version.number, until: end))
        }
        return (layers, grace, byUse)
    }

    /// Writes down what the verdict says must be: acceptance by use, the throttle's count, the key's last use. In the
    /// transaction that judged: of two calls at once the second is judged anew and finds the first one's acceptance.
    /// - Throws: `GateRefusal.throttled`.
    func note(_ verdict: Verdict, _ call: GateCall, isQuestion: Bool = false) throws {
        if let limit = verdict.throttle {
            let minute = Duration.seconds(60)
            let count: Int64 = try AttemptWindow(connection: connection, now: now).count("throttle:\(verdict.passage.account)", within: minute)
            if count > limit { throw GateRefusal.throttled(perMinute: limit, retryAfter: 60) }
        }
        if !isQuestion, !verdict.acceptances.isEmpty { try acceptByUse(verdict, call) }
        if let use = verdict.keyUse {
            try connection.execute(
                "UPDATE api_key SET used_ms = ?, used_address = ? WHERE id = ?", [.integer(now.milliseconds), .text(call.address), .text(use.id.rawValue)])
        }
    }

    /// In the name of the owner, whom the announcement told.
    private func acceptByUse(_ verdict: Verdict, _ call: GateCall) throws {
        let owners: [Principal] = try Principals(connection: connection).owners(of: verdict.passage.account).filter { $0.state == .active }
        guard let owner = owners.first else { return }
        let actor: Actor =
            switch call.credential {
            case .key, .application: Actor(.system, "gate", address: call.address)
            case .device(let device, _): Actor(.device, device.rawValue, address: call.address)
            }
        let trail = AuditTrail(connection: connection, actor: actor, now: now)
        for id in verdict.acceptances {
            guard let version = try Agreements(connection: connection).version(id: id) else { throw HubStorageError.damaged }
            let hash: String = version.textHashes[owner.language.rawValue] ?? version.textHashes.values.first ?? ""
            try Acceptances(connection: connection, trail: trail, now: now).record(
                [(version, hash)], account: verdict.passage.account, by: owner, decision: .accepted, manner: .continuedUse, address: call.address)
        }
    }

    /// Judges and notes, in a transaction that is under way: for leases.
    func pass(_ call: GateCall, isQuestion: Bool = false) throws -> Passage {
        let verdict: Verdict = try judge(call)
        try note(verdict, call, isQuestion: isQuestion)
        return verdict.passage
    }
}

extension Hub {
    /// Lets a call pass or refuses it. Mostly one read; writes only to record an acceptance by use, to count under a
    /// throttle, and to note a key's last use (once a minute).
    /// - Parameter isQuestion: nothing is called; the answer is only what a call would be told, and no use of anything.
    /// - Throws: ``GateRefusal``.
    package func pass(_ call: GateCall, isQuestion: Bool = false) async throws -> Passage {
        let now: Timestamp = now()
        let verdict: Gate.Verdict = try await database.read { try Gate(connection: $0, now: now).judge(call) }
        let isStale: Bool = verdict.keyUse.map { use in use.lastUsed.map { now.since($0) > .seconds(60) } ?? true } ?? false
        let isAcceptance: Bool = !verdict.acceptances.isEmpty && !isQuestion
        guard verdict.throttle != nil || isAcceptance || isStale else { return verdict.passage }
        return try await database.write { try Gate(connection: $0, now: now).pass(call, isQuestion: isQuestion) }
    }
}
