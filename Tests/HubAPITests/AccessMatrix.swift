import Biometrics
import Crypto
import CurlTransfer
import HTTPTypes
import HubAPI
import HubAccess
import HubConsole
import HubDomain
import HubStorage
import RecognitionAPI
import ServiceSupport
import SwiftASN1
import TestKit
import WireModel
import X509

/// Two enterprises, staff, keys and a device on a served hub; and the asking of every route by everybody who must not
/// get anything there.
final class AccessMatrix {
    enum Credential: String, CaseIterable {
        case nothing, otherTenant, lowerRole, otherSide, expiredSession, endedSession, removedMember
        case goodKey, frozenKey, expiredKey, otherTenantsKey
        case device, revokedDevice
    }

    struct Report {
        var routes: Int = 0
        var requests: Int = 0
        /// Requests that a rule let through, and rightly.
        var opened: Int = 0
        var tried: Set<Credential> = []
        var leaks: [String] = []
    }

    struct Unexpected: Error { let what: String }

    private struct Caller {
        let credential: Credential
        let client: APIClient
        /// Sent with every request of this caller.
        var key: String?
        var role: String = ""
    }

    private let served: ServedHub
    private let clock: ManualClock
    private let routes: [Route]
    private let victim: Account
    private let intruder: Account
    /// What a path's parameters are: always the victim's.
    private var parameters: [String: String] = [:]
    /// Texts that are only the victim's: none may appear in an answer to anybody else.
    private var markers: [String] = []

    init(planted: (@Sendable (Hub) -> Route)? = nil) async throws {
        let clock = ManualClock.startingNow()
        let served = try await ServedHub(clock: clock, planted: { hub in planted.map { [$0(hub)] } ?? [] })
        self.clock = clock
        self.served = served
        let api: [Route] = HubServer.routes(served.hub)
        routes = api + HubPages.console(served.hub, serving: api) + (planted.map { [$0(served.hub)] } ?? [])
        victim = try await served.enterprise("Victim Works", domain: "victim.example")
        intruder = try await served.enterprise("Intruder", domain: "intruder.example")
        for role in MemberRole.allCases where role != .owner { try await served.join("\(role.rawValue)@victim.example", role: role, to: victim) }
        try await fill()
    }

