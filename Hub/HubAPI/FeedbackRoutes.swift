import HTTPTypes
import HubDomain
import RecognitionAPI
import WireModel

/// Opinions, and reports of weaknesses, unlawful use and breaches: from the account to the operator's answer (S17, S18, S19, S23).
struct FeedbackRoutes {
    let hub: Hub

    private static let support: Access = .operator([.administrator, .support])

    private struct Thread: Encodable {
        let report: FeedbackCase
        let messages: [FeedbackMessage]
    }

    private static let message: Schema = .object([.required("body", .text(1...10_000)), .optional("closes", .boolean, "nothing more is expected")])

    private func thread(_ call: Call, _ account: AccountID?) async throws -> Reply {
        let (found, messages): (FeedbackCase, [FeedbackMessage]) = try await hub.feedbackCase(try call.id("feedback"), account: account)
        return try .json(Thread(report: found, messages: messages))
    }

    private func write(_ call: Call, _ account: AccountID?) async throws -> Reply {
        try .json(
            try await hub.write(
                call.text("body"), to: try call.id("feedback"), account: account, closes: call.body["closes"] == .boolean(true), by: try call.actor),
            status: 201)
    }

    var routes: [Route] {
        [
            Route(.get, "/v1/account/feedback", .everyMember, "What the account reported, the newest change first.", success: (200, Schemas.items("Feedback")))
            {
                call in try .json(Items(items: try await hub.cases(try call.member.account)))
            },
            Route(
                .post, "/v1/account/feedback", .everyMember, "Send an opinion, or report a weakness, unlawful use or a breach.",
                body: .object([
                    .required("kind", .choices(FeedbackCase.Kind.self)), .optional("category", .choice(FeedbackCase.categories), "with unlawful"),
                    .required("subject", .text(1...200)), .required("body", .text(1...10_000)),
                ]), success: (201, .reference("Feedback")), isForEnded: true
            ) { call in
                let draft = FeedbackDraft(
                    kind: FeedbackCase.Kind(rawValue: call.text("kind")) ?? .opinion, category: call.body["category"]?.text, subject: call.text("subject"),
                    body: call.text("body"))
                return try .json(try await hub.openCase(draft, account: try call.member.account, by: try call.actor), status: 201)
            },
            Route(.get, "/v1/account/feedback/{feedback}", .everyMember, "One report and what was written.", success: (200, .reference("FeedbackThread"))) {
                call in try await thread(call, try call.member.account)
            },
            Route(
                .post, "/v1/account/feedback/{feedback}/messages", .everyMember, "Write on, or say that it is done.", body: Self.message,
                success: (201, .reference("Feedback")), isForEnded: true
            ) { call in try await write(call, try call.member.account) },
            Route(.get, "/v1/operator/feedback", .everyOperator, "Every account's reports.", success: (200, Schemas.items("Feedback"))) { _ in
                try .json(Items(items: try await hub.cases(nil)))
            },
            Route(.get, "/v1/operator/feedback/{feedback}", .everyOperator, "One report and what was written.", success: (200, .reference("FeedbackThread"))) {
                call in try await thread(call, nil)
            },
            Route(
                .post, "/v1/operator/feedback/{feedback}/messages", Self.support, "Answer; the account is told.", body: Self.message,
                success: (201, .reference("Feedback"))
            ) { call in try await write(call, nil) },
        ]
    }
}
