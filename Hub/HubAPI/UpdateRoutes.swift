import HTTPTypes
import HubDomain
import RecognitionAPI
import WireModel

/// Releases and roll-outs, for the provider's staff. A release is published at the shell, where its files are (`vultus-hub release publish`).
struct UpdateRoutes {
    let hub: Hub

    private static let support: Access = .operator([.administrator, .support])
    private static let administrators: Access = .operator([.administrator])

    private struct Order: Decodable {
        let release: String
        let account: String?
        let stages: [RolloutStage]
        let failurePermille: Int64?
        let minimumTries: Int64?
        let atOnce: Int64?
        let shadow: ShadowPolicy?
    }

    private static let stage: Schema = .object([
        .optional("group", .identifier, "only devices of this group"), .optional("label", .text(1...141), "only devices with this label, name or name=value"),
        .required("percent", .integer(1...100), "of those"),
        .optional("waitMilliseconds", .integer(60_000...7_776_000_000), "the next stage begins by itself after so long"),
    ])

    private static let shadow: Schema = .object([
        .required("faces", .integer(ShadowPolicy.faceLimits), "to be compared with what decides, before the models are tried"),
        .required("disagreementPermille", .integer(ShadowPolicy.permilleLimits), "with more of a thousand decided on otherwise, the device refuses them"),
        .optional("milliseconds", .integer(ShadowPolicy.timeLimits), "and with fewer faces in so long; absent: it goes on for as long as it takes"),
    ])

    static let schemas: [String: Schema] = [
        "Release": .object([
            .required("id", .identifier), .required("kind", .choices(ReleaseKind.self)), .required("version", .text(5...29)),
            .required("platform", .text(1...40)), .required("bytes", .count), .required("signer", .text(1...16), "fingerprint of the key that signed it"),
            .required("expires", .time), .required("published", .time), .optional("withdrawn", .time),
        ]),
        "Rollout": .object([
            .required("id", .identifier), .required("release", .identifier), .required("kind", .choices(ReleaseKind.self)),
            .required("version", .text(5...29)), .required("platform", .text(1...40)), .optional("account", .identifier, "absent: devices of every account"),
            .required("stages", .list(stage)), .required("stage", .count, "the one it has come to, from 0"),
            .required("state", .choices(Rollout.State.self)), .optional("reason", .text(1...300), "why it is paused, when it did so by itself"),
            .required("failurePermille", .count), .required("minimumTries", .count), .optional("atOnce", .count),
            .optional("shadow", shadow, "of models: what they must show before they are tried"), .required("begun", .time),
            .required("begunBy", .text(1...100)), .required("stageBegun", .time), .required("devices", .map(.count), "how many are how far"),
        ]),
        "RolloutDevice": .object([
            .required("device", .identifier), .required("label", .text(0...100)), .required("state", .choices(Rollout.DeviceState.self)),
            .optional("doneBytes", .count), .optional("totalBytes", .count), .optional("reason", .text(0...300)),
            .optional(
                "shadow", .object([.required("compared", .count), .required("faces", .count), .required("disagreements", .count)]),
                "models beside those that decide: faces compared, to be compared, decided on otherwise"), .required("changed", .time),
        ]),
    ]

    var routes: [Route] { releases + rollouts }

    private var releases: [Route] {
        [
            Route(.get, "/v1/operator/releases", .everyOperator, "Releases, newest first.", success: (200, Schemas.items("Release"))) { _ in
                try .json(Items(items: try await hub.releases()))
            },
            Route(.get, "/v1/operator/releases/{release}", .everyOperator, "One release.", success: (200, .reference("Release"))) { call in
                let id: ReleaseID = try call.id("release")
                return try .json(try await hub.release(id.rawValue))
            },
            Route(
                .post, "/v1/operator/releases/{release}/withdraw", Self.administrators, "Give a release to nobody any more; devices that have it keep it.",
                success: (200, .reference("Release"))
            ) { call in
                let id: ReleaseID = try call.id("release")
                return try .json(try await hub.withdrawRelease(id.rawValue, by: try call.actor))
            },
        ]
    }

    private var rollouts: [Route] {
        [
            Route(.get, "/v1/operator/rollouts", .everyOperator, "Roll-outs, newest first.", success: (200, Schemas.items("Rollout"))) { _ in
                try .json(Items(items: try await hub.rollouts()))
            },
            Route(
                .post, "/v1/operator/rollouts", Self.administrators, "Begin to roll a release out.",
                body: .object([
                    .required("release", .identifier), .optional("account", .identifier), .required("stages", .array(Self.stage, most: RolloutStage.most)),
                    .optional("failurePermille", .integer(0...1_000), "it pauses when more of a thousand that tried it failed; 20 otherwise"),
                    .optional("minimumTries", .integer(1...100_000), "and at least so many tried it; 20 otherwise"),
                    .optional("atOnce", .integer(1...1_000_000), "no more devices than these are between being told and an outcome"),
                    .optional("shadow", Self.shadow, "of models: what they must show beside those that decide, before a device tries them"),
                ]), success: (201, .reference("Rollout"))
            ) { call in
                let sent: Order = try call.value(Order.self)
                var order = RolloutOrder(stages: sent.stages, account: sent.account)
                order.failurePermille = sent.failurePermille ?? order.failurePermille
                order.minimumTries = sent.minimumTries ?? order.minimumTries
                order.atOnce = sent.atOnce
                order.shadow = sent.shadow
                return try .json(try await hub.startRollout(of: sent.release, order, by: try call.actor), status: 201)
            },
            Route(.get, "/v1/operator/rollouts/{rollout}", .everyOperator, "One roll-out.", success: (200, .reference("Rollout"))) { call in
                try .json(try await hub.rollout(try call.id("rollout")))
            },
            Route(
                .get, "/v1/operator/rollouts/{rollout}/devices", .everyOperator, "How far each device is, the last changed first.",
                query: [
                    .init(name: "state", schema: .choices(Rollout.DeviceState.self), about: "only those"),
                    .init(name: "limit", schema: .integer(1...10_000), about: "at most so many; 1000 otherwise"),
                ], success: (200, Schemas.items("RolloutDevice"))
            ) { call in
                let state: Rollout.DeviceState? = call.query["state"].flatMap(Rollout.DeviceState.init)
                return try .json(
                    Items(
                        items: try await hub.rolloutDevices(try call.id("rollout"), state, limit: call.query["limit"].flatMap { Int64(plain: $0) } ?? 1_000)))
            },
        ]
            + RolloutAct.allCases.map { act in
                Route(
                    .post, "/v1/operator/rollouts/{rollout}/\(act.rawValue)", act == .pause ? Self.support : Self.administrators, act.summary,
                    success: (200, .reference("Rollout"))
                ) { call in try .json(try await hub.act(act, on: try call.id("rollout"), by: try call.actor)) }
            }
    }
}

extension RolloutAct {
    fileprivate var summary: String {
        switch self {
        case .pause: "Let nobody begin with it for now."
        case .resume: "Let it go on."
        case .advance: "Go to the next stage now."
        case .cancel: "Let nobody begin with it any more; who has it keeps it."
        case .return: "Send devices that have it back to what they ran before."
        }
    }
}