    /// Something of every kind in the victim's account.
    private func fill() async throws {
        let hub: Hub = served.hub
        let key: IssuedKey = try await served.key(of: victim)
        let owner: APIClient = try await served.member("owner@victim.example")
        let members: [Member] = try await hub.members(victim.id)
        let session: String = try await owner.get("/v1/account/session")["session"]["id"].text ?? ""
        let measure: Measure = try await hub.order(
            MeasureOrder(kind: .warning, ground: "victim-ground", statement: "victim-statement"), account: victim.id.rawValue, by: .test)
        let closure: Closure = try await hub.requestClosure(victim.id, reason: "victim-reason", by: .test)
        let notice: Notice = try await hub.notices(victim.id)[0]
        let entitlement: Entitlement = try await hub.grant(.search, to: key.key.application, of: victim)
        let alert: Alert = try await hub.addAlert(.balance, level: 0, api: nil, currency: "CNY", account: victim.id, by: .test)
        let pack: Product = try await hub.addProduct(
            ProductDraft(api: .search, kind: .pack, name: "pack", units: 10, validDays: 30, price: try Money("1", currency: "CNY")), by: .test)
        let payment: LedgerTransaction = try await hub.book(
            MoneyOrder(kind: .topUp, amount: try Money("77.77", currency: "CNY"), reason: "victim-payment"), account: victim.id.rawValue, by: .test)
        _ = try await hub.buy(pack.id, account: victim.id, by: .test)
        let galleryOwner = GalleryOwner(account: victim.id, application: key.key.application)
        let gallery: Gallery = try await hub.makeGallery("compreface", of: galleryOwner, by: .test)
        let face = try Template(model: .sface2021dec, normalizing: (0..<128).map { _ in Float.random(in: -1...1) })
        let consent = ConsentRecord(
            reference: "victim-consent", purpose: "victim-purpose", given: hub.now(), expires: hub.now().advanced(by: .seconds(86_400)))
        let enrolled: Enrolment = try await hub.enrol(
            face, quality: QualityResult(eyeDistance: 60, sharpness: 1, yaw: 0, pitch: 0, roll: 0, brightness: 120),
            as: NewPerson(label: "victim-person", consent: consent), in: gallery.id, of: galleryOwner, by: .test)
        let opened: ImportResult = try await hub.openImport(into: gallery.id, total: 5, of: galleryOwner, by: .test)
        try await hub.setStandingConsent(StandingConsent(reference: "victim-standing", purpose: "victim-purpose", days: 30), of: galleryOwner, by: .test)
        let report: FeedbackCase = try await hub.openCase(
            FeedbackDraft(kind: .security, category: nil, subject: "victim-weakness", body: "victim-words"), account: victim.id, by: .test)
        let both: [Language: String] = [.en: "news", .zh: "新闻"]
        let incident: Incident = try await hub.openIncident(.fault, impact: .degraded, titles: both, texts: both, by: .test)
        let news: Announcement = try await hub.announce(
            both.mapValues { PublicText(title: $0, body: $0) }, to: Announcement.everybody, begins: nil, ends: nil, by: .test)
        let workshop = try ReleaseWorkshop()
        try workshop.make(.agent, "7.0.0").write(to: workshop.folder + "/release")
        let release: Release = try await hub.publishRelease(workshop.folder + "/release", trusting: [workshop.key], by: .test)
        let rollout: Rollout = try await hub.startRollout(
            of: "7.0.0", RolloutOrder(stages: [RolloutStage(percent: 100)], account: victim.id.rawValue), by: .test)
        let staff: APIClient = try await served.staff(.administrator)
        let operators: [String] = try await staff.get("/v1/operator/operators").list("id")
        parameters.merge([
            "account": victim.id.rawValue, "member": members[1].id, "session": session, "application": key.key.application.rawValue,
            "key": key.key.id.rawValue, "notice": notice.id.rawValue, "measure": measure.id.rawValue, "closure": closure.id.rawValue,
            "operator": operators[0], "document": "general", "number": "1", "api": "face.search", "entitlement": entitlement.id.rawValue,
            "alert": alert.id.rawValue, "product": pack.id.rawValue, "month": CalendarMonth(hub.now()).description, "corrects": payment.id.rawValue,
            "gallery": gallery.id.rawValue, "person": enrolled.person.rawValue, "template": enrolled.template.id.rawValue, "import": opened.id.rawValue,
            "feedback": report.id.rawValue, "incident": incident.id.rawValue, "announcement": news.id.rawValue, "subject": "victim-person",
            "image": Self.uuid(enrolled.template.id), "device": try await victimDevice().rawValue, "release": release.id.rawValue,
            "rollout": rollout.id.rawValue, "digest": try release.manifest.files[0].sha256,
        ]) { $1 }
        let customised: [String: String] = try await hub.customise(victim, prefix: "victim-")
        parameters.merge(customised) { $1 }
        let furnished: [String: String] = try await hub.furnish(victim, prefix: "victim-")
        parameters.merge(furnished) { $1 }
        markers = ["Victim Works", "victim.example", "victim-", key.key.hint, try await hub.domainProof(victim.id).challenge]
        markers += [
            "feedback", "account", "member", "session", "application", "key", "notice", "measure", "closure", "entitlement", "alert", "corrects", "gallery",
            "person",
            "template", "image",
            "import", "device", "deviceAlert", "release", "rollout",
        ].compactMap {
            parameters[$0]
        }
        markers += members.map(\.id) + customised.values + furnished.values
    }

    /// As the CompreFace interface writes a template's identifier.
    private static func uuid(_ id: TemplateID) -> String {
        let digits: [Character] = Array(id.rawValue.dropFirst(4))
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }

