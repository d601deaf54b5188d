import HTTPTypes
import HubDomain
import RecognitionAPI
import WireModel

/// Devices that wait to be approved; `vultus-hub device waiting`, `approve` and `refuse` do the same at the shell.
struct FleetRoutes {
    let hub: Hub

    private static let support: Access = .operator([.administrator, .support])

    private struct Approval: Decodable {
        let account: AccountID
        let group: String?
        let name: String?
        let labels: [String: String]?
        let replaces: DeviceID?
    }

    private struct Waiting: Encodable {
        let authority: String
        let items: [WaitingDevice]
    }

    private struct Approved: Encodable {
        let id: DeviceID
        let account: AccountID
        let label: String
        let group: String?
        let labels: [String: String]
    }

    var routes: [Route] {
        [
            Route(
                .get, "/v1/operator/devices/waiting", .everyOperator, "Devices without a token that wait to be approved, longest first.",
                query: [.init(name: "refused", schema: .choice(["true", "false"]), about: "those that were refused within a week instead")],
                success: (
                    200,
                    .object([
                        .required("authority", .digest, "SHA-256 of the hub's authority: what devices are told as --authority"),
                        .required("items", .list(.reference("WaitingDevice"))),
                    ])
                )
            ) { call in
                let items: [WaitingDevice] = try await hub.waitingDevices(refused: call.query["refused"] == "true")
                return try .json(Waiting(authority: hub.authorityFingerprint, items: items))
            },
            Route(
                .post, "/v1/operator/devices/waiting/{waiting}/approval", Self.support, "Make a device of one whose fingerprint was compared.",
                body: .object([
                    .required("account", .identifier), .optional("group", .text(1...100), "of the account, by id or name"), .optional("name", Schemas.name),
                    .optional("labels", .map(.text(0...100))), .optional("replaces", .identifier, "a device of the account in whose place it comes"),
                ]), success: (201, .reference("ApprovedDevice"))
            ) { call in
                let sent: Approval = try call.value(Approval.self)
                let made: FleetDevice = try await hub.approveWaiting(
                    try Self.waiting(call).rawValue,
                    JoinApproval(
                        account: sent.account.rawValue, group: sent.group, name: sent.name, labels: sent.labels ?? [:], replaces: sent.replaces),
                    by: try call.actor)
                return try .json(
                    Approved(
                        id: made.device.id, account: made.device.account, label: made.device.label, group: made.groupName, labels: made.labels), status: 201)
            },
            Route(
                .post, "/v1/operator/devices/waiting/{waiting}/refusal", Self.support, "Refuse a device; its key stays refused for a week.",
                body: .object([.optional("reason", .text(0...200), "what the device is told")]), success: (200, .reference("WaitingDevice"))
            ) { call in
                try .json(try await hub.refuseWaiting(try Self.waiting(call).rawValue, reason: call.text("reason"), by: try call.actor))
            },
        ]
    }

    private static func waiting(_ call: Call) throws(Problem) -> WaitingDeviceID { try call.id("waiting") }
}
