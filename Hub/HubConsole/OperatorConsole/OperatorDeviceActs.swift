import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// What is done to one device from its page.
struct OperatorDeviceActs: Sendable {
    let hub: Hub
    let console: Console
    let back: Console.Making

    private static let one: String = OperatorDevicePages.one

    var routes: [Route] {
        let confirmed: [Schema.Field] = [.required("confirm", .text(1...100))]
        return [
            act("commands", "Ask a device to do something.", fields: [.required("kind", .choices(RemoteCommandKind.self))], done: "commanded") { visit, id in
                let kind: RemoteCommandKind = RemoteCommandKind(rawValue: visit.sent.text("kind")) ?? .syncNow
                if kind == .wipe { try await confirm(visit, id) }
                _ = try await hub.command(kind, to: id, by: try visit.call.actor)
            },
            act("commands/{command}/cancel", "Take back a command.", done: "cancelled") { visit, id in
                let command: CommandID = try visit.call.id("command")
                guard try await hub.commands(of: id, limit: 1_000).contains(where: { $0.id == command }) else {
                    throw Problem(.notFound, "There is no such command.", detail: command.rawValue, remedy: "See the device's commands.")
                }
                _ = try await hub.cancelCommand(command, by: try visit.call.actor)
            },
            act("wipe", "Erase a device, confirmed by its name.", fields: confirmed, done: "commanded") { visit, id in
                try await confirm(visit, id)
                _ = try await hub.command(.wipe, to: id, by: try visit.call.actor)
            },
            act("stolen", "Report a device stolen, confirmed by its name.", fields: confirmed, done: "saved") { visit, id in
                try await confirm(visit, id)
                _ = try await hub.declareStolen(id, by: try visit.call.actor)
            },
            act("revoke", "Take a device out of service, confirmed by its name.", fields: confirmed, done: "saved") { visit, id in
                try await confirm(visit, id)
                _ = try await hub.revokeDevice(id, by: try visit.call.actor)
            },
            act("settings", "Let one device work otherwise than its group.", done: "saved") { visit, id in
                let wanted: ConfigurationOverrides = try FleetSetting.read(visit)
                _ = try await hub.configureDevice(id, by: try visit.call.actor) { $0 = wanted }
            },
            act("name", "Name and label a device.", fields: [.required("name", .text(1...100)), .optional("labels", .text(0...4_000))], done: "saved") {
                visit, id in
                let wanted: [String: String] = try FleetWords.labels(sent: visit.sent.text("labels"))
                // Those that are no longer named go.
                var labels: [String: String?] = [:]
                for name in try await hub.fleetDevice(id).labels.keys { labels[name] = .some(nil) }
                for (name, value) in wanted { labels[name] = .some(value) }
                _ = try await hub.labelDevice(id, name: FleetWords.trimmed(visit.sent.text("name")), labels: labels, by: try visit.call.actor)
            },
            act("group", "Put a device into a group, or into none.", fields: [.optional("group", .text(0...60))], done: "saved") { visit, id in
                let group: String = visit.sent.text("group")
                _ = try await hub.move(id, to: group.isEmpty ? nil : group, by: try visit.call.actor)
            },
            act(
                "resolve", "Let a barred device go on.",
                fields: [.required("resolution", .text(1...20)), .required("reason", .text(1...500))], done: "saved"
            ) { visit, id in
                guard let resolution = ForkResolution(rawValue: visit.sent.text("resolution")) else {
                    throw Problem(.invalidRequest, "That is no resolution.", detail: "/resolution", remedy: "Choose one of the list.")
                }
                _ = try await hub.resolveFork(id, resolution, reason: visit.sent.text("reason"), by: try visit.call.actor)
            },
        ]
    }

    private func act(
        _ path: String, _ summary: String, fields: [Schema.Field] = [], done: String, work: @escaping @Sendable (Visit, DeviceID) async throws -> Void
    ) -> Route {
        console.action("\(Self.one)/\(path)", .operator(OperatorDevicePages.support), summary, fields: fields, back: back) { visit in
            let id: DeviceID = try visit.call.id("device")
            try await work(visit, id)
            return .to("\(OperatorFleetPages.here)/\(id)?done=\(done)")
        }
    }

    private func confirm(_ visit: Visit, _ id: DeviceID) async throws {
        try FleetWords.confirm(visit.sent.text("confirm"), is: try await hub.fleetDevice(id).device.label)
    }
}
