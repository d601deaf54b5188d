import HTTPTypes
import HubDomain
import RecognitionAPI
import WireModel

/// How devices are over time, what is wrong with them, and by which rules somebody is told.
struct HealthRoutes {
    let hub: Hub

    private static let support: Access = .operator([.administrator, .support])
    private static let managers: Set<MemberRole> = [.owner, .admin, .developer]

    private static let seriesQuery: [Route.Parameter] = [
        .init(name: "metrics", schema: .text(1...400), about: "names with commas between; all otherwise"),
        .init(name: "since", schema: .time, about: "six hours before the end otherwise"),
        .init(name: "until", schema: .time, about: "now otherwise"),
        .init(
            name: "step", schema: .choice(HealthStep.allCases.map { "\($0.rawValue)" }),
            about: "seconds a point; the finest that is kept for so long otherwise"),
    ]

    private struct Draft: Decodable {
        let condition: AlertCondition
        let level: Int64
        let margin: Int64?
        let holdSeconds: Int64?
        let severity: AlertRule.Severity?
        let scope: String?
        let recipients: [String]?
        let repeatSeconds: Int64?
        let quiet: String?

        var draft: AlertRuleDraft {
            var draft = AlertRuleDraft(condition, level: level)
            draft.margin = margin
            if let holdSeconds { draft.hold = .seconds(holdSeconds) }
            if let severity { draft.severity = severity }
            if let scope { draft.scope = scope }
            if let recipients { draft.recipients = recipients }
            if let repeatSeconds { draft.repeats = .seconds(repeatSeconds) }
            draft.quiet = quiet
            return draft
        }
    }

    /// What a rule is made of, whoever makes it.
    private static func draft(scopes: String, _ more: [Schema.Field] = []) -> Schema {
        .object(
            [
                .required("condition", .choices(AlertCondition.self)), .required("level", .integer(1...100_000_000), "in the condition's unit"),
                .optional("margin", .integer(0...100_000_000), "how far back past the level a value must come; a tenth otherwise"),
                .optional("holdSeconds", .integer(0...2_592_000)), .optional("severity", .choices(AlertRule.Severity.self)),
                .optional("scope", .text(1...200), scopes), .optional("repeatSeconds", .integer(0...7_776_000), "0: told once"),
                .optional("quiet", .text(11...11), "22:00-06:30, UTC"),
            ] + more)
    }

    var routes: [Route] { series + alerts + rules + ownRules + incidents }

    private var series: [Route] {
        [
            Route(
                .get, "/v1/operator/devices/{device}/health", .everyOperator, "A device's health over time.", query: Self.seriesQuery,
                success: (200, .reference("HealthSeries"))
            ) { call in try await answer(call, account: nil) },
            Route(
                .get, "/v1/account/devices/{device}/health", .everyMember, "The health of a device of the account's over time.", query: Self.seriesQuery,
                success: (200, .reference("HealthSeries"))
            ) { call in try await answer(call, account: try call.member.account) },
        ]
    }

    private var alerts: [Route] {
        let state = Route.Parameter(name: "state", schema: .choices(DeviceAlert.State.self), about: "open otherwise")
        return [
            Route(
                .get, "/v1/operator/alerts", .everyOperator, "What is wrong with devices, by the rules, newest first; at most 500.", query: [state],
                success: (200, Schemas.items("DeviceAlert"))
            ) { call in
                try .json(Items(items: try await hub.deviceAlerts(states: Self.states(call))))
            },
            Route(
                .get, "/v1/account/device-alerts", .everyMember, "What is wrong with the account's devices, newest first; at most 500.", query: [state],
                success: (200, Schemas.items("DeviceAlert"))
            ) { call in
                try .json(Items(items: try await hub.deviceAlerts(account: try call.member.account, states: Self.states(call))))
            },
            Route(
                .post, "/v1/account/device-alerts/{ownAlert}/acknowledge", .member(Self.managers),
                "Somebody has seen an alert by a rule of the account's: it is not told again.", success: (200, .reference("DeviceAlert"))
            ) { call in
                try .json(try await hub.acknowledgeAlert(try call.id("ownAlert"), of: try call.member.account, by: try call.actor))
            },
            Route(
                .post, "/v1/operator/alerts/{deviceAlert}/acknowledge", Self.support, "Somebody has seen it: it is not told again.",
                success: (200, .reference("DeviceAlert"))
            ) { call in try .json(try await hub.acknowledgeAlert(try call.id("deviceAlert"), by: try call.actor)) },
        ]
    }

