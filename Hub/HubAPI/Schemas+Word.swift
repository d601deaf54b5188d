import HubDomain
import RecognitionAPI

/// What accounts and operator say to each other, and to everybody.
extension Schemas {
    static let both: Schema = .object([.required("en", .text(1...5_000)), .required("zh", .text(1...5_000))])

    static let word: [String: Schema] = [
        "Feedback": .object([
            .required("id", .identifier), .required("account", .identifier), .required("kind", .choices(FeedbackCase.Kind.self)),
            .optional("category", .choice(FeedbackCase.categories), "with unlawful"), .required("subject", .text(1...200)),
            .required("state", .choices(FeedbackCase.State.self)), .required("opened", .time), .required("changed", .time),
        ]),
        "FeedbackThread": .object([
            .required("report", .reference("Feedback")),
            .required(
                "messages",
                .list(.object([.required("isOperator", .boolean), .required("body", .text(1...10_000)), .required("written", .time)]))),
        ]),
        "Announcement": .object([
            .required("id", .identifier), .required("audience", .text(1...64)), .required("title", .text(1...200)), .required("body", .text(1...5_000)),
            .required("begins", .time), .optional("ends", .time),
        ]),
        "Incident": .object([
            .required("id", .identifier), .required("kind", .choices(Incident.Kind.self)), .required("impact", .choices(Incident.Impact.self)),
            .required("title", .text(1...200)), .required("begins", .time), .optional("resolved", .time),
            .required(
                "updates",
                .list(
                    .object([.required("state", .choices(Incident.State.self)), .required("text", .text(1...5_000)), .required("written", .time)]))),
        ]),
    ]
}