    /// Silent, with an alert of it.
    private func victimDevice() async throws -> DeviceID {
        let device: DeviceID = try await served.hub.enrolTestDevice("victim-device", of: victim)
        var draft = AlertRuleDraft(.silent, level: 15)
        draft.scope = "device:\(device)"
        let ownRule: AlertRule = try await served.hub.addAlertRule(draft, of: victim.id, by: .test)
        let now: Timestamp = served.hub.now()
        _ = try await served.hub.database.write {
            try $0.execute("UPDATE device SET contact_ms = ? WHERE id = ?", [.integer(now.milliseconds), .text(device.rawValue)])
        }
        for _ in 0..<12 {
            clock.advance(by: .seconds(100))
            try await served.hub.watchDevices()
        }
        parameters["deviceAlert"] = try await served.hub.deviceAlerts(account: victim.id).first { !$0.isOwn }?.id.rawValue
        parameters["rule"] = try await served.hub.alertRules().first?.id.rawValue
        parameters["ownRule"] = ownRule.id.rawValue
        parameters["ownAlert"] = try await served.hub.deviceAlerts(account: victim.id).first(where: \.isOwn)?.id.rawValue
        return device
    }

    // MARK: Asking

    /// - Parameter only: one path.
    func run(only: String? = nil) async throws -> Report {
        var report = Report()
        for route in routes where only == nil || route.path == only {
            report.routes += 1
            let callers: [Caller] = try await callers(for: route)
            let before: String = try await state()
            for caller in callers {
                report.tried.insert(caller.credential)
                report.requests += 1
                let answer: APIAnswer = try await ask(route, caller)
                let name: String = "\(route.method.rawValue) \(route.path) as \(caller.credential.rawValue) \(caller.role)"
                if let fault = judge(route, caller, answer) { report.leaks.append("\(name): \(fault)") }
                if answer.status < 400 { report.opened += 1 }
                // A refusal may repeat what the caller itself sent.
                for marker in markers where answer.text.contains(marker) && !(answer.status >= 400 && parameters.values.contains(marker)) {
                    report.leaks.append("\(name): \(answer.status) tells “\(marker)”")
                }
            }
            if try await state() != before { report.leaks.append("\(route.method.rawValue) \(route.path): somebody changed the victim's account") }
        }
        return report
    }

    private func ask(_ route: Route, _ caller: Caller) async throws -> APIAnswer {
        var path: String = route.path
        for name in route.pathParameters { path = path.replacing("{\(name)}", with: parameters[name] ?? "x") }
        if route.page != nil, case .object(let fields)? = try route.body.map({ sample($0) }) {
            // As the page's own form sends it, with whatever token this caller has.
            let session: (cookie: String, csrf: String) = await caller.client.session
            let pairs: [(String, String)] = fields.compactMap { name, value in value.text.map { (name, $0) } } + [("csrf", session.csrf)]
            let body: String = pairs.map { "\($0.0)=\($0.1.formEscaped)" }.joined(separator: "&")
            return try await caller.client.send(
                route.method.rawValue, path, bytes: Array(body.utf8), headers: ["Content-Type: application/x-www-form-urlencoded"], csrf: "")
        }
        let headers: [String] = ["Content-Type: application/json"] + (caller.key.map { ["Authorization: Bearer \($0)"] } ?? [])
        let body: [UInt8]? = try route.body.map { try JSON.bytes(sample($0)) }
        return try await caller.client.send(route.method.rawValue, path, bytes: body, headers: headers)
    }

