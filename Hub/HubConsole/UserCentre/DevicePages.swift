import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// An account's own devices: seen, paused and resumed. Who may join, and what they hold, is the operator's to say.
struct DevicePages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    private static let here: String = "/account/devices"
    private static let one: String = "\(here)/{device}"
    private static let live: String = "/account/live/devices/{device}"
    private static let managers: Set<MemberRole> = [.owner, .admin]
    private static let query: [String] = ["text", "state", "after"]

    var routes: [Route] {
        [
            console.page(Self.here, .everyMember, "The account's devices.", query: Self.query, list),
            console.page(Self.one, .everyMember, "One device of the account.", device),
            console.live(Self.live, .everyMember, "How one device is, as it changes.", state),
            console.action(
                "\(Self.one)/commands", .member(Self.managers), "Pause a device of the account, or let it go on.",
                fields: [.required("kind", .choice([RemoteCommandKind.pause.rawValue, RemoteCommandKind.resume.rawValue]))], back: device
            ) { visit in
                let fleet: FleetDevice = try await own(visit)
                guard let kind = RemoteCommandKind(rawValue: visit.sent.text("kind")), [.pause, .resume].contains(kind) else {
                    throw Problem(.invalidRequest, "A device is paused or resumed from here.", detail: "/kind", remedy: "Ask the operator for the rest.")
                }
                _ = try await hub.command(kind, to: fleet.device.id, by: try visit.call.actor)
                return .to("\(Self.here)/\(fleet.device.id)?done=commanded")
            },
        ]
    }

    /// - Throws: `not_found` for another account's, as for what is not there.
    private func own(_ visit: Visit) async throws -> FleetDevice {
        let id: DeviceID = try visit.call.id("device")
        let account: AccountID = try visit.call.member.account
        let missing = Problem(.notFound, "The account has no such device.", detail: id.rawValue, remedy: "See the list of its devices.")
        guard let fleet = try? await hub.fleetDevice(id), fleet.device.account == account else { throw missing }
        return fleet
    }

    @Sendable private func list(_ visit: Visit) async throws -> ConsolePage {
        var filter = FleetFilter()
        filter.account = try visit.call.member.account.rawValue
        filter.text = visit.asked("text")
        filter.conditions = visit.asked("state").flatMap(FleetDevice.Condition.init(rawValue:)).map { [$0] } ?? []
        let found: FleetPage = try await hub.fleetPage(filter, after: visit.asked("after").flatMap(DeviceID.init(rawValue:)))
        var blocks: [Block] = [
            Block(
                filter: FilterView(
                    visit, Self.here,
                    [
                        InputView("text", visit.say("Name or id", "名称或编号"), .line("search")),
                        InputView(
                            "state", visit.say("State", "状态"),
                            .choice(
                                [.init(option: "", optionName: visit.say("any", "全部"))]
                                    + FleetDevice.Condition.allCases.map { .init(option: $0.rawValue, optionName: FleetWords.condition($0, visit)) })),
                    ])),
            Block(
                table: TableView(
                    visit.say("Devices", "设备"),
                    [
                        visit.say("Device", "设备"), visit.say("State", "状态"), visit.say("Group", "分组"), visit.say("Version", "版本"),
                        visit.say("Last contact", "最近联系"),
                    ],
                    rows: found.devices.map { one in
                        let labels: String = FleetWords.labels(one.labels)
                        return [
                            .link(one.device.label, "\(Self.here)/\(one.device.id)", under: labels.isEmpty ? nil : labels), FleetWords.badge(one, visit),
                            .text(one.groupName ?? visit.say("none", "无")), .text(one.device.agentVersion),
                            .text(one.device.contact.map(visit.shown) ?? visit.say("never", "从未")),
                        ]
                    }, nothing: visit.say("There is no device like that.", "没有符合条件的设备。"))),
        ]
        if let next = found.next {
            blocks.append(.links([(visit.say("More devices", "下一页"), visit.address(Self.here, keeping: Self.query, ["after": next.rawValue]))]))
        }
        return ConsolePage(
            side: .member, title: visit.say("Devices", "设备"),
            lead: visit.say("Terminals that recognise for this account, with the network or without.", "为本账户识别的终端，断网时亦可工作。"), section: Self.here,
            blocks: blocks)
    }

    @Sendable private func state(_ visit: Visit) async throws -> [Block] {
        let fleet: FleetDevice = try await own(visit)
        let shown = DeviceBlocks(fleet: fleet, visit: visit)
        let commands: [IssuedCommand] = try await hub.commands(of: fleet.device.id, limit: 10).map(\.withoutDetail)
        var blocks: [Block] = []
        if visit.may(Self.managers), fleet.device.revoked == nil {
            let kind: RemoteCommandKind = fleet.reported?.isPaused == true ? .resume : .pause
            blocks.append(
                Block(
                    buttons: [
                        visit.button(
                            "\(Self.here)/\(fleet.device.id)/commands", FleetWords.command(kind.rawValue, visit), of: fleet.device.label,
                            hidden: ["kind": kind.rawValue])
                    ]))
        }
        return blocks + shown.wiped(commands) + shown.state() + [
            .heading(visit.say("Commands", "指令"), id: "commands"),
            shown.commands(commands, at: hub.now(), details: { _ in "" }, buttons: { _ in [] }),
            .heading(visit.say("Configuration", "配置"), id: "configuration"),
        ] + shown.configuration(try await hub.deviceFacts(fleet.device.id).works)
    }

    @Sendable private func device(_ visit: Visit) async throws -> ConsolePage {
        let fleet: FleetDevice = try await own(visit)
        let id: DeviceID = fleet.device.id
        let facts: DeviceFacts = try await hub.deviceFacts(id)
        var blocks: [Block] = Block.live("/account/live/devices/\(id)", try await state(visit))
        let shown = DeviceBlocks(fleet: fleet, visit: visit)
        blocks.append(.links([(visit.say("Health over time", "健康趋势"), "\(Self.here)/\(id)/health")]))
        blocks += shown.updates(try await hub.updates(of: id), address: nil)
        blocks += [
            .heading(visit.say("Leases", "租约"), id: "leases"), shown.leases(facts),
            .heading(visit.say("Identity", "身份"), id: "identity"),
            .facts([
                (visit.say("Device", "设备编号"), id.rawValue), (visit.say("Group", "分组"), fleet.groupName ?? visit.say("none", "无")),
                (visit.say("Labels", "标签"), fleet.labels.isEmpty ? "–" : FleetWords.labels(fleet.labels)),
                (visit.say("Agent", "程序版本"), fleet.device.agentVersion), (visit.say("Joined", "加入时间"), visit.shown(fleet.device.created)),
                (visit.say("Certificate ends", "证书到期"), facts.certificateEnds.map(visit.shown) ?? "–"),
            ]), .links([(visit.say("All devices", "全部设备"), Self.here)]),
        ]
        return ConsolePage(side: .member, title: fleet.device.label, section: Self.here, blocks: blocks)
    }
}
