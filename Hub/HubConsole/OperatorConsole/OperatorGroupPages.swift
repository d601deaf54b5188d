import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// Groups of devices: how they work, and which galleries they are given.
struct OperatorGroupPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    static let here: String = "/operator/groups"
    private static let one: String = "\(here)/{group}"
    private static let support: Set<OperatorRole> = [.administrator, .support]

    var routes: [Route] {
        let access: Access = .operator(Self.support)
        return [
            console.page(Self.here, .everyOperator, "Every group.", list),
            console.action(
                Self.here, access, "Make a group.", fields: [.required("account", .text(1...100)), .required("name", .text(1...100))], back: list
            ) { visit in
                let made: DeviceGroup = try await hub.makeDeviceGroup(
                    visit.sent.text("name"), account: visit.sent.text("account"), by: try visit.call.actor)
                return .to("\(Self.here)/\(made.id)?done=saved")
            },
            console.page(Self.one, .everyOperator, "One group.", group),
            console.action("\(Self.one)/settings", access, "Change how the group's devices work.", back: group) { visit in
                let id: DeviceGroupID = try visit.call.id("group")
                let wanted: ConfigurationOverrides = try FleetSetting.read(visit)
                _ = try await hub.configureDeviceGroup(id.rawValue, by: try visit.call.actor) { _ in wanted.over(.standard) }
                return .to("\(Self.here)/\(id)?done=saved")
            },
            console.action(
                "\(Self.one)/galleries", access, "Give the group's devices a gallery, or change its term.",
                fields: [.required("gallery", .identifier), .required("days", .text(1...5))], back: group
            ) { visit in
                let id: DeviceGroupID = try visit.call.id("group")
                guard let days = Double(visit.sent.text("days")), (0...400).contains(days) else {
                    throw FieldRefusal("days", ("A gallery's term is an hour to 400 days.", "期限为 1 小时至 400 天。"), ("Give 0.05 to 400.", "请填写 0.05 至 400。"))
                }
                _ = try await hub.assign(visit.sent.text("gallery"), to: id.rawValue, term: .milliseconds(Int64(days * 86_400_000)), by: try visit.call.actor)
                return .to("\(Self.here)/\(id)?done=assigned")
            },
            console.action("\(Self.one)/galleries/{gallery}/unassign", access, "Take a gallery from the group's devices.", back: group) { visit in
                let (id, gallery): (DeviceGroupID, GalleryID) = (try visit.call.id("group"), try visit.call.id("gallery"))
                _ = try await hub.unassign(gallery.rawValue, from: id.rawValue, by: try visit.call.actor)
                return .to("\(Self.here)/\(id)?done=unassigned")
            },
            console.action("\(Self.one)/delete", access, "Delete a group without devices.", back: group) { visit in
                let id: DeviceGroupID = try visit.call.id("group")
                try await hub.deleteDeviceGroup(id.rawValue, by: try visit.call.actor)
                return .to("\(Self.here)?done=deleted")
            },
        ]
    }

    @Sendable private func list(_ visit: Visit) async throws -> ConsolePage {
        let accounts: [Account] = try await hub.accounts()
        let names: [AccountID: String] = accounts.reduce(into: [:]) { $0[$1.id] = $1.name }
        var blocks: [Block] = [
            Block(
                table: TableView(
                    visit.say("Groups", "设备分组"),
                    [
                        visit.say("Group", "分组"), visit.say("Account", "账户"), visit.say("Devices", "设备数"), visit.say("Galleries", "人脸库"),
                        visit.say("Version", "配置版本"),
                    ], numbers: [2, 4],
                    rows: try await hub.deviceGroups().map { one in
                        [
                            .link(one.name, "\(Self.here)/\(one.id)"), .link(names[one.account] ?? "", "/operator/accounts/\(one.account)"),
                            .text(visit.number(one.devices)), .text(one.galleries.map(\.name).joined(separator: ", ")), .text("\(one.configuration.version)"),
                        ]
                    }, nothing: visit.say("There are none yet.", "暂无分组。")))
        ]
        if (try visit.call.staff.principal).may(Self.support) {
            blocks.append(
                Block(
                    form: visit.form(
                        Self.here, visit.say("Make the group", "创建分组"),
                        [
                            InputView(
                                "account", visit.say("Account", "账户"),
                                .choice(
                                    accounts.filter { $0.standing == .active }.sorted { $0.name < $1.name }.map {
                                        .init(option: $0.id.rawValue, optionName: $0.name)
                                    })), InputView("name", visit.say("Name", "名称")).with { $0.most = 100 },
                        ], about: [.invalidRequest: "name", .conflict: "name"]
                    ).with { $0.folded = visit.say("A new group", "新建分组") }))
        }
        return ConsolePage(
            side: .staff, title: visit.say("Groups of devices", "设备分组"),
            lead: visit.say("Devices of a group work alike and are given the same galleries.", "同组设备使用相同配置与人脸库。"), section: Self.here, blocks: blocks)
    }

    @Sendable private func group(_ visit: Visit) async throws -> ConsolePage {
        let id: DeviceGroupID = try visit.call.id("group")
        let group: DeviceGroup = try await hub.deviceGroup(id.rawValue)
        let account: Account = try await hub.account(group.account.rawValue)
        let address: String = "\(Self.here)/\(id)"
        let mayChange: Bool = (try visit.call.staff.principal).may(Self.support)
        var blocks: [Block] = [
            .facts([
                (visit.say("Account", "账户"), account.name), (visit.say("Devices in service", "在用设备"), visit.number(group.devices)),
                (visit.say("Version of the settings", "配置版本"), "\(group.configuration.version)"), (visit.say("Made", "创建时间"), visit.shown(group.created)),
                (visit.say("Group", "分组编号"), id.rawValue),
            ]),
            .links([
                (visit.say("Its devices", "组内设备"), "\(OperatorFleetPages.here)?group=\(id)"),
                (visit.say("Its account", "所属账户"), "/operator/accounts/\(account.id)"),
            ]), .heading(visit.say("Galleries", "人脸库"), id: "galleries"),
            Block(
                table: TableView(
                    visit.say("Galleries", "人脸库"),
                    [visit.say("Gallery", "人脸库"), visit.say("Term without contact", "失联期限"), visit.say("Assigned", "下发时间"), ""],
                    rows: group.galleries.map { one in
                        [
                            .text(one.name, under: one.gallery.rawValue), .text(Self.term(one.termMilliseconds, visit)), .text(visit.shown(one.assigned)),
                            .forms(
                                mayChange
                                    ? [
                                        visit.button(
                                            "\(address)/galleries/\(one.gallery)/unassign", visit.say("Unassign", "取消下发"), of: one.name, isDangerous: true)
                                    ] : []),
                        ]
                    }, nothing: visit.say("None: its devices match nobody of the hub's.", "未下发人脸库：组内设备不识别平台人员。"))),
        ]
        if mayChange { blocks.append(try await assigning(group, address, visit)) }
        blocks += [.heading(visit.say("Settings", "配置"), id: "settings"), Block(table: Self.settings(group.configuration, visit))]
        if mayChange {
            blocks.append(
                Block(
                    form: visit.form(
                        "\(address)/settings", visit.say("Change the settings", "更改配置"), FleetSetting.inputs(of: group.configuration, visit)
                    ).with { ($0.isWide, $0.folded) = (true, visit.say("Change how its devices work", "更改组内设备配置")) }))
            if group.devices == 0 {
                blocks.append(
                    Block(
                        form: visit.form("\(address)/delete", visit.say("Delete the group", "删除分组")).with {
                            ($0.isDangerous, $0.folded) = (true, visit.say("Delete it", "删除"))
                        }))
            }
        }
        blocks.append(.links([(visit.say("All groups", "全部分组"), Self.here)]))
        return ConsolePage(side: .staff, title: group.name, section: Self.here, blocks: blocks)
    }

    private func assigning(_ group: DeviceGroup, _ address: String, _ visit: Visit) async throws -> Block {
        let galleries: [Gallery] = try await hub.galleries(account: group.account).filter { $0.deleted == nil }
        guard !galleries.isEmpty else {
            return .text(visit.say("The account has no gallery yet; it makes one in its user centre.", "该账户暂无人脸库，可由账户在用户中心创建。"))
        }
        return Block(
            form: visit.form(
                "\(address)/galleries", visit.say("Assign the gallery", "下发人脸库"),
                [
                    InputView(
                        "gallery", visit.say("Gallery", "人脸库"),
                        .choice(galleries.map { .init(option: $0.id.rawValue, optionName: "\($0.name) (\(visit.number($0.persons)))") })),
                    InputView("days", visit.say("Days without contact after which devices end it", "失联多少天后设备停用"), .line("text")).with {
                        ($0.value, $0.most) = ("7", 5)
                        $0.hint = visit.say("Short terms revoke sooner, long ones bridge longer outages.", "期限越短，撤回越及时；期限越长，可容忍的断网时间越长。")
                    },
                ]
            ).with { $0.folded = visit.say("Assign a gallery", "下发人脸库") })
    }

    static func term(_ milliseconds: Int64, _ visit: Visit) -> String {
        milliseconds % 86_400_000 == 0
            ? visit.say("\(milliseconds / 86_400_000) days", "\(milliseconds / 86_400_000) 天")
            : visit.say("\(milliseconds / 3_600_000) hours", "\(milliseconds / 3_600_000) 小时")
    }

    private static func settings(_ configuration: DeviceConfiguration, _ visit: Visit) -> TableView {
        TableView(
            visit.say("Settings", "配置"), [visit.say("Setting", "配置项"), visit.say("Value", "值")],
            rows: FleetSetting.all.map { [.text($0.title(visit)), .text($0.shown(configuration, visit))] }, nothing: "")
    }
}