    /// - Returns: what is wrong with the answer, if anything.
    private func judge(_ route: Route, _ caller: Caller, _ answer: APIAnswer) -> String? {
        if answer.status >= 500 { return "\(answer.status) \(answer.text.prefix(200))" }
        switch (route.access, caller.credential) {
        case (.open, _): return nil
        // Another tenant passes the rule: what it names is not there for it, and what it reads is its own.
        case (.member, .otherTenant):
            let namesVictim: Bool = route.pathParameters.contains { !["document", "number", "api", "month"].contains($0) }
            return namesVictim && answer.status != 404 ? "\(answer.status) for something of another account" : nil
        case (.key, .goodKey), (.key, .otherTenantsKey), (.device, .device): return nil
        // A key with every entitlement passes the rule: what it names of another account is not there for it.
        case (.call, .goodKey), (.call, .otherTenantsKey):
            // It may call one API, and has no entitlement to that.
            if caller.credential == .otherTenantsKey, answer.status == 403 { return nil }
            return !route.pathParameters.isEmpty && answer.status != 404 ? "\(answer.status) for something of another account" : nil
        default:
            if route.path.hasPrefix("/api/v1/"), case .integer(let number)? = answer.json["code"] {
                // CompreFace's numbers: no key, a key that does not count.
                return [401, 403].contains(answer.status) && [10, 20].contains(number) ? nil : "\(answer.status), \(number)"
            }
            if route.page != nil {
                if caller.credential == .lowerRole { return answer.status == 403 && answer.text.contains("role_insufficient") ? nil : "\(answer.status)" }
                let isAsked: Bool = answer.status == 303 && (answer[header: "location"] ?? "").contains("/sign-in?to=")
                return isAsked ? nil : "\(answer.status) \(answer.text.prefix(200))"
            }
            guard answer.status == 401 || answer.status == 403, let code = answer.code else { return "\(answer.status) \(answer.text.prefix(200))" }
            let wanted: Set<ProblemCode> =
                switch caller.credential {
                case .lowerRole: [.roleInsufficient]
                case .frozenKey where route.isForKeys: [.keyFrozen]
                case .expiredKey where route.isForKeys: [.keyExpired]
                case .revokedDevice where route.access == .device: [.deviceRevoked]
                default: [.signInRequired, .keyMissing, .certificateMissing]
                }
            return wanted.contains(code) ? nil : "\(code.rawValue), wanted \(wanted.map(\.rawValue).sorted())"
        }
    }

    /// Everything of the victim's account that a route might change.
    private func state() async throws -> String {
        let hub: Hub = served.hub
        let id: AccountID = victim.id
        let sessions: Int = try await hub.countSessions(account: id)
        return try [
            JSON.text(try await hub.account(id.rawValue)), JSON.text(try await hub.members(id)), JSON.text(try await hub.applications(id)),
            JSON.text(try await hub.apiKeys(id)), JSON.text(try await hub.agreementStatus(id)), JSON.text(try await hub.notices(id)),
            JSON.text(try await hub.measures(id)), JSON.text(try await hub.closures(id)), JSON.text(try await hub.domainProof(id)),
            JSON.text(try await hub.entitlements(id)), JSON.text(try await hub.quotas(account: id.rawValue)), JSON.text(try await hub.balances(id)),
            JSON.text(try await hub.ledger(id, before: nil, limit: 500)), JSON.text(try await hub.purchases(id)), JSON.text(try await hub.alerts(id)),
            JSON.text(try await hub.meteringRecords(id, api: nil, before: nil, limit: 500)), JSON.text(try await hub.auditEntries(account: id, limit: 500)),
            JSON.text(try await hub.cases(id)), JSON.text(try await hub.operators().map(\.role)), "\(sessions)",
            JSON.text(try await hub.galleries(account: id)), JSON.text(try await hub.deviceAlerts(account: id, states: [.open, .resolved])),
            JSON.text(try await hub.alertRules()), JSON.text(try await hub.alertRules(of: id)), JSON.text(try await hub.releases()),
            JSON.text(try await hub.rollouts()),
            try await hub.customisationState(id), try await hub.fleetState(id),
        ].joined(separator: "\n")
    }

    // MARK: Callers

    private var shared: [Caller]?

