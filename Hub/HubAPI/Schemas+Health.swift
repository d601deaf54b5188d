import HubDomain
import RecognitionAPI

/// How devices are.
extension Schemas {
    static let health: [String: Schema] = [
        "HealthSeries": .object([
            .required("device", .identifier), .required("from", .time), .required("until", .time), .required("stepSeconds", .integer(60...86_400)),
            .required("merging", .text(1...1_000), "what a point of several reports is"),
            .required(
                "lines",
                .list(
                    .object([
                        .required("metric", .choice(HealthMetric.allCases.map(\.name))), .required("unit", .text(1...20)),
                        .required(
                            "points",
                            .list(
                                .object([
                                    .required("time", .time), .required("min", .anyNumber), .required("mean", .anyNumber), .required("max", .anyNumber),
                                    .required("count", .count, "of reports"),
                                ]))),
                    ]))),
        ]),
        "DeviceAlert": .object([
            .required("id", .identifier), .required("rule", .identifier), .required("condition", .choices(AlertCondition.self)),
            .required("severity", .choices(AlertRule.Severity.self)), .required("device", .identifier), .required("deviceName", .text(0...100)),
            .required("account", .identifier), .required("isOwn", .boolean, "by a rule of the account's own, which the account acknowledges"),
            .required("state", .choices(DeviceAlert.State.self)), .required("since", .time), .optional("opened", .time),
            .optional("value", .integer(Int64.min...Int64.max), "in the condition's unit"), .optional("told", .time), .optional("acknowledged", .time),
            .optional("acknowledgedBy", .text(0...100)), .optional("resolved", .time),
        ]),
        "AlertRule": .object([
            .required("id", .identifier), .optional("account", .identifier, "whose own it is; absent: the operators'"),
            .required("condition", .choices(AlertCondition.self)), .required("level", .count), .required("margin", .count),
            .required("holdMilliseconds", .count), .required("severity", .choices(AlertRule.Severity.self)), .required("scope", .text(3...200)),
            .required("recipients", .list(.text(5...64))), .required("repeatMilliseconds", .count), .optional("quiet", .text(11...11)),
            .required("made", .time), .optional("removed", .time),
        ]),
    ]
}