    private var rules: [Route] {
        [
            Route(.get, "/v1/operator/alert-rules", .everyOperator, "The alert rules in force.", success: (200, Schemas.items("AlertRule"))) { _ in
                try .json(Items(items: try await hub.alertRules()))
            },
            Route(
                .post, "/v1/operator/alert-rules", Self.support, "Add an alert rule.",
                body: Self.draft(
                    scopes: "all, account:ID, group:ID, device:ID or label:NAME=VALUE",
                    [.optional("recipients", .array(.text(1...64), most: 10), "operators, owner, or an account's id")]),
                success: (201, .reference("AlertRule"))
            ) { call in try .json(try await hub.addAlertRule(try call.value(Draft.self).draft, by: try call.actor), status: 201) },
            Route(.delete, "/v1/operator/alert-rules/{rule}", Self.support, "Remove an alert rule; what stands by it is over.", success: (204, nil)) { call in
                try await hub.removeAlertRule(try call.id("rule"), by: try call.actor)
                return .nothing
            },
        ]
    }

    /// An account's own, of its own devices; it alone is told.
    private var ownRules: [Route] {
        let path: String = "/v1/account/device-alert-rules"
        return [
            Route(.get, path, .everyMember, "The account's own alert rules in force.", success: (200, Schemas.items("AlertRule"))) { call in
                try .json(Items(items: try await hub.alertRules(of: try call.member.account)))
            },
            Route(
                .post, path, .member(Self.managers), "Add a rule by which the account is told of its devices: by notice, mail to its owners and webhook.",
                body: Self.draft(scopes: "all, group:ID, device:ID or label:NAME=VALUE, of the account's"), success: (201, .reference("AlertRule"))
            ) { call in
                try .json(
                    try await hub.addAlertRule(try call.value(Draft.self).draft, of: try call.member.account, by: try call.actor), status: 201)
            },
            Route(
                .delete, "\(path)/{ownRule}", .member(Self.managers), "Remove an alert rule of the account's; what stands by it is over.", success: (204, nil)
            ) { call in
                try await hub.removeAlertRule(try call.id("ownRule"), of: try call.member.account, by: try call.actor)
                return .nothing
            },
        ]
    }

    private struct Reading: Encodable { let isReading: Bool }

    private var incidents: [Route] {
        [
            Route(
                .get, "/v1/account/incident-mail", .everyMember, "Whether you are mailed of incidents.",
                success: (200, .object([.required("isReading", .boolean)]))
            ) { call in try .json(Reading(isReading: try await hub.isReadingIncidents(try call.member.principal.id))) },
            Route(
                .put, "/v1/account/incident-mail", .everyMember, "Be mailed of incidents, or no longer.",
                body: .object([.required("isReading", .boolean)]), success: (200, .object([.required("isReading", .boolean)]))
            ) { call in
                let isReading: Bool = call.body["isReading"] == .boolean(true)
                try await hub.readIncidents(isReading, principal: try call.member.principal.id, by: try call.actor)
                return try .json(Reading(isReading: isReading))
            },
        ]
    }

    private static func states(_ call: Call) -> Set<DeviceAlert.State> { [call.query["state"].flatMap(DeviceAlert.State.init(rawValue:)) ?? .open] }

    private func answer(_ call: Call, account: AccountID?) async throws -> Reply {
        let metrics: [HealthMetric] = try (call.query["metrics"] ?? "").split(separator: ",").map { name in
            guard let metric = HealthMetric(name: String(name)) else {
                throw Problem(
                    .invalidRequest, "There is no such metric.", detail: String(name.prefix(80)),
                    remedy: "They are: \(HealthMetric.allCases.map(\.name).joined(separator: ", ")).")
            }
            return metric
        }
        return try .json(
            try await hub.health(
                of: try call.id("device"), account: account, metrics: metrics, since: call.query["since"].flatMap { Timestamp($0) },
                until: call.query["until"].flatMap { Timestamp($0) }, step: call.query["step"].flatMap(Int64.init).flatMap(HealthStep.init(rawValue:))))
    }
}