    private func callers(for route: Route) async throws -> [Caller] {
        if shared == nil { shared = try await makeShared() }
        var callers: [Caller] = shared ?? []
        switch route.access {
        case .member(let roles):
            // Whoever was asked before may have ended this session: so it is a new one for each route.
            callers.append(Caller(credential: .otherTenant, client: try await intruderOwner()))
            for role in MemberRole.allCases where !roles.contains(role) {
                callers.append(Caller(credential: .lowerRole, client: try await member(role), role: role.rawValue))
            }
            callers.append(Caller(credential: .otherSide, client: try await crossed(to: .account)))
        case .operator(let roles):
            callers.append(Caller(credential: .otherTenant, client: try await presenting(try await intruderOwner(), at: .operator)))
            for role in OperatorRole.allCases where !roles.contains(role) {
                callers.append(Caller(credential: .lowerRole, client: try await staff(role), role: role.rawValue))
            }
            callers.append(Caller(credential: .otherSide, client: try await crossed(to: .operator)))
        case .open, .key, .call, .device:
            callers.append(Caller(credential: .otherTenant, client: try await intruderOwner()))
        }
        return callers
    }

    private var members: [MemberRole: APIClient] = [:]
    private var operators: [OperatorRole: APIClient] = [:]

    private func member(_ role: MemberRole) async throws -> APIClient {
        if let client = members[role] { return client }
        let client: APIClient = try await served.member("\(role.rawValue)@victim.example")
        members[role] = client
        return client
    }

    private func staff(_ role: OperatorRole) async throws -> APIClient {
        if let client = operators[role] { return client }
        let client: APIClient = try await served.staff(role)
        operators[role] = client
        return client
    }

    private var intruderClient: APIClient?

    /// The other account's owner, signed in; what its own requests broke is mended first.
    private func intruderOwner() async throws -> APIClient {
        if let client = intruderClient, try await client.get("/v1/account/session").status == 200 { return client }
        for password in [Hub.testPassword, Self.samplePassword] {
            let client: APIClient = try served.visitor()
            if try await client.signIn("owner@intruder.example", password: password).status == 201 {
                intruderClient = client
                return client
            }
        }
        throw Unexpected(what: "the intruder cannot sign in")
    }

    /// A session shown where another side's is wanted.
    private func presenting(_ client: APIClient, at side: APIClient.Side) async throws -> APIClient {
        let session: (cookie: String, csrf: String) = await client.session
        let other: APIClient = try served.visitor(side)
        await other.setSession(cookie: session.cookie, csrf: session.csrf)
        return other
    }

    private func crossed(to side: APIClient.Side) async throws -> APIClient {
        side == .account ? try await presenting(try await staff(.administrator), at: .account) : try await presenting(try await member(.owner), at: .operator)
    }

    private func makeShared() async throws -> [Caller] {
        let hub: Hub = served.hub
        // A session that ran out: it began long before the others.
        let late: APIClient = try await served.member("owner@victim.example")
        let lateStaff: APIClient = try await served.staff(.administrator)
        clock.advance(by: Hub.sessionIdle + .seconds(60))
        let ended: APIClient = try await served.member("owner@victim.example")
        let cookie: (cookie: String, csrf: String) = await ended.session
        _ = try await ended.send("DELETE", "/v1/account/session")
        await ended.setSession(cookie: cookie.cookie, csrf: cookie.csrf)
        try await served.join("removed@victim.example", role: .admin, to: victim)
        let removed: APIClient = try await served.member("removed@victim.example")
        let gone: Member? = try await hub.members(victim.id).first { $0.email == "removed@victim.example" }
        try await hub.setMember(gone?.id ?? "", of: victim.id, role: nil, changer: nil, by: .test)

        let frozen: IssuedKey = try await served.key(of: victim)
        _ = try await hub.freezeKey(frozen.key.id, ground: "victim-lost", account: nil, by: .test)
        let expired: IssuedKey = try await served.key(of: victim, expires: clock.now().wall.advanced(by: .seconds(1)))
        clock.advance(by: .seconds(2))
        let visitor: APIClient = try served.visitor()
        func key(_ credential: Credential, _ key: IssuedKey) -> Caller { Caller(credential: credential, client: visitor, key: key.secret) }
        return [
            Caller(credential: .nothing, client: visitor),
            Caller(credential: .expiredSession, client: late), Caller(credential: .expiredSession, client: lateStaff, role: "operator"),
            Caller(credential: .endedSession, client: ended), Caller(credential: .removedMember, client: removed),
            key(.goodKey, try await entitledKey()), key(.frozenKey, frozen), key(.expiredKey, expired),
            key(.otherTenantsKey, try await served.key(of: intruder, apis: [.compare])),
            Caller(credential: .device, client: try await device(revoked: false)),
            Caller(credential: .revokedDevice, client: try await device(revoked: true)),
        ]
    }

    /// A key of the intruder's that may call everything.
    private func entitledKey() async throws -> IssuedKey {
        let key: IssuedKey = try await served.key(of: intruder)
        for api in APIName.all { _ = try await served.hub.grant(api, to: key.key.application, of: intruder) }
        let owner = GalleryOwner(account: intruder.id, application: key.key.application)
        _ = try await served.hub.makeGallery("compreface", of: owner, by: .test)
        try await served.hub.setStandingConsent(StandingConsent(reference: "r", purpose: "p", days: 1), of: owner, by: .test)
        return key
    }

    /// A device of the intruder's, by its certificate.
    private func device(revoked: Bool) async throws -> APIClient {
        let key = P256.Signing.PrivateKey()
        let token: IssuedToken = try await served.hub.issueToken(account: intruder.id.rawValue, lifetime: .seconds(600), by: .test)
        let request = try CertificateSigningRequest(
            version: .v1, subject: try DistinguishedName { CommonName("test") }, privateKey: .init(key), attributes: .init(),
            signatureAlgorithm: .ecdsaWithSHA256)
        let answer: EnrolmentResponse = try await served.hub.enrol(
            EnrolmentRequest(
                secret: JoinToken(token.token)?.secret ?? "", certificateSigningRequest: try request.serializeAsPEM().pemString, label: "test",
                agentVersion: "0"))
        if revoked { _ = try await served.hub.revokeDevice(answer.device, by: .test) }
        return try APIClient(
            served.url, authority: served.hub.keys.authorityPEM,
            credential: TransferCredential(certificate: Array(answer.certificate.utf8), key: Array(key.pemRepresentation.utf8)))
    }

    // MARK: Bodies

    /// PNG, one pixel.
    private static let samplePicture: String =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    private static let samplePassword: String = "sample password of some length"

    /// A body that the schema lets through, naming the victim's things.
    private func sample(_ schema: Schema, name: String = "") -> JSONValue {
        switch schema {
        case .string(let length, let form):
            switch form {
            case .email?: return "stranger@intruder.example"
            case .dateTime?: return "2099-01-01T00:00:00Z"
            case .identifier?: return .string(parameters[name] ?? victim.id.rawValue)
            case .digest?: return .string(String(repeating: "0", count: 64))
            case .password?: return .string(Self.samplePassword)
            case .base64?: return .string(Self.samplePicture)
            // A report's subject is its writer's own words, not a person of a gallery.
            case nil where name == "subject": return "sample subject"
            default: return .string(String((parameters[name] ?? "sample text of some length").prefix(max(length.lowerBound, length.upperBound))))
            }
        case .choice(let values): return .string(values[0])
        case .integer(let range): return .integer(range.lowerBound)
        case .number(let range): return .number(max(range.lowerBound, 0))
        case .numbers(let numbers): return .number(numbers[0])
        case .boolean: return true
        case .array(let item, _): return .array([sample(item, name: name)])
        case .object(let fields):
            return .object(fields.filter(\.isRequired).reduce(into: [:]) { $0[$1.name] = sample($1.schema, name: $1.name) })
        case .map, .reference, .anything: return [:]
        }
    }
}

extension Route {
    fileprivate var isForKeys: Bool {
        switch access {
        case .key, .call: true
        default: false
        }
    }
}
