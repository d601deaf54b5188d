import HTTPTypes
import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// One device, whole: how it is, what is wanted of it, what it was asked, and what it holds.
struct OperatorDevicePages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    static let one: String = "\(OperatorFleetPages.here)/{device}"
    static let support: Set<OperatorRole> = [.administrator, .support]
    private static let live: String = "/operator/live/devices"
    private static let asked: [RemoteCommandKind] = [.restart, .syncNow, .diagnostics, .rotateCertificate]

    var routes: [Route] {
        [
            console.page(Self.one, .everyOperator, "One device, whole.", device),
            console.live("\(Self.live)/{device}", .everyOperator, "How one device is, as it changes.", state),
            console.file("\(Self.one)/commands/{command}/receipt", .everyOperator, "What a device had to say of a command.", receipt),
        ] + OperatorDeviceActs(hub: hub, console: console, back: device).routes
    }

    private func address(_ id: DeviceID) -> String { "\(OperatorFleetPages.here)/\(id)" }

    private func receipt(_ visit: Visit) async throws -> Reply {
        let (id, command): (DeviceID, CommandID) = (try visit.call.id("device"), try visit.call.id("command"))
        guard let detail = try await hub.commands(of: id, limit: 1_000).first(where: { $0.id == command })?.detail else {
            throw Problem(.notFound, "There is no such receipt.", detail: command.rawValue, remedy: "See the device's commands.")
        }
        return .attachment(detail, name: "\(id)-\(command).json")
    }

    @Sendable private func state(_ visit: Visit) async throws -> [Block] {
        let id: DeviceID = try visit.call.id("device")
        let fleet: FleetDevice = try await hub.fleetDevice(id)
        let shown = DeviceBlocks(fleet: fleet, visit: visit)
        let mayAct: Bool = (try visit.call.staff.principal).may(Self.support) && fleet.device.revoked == nil
        let commands: [IssuedCommand] = try await hub.commands(of: id, limit: 20)
        return (mayAct ? [Block(buttons: buttons(fleet, visit))] : []) + shown.wiped(commands) + shown.state() + [
            .heading(visit.say("Commands", "指令"), id: "commands"),
            shown.commands(commands, at: hub.now(), details: { "\(address(id))/commands/\($0)/receipt" }) { command in
                mayAct
                    ? [visit.button("\(address(id))/commands/\(command.id)/cancel", visit.say("Cancel", "取消"), of: FleetWords.command(command.kind, visit))]
                    : []
            }, .heading(visit.say("Configuration", "配置"), id: "configuration"),
        ] + shown.configuration(try await hub.deviceFacts(id).works)
    }

    @Sendable private func device(_ visit: Visit) async throws -> ConsolePage {
        let id: DeviceID = try visit.call.id("device")
        let fleet: FleetDevice = try await hub.fleetDevice(id)
        let facts: DeviceFacts = try await hub.deviceFacts(id)
        let account: Account = try await hub.account(fleet.device.account.rawValue)
        let isInService: Bool = fleet.device.revoked == nil && fleet.stolen == nil
        let mayAct: Bool = (try visit.call.staff.principal).may(Self.support) && isInService
        let shown = DeviceBlocks(fleet: fleet, visit: visit)
        var blocks: [Block] = Block.live("\(Self.live)/\(id)", try await state(visit))
        blocks.append(.links([(visit.say("Health over time", "健康趋势"), "\(address(id))/health")]))
        if mayAct {
            blocks += [
                Block(
                    form: visit.form(
                        "\(address(id))/settings", visit.say("Let it work so", "保存本机配置"),
                        FleetSetting.all.map { $0.input(fleet.overrides ?? ConfigurationOverrides(), empty: visit.say("as its group", "同分组"), visit) }
                    ).with { ($0.isWide, $0.folded) = (true, visit.say("Settings of its own; empty ones are as its group has them", "本机单独配置；留空则同分组")) })
            ]
        }
        blocks += shown.updates(try await hub.updates(of: id)) { "\(OperatorUpdatePages.here)/\($0)" }
        blocks += try await forks(fleet, mayAct, visit)
        blocks += [.heading(visit.say("Leases", "租约"), id: "leases"), shown.leases(facts)]
        blocks += try await galleries(fleet, visit)
        blocks += [.heading(visit.say("Identity", "身份"), id: "identity"), identity(fleet, facts, account, visit)]
        if mayAct { blocks += [Block(form: naming(fleet, visit)), Block(form: try await moving(fleet, visit))] }
        if let heir = fleet.replacedBy {
            blocks.append(.links([(visit.say("The device in its place", "替换它的设备"), address(heir))]))
        }
        if mayAct { blocks += [.heading(visit.say("Out of service", "停用"), id: "end")] + endings(fleet, visit) }
        blocks.append(
            .links([
                (visit.say("All devices", "全部设备"), OperatorFleetPages.here), (account.name, "/operator/accounts/\(account.id)"),
            ]))
        return ConsolePage(side: .staff, title: fleet.device.label, section: OperatorFleetPages.here, blocks: blocks)
    }

    private func buttons(_ fleet: FleetDevice, _ visit: Visit) -> [FormView] {
        let kinds: [RemoteCommandKind] = Self.asked + [fleet.reported?.isPaused == true ? .resume : .pause]
        return kinds.map {
            visit.button(
                "\(address(fleet.device.id))/commands", FleetWords.command($0.rawValue, visit), of: fleet.device.label, hidden: ["kind": $0.rawValue])
        }
    }

    private func identity(_ fleet: FleetDevice, _ facts: DeviceFacts, _ account: Account, _ visit: Visit) -> Block {
        .facts([
            (visit.say("Device", "设备编号"), fleet.device.id.rawValue), (visit.say("Account", "账户"), account.name),
            (visit.say("Group", "分组"), fleet.groupName ?? visit.say("none", "无")),
            (visit.say("Labels", "标签"), fleet.labels.isEmpty ? "–" : FleetWords.labels(fleet.labels)),
            (visit.say("Agent", "程序版本"), fleet.device.agentVersion), (visit.say("Joined", "加入时间"), visit.shown(fleet.device.created)),
            (visit.say("Key's fingerprint", "密钥指纹"), facts.fingerprint?.text ?? "–"),
            (visit.say("Certificate's serial", "证书序列号"), facts.certificateSerial),
            (
                visit.say("Certificate ends", "证书到期"),
                (facts.certificateEnds.map(visit.shown) ?? "–")
                    + (facts.hasNextCertificate ? visit.say(", the next is made and not used yet", "，新证书已签发尚未启用") : "")
            ),
        ])
    }

    private func naming(_ fleet: FleetDevice, _ visit: Visit) -> FormView {
        visit.form(
            "\(address(fleet.device.id))/name", visit.say("Save", "保存"),
            [
                InputView("name", visit.say("Name", "名称")).with { ($0.most, $0.value) = (100, fleet.device.label) },
                InputView("labels", visit.say("Labels", "标签"), .lines).with {
                    ($0.isRequired, $0.most) = (false, 4_000)
                    $0.value = fleet.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
                    $0.hint = visit.say("name=value, a line each.", "每行一个 name=value。")
                },
            ]
        ).with { $0.folded = visit.say("Name and labels", "名称与标签") }
    }

    private func moving(_ fleet: FleetDevice, _ visit: Visit) async throws -> FormView {
        let groups: [DeviceGroup] = try await hub.deviceGroups(account: fleet.device.account.rawValue)
        return visit.form(
            "\(address(fleet.device.id))/group", visit.say("Move it", "移动"),
            [
                InputView(
                    "group", visit.say("Group", "分组"),
                    .choice(
                        [.init(option: "", optionName: visit.say("none: no galleries", "无：不下发人脸库"), isChosen: fleet.device.group == nil)]
                            + groups.map { .init(option: $0.id.rawValue, optionName: $0.name, isChosen: $0.id == fleet.device.group) })
                ).with {
                    $0.isRequired = false
                    $0.hidesOptional = true
                    $0.hint = visit.say("Galleries that the new group does not have are erased from it.", "新分组没有的人脸库将从设备删除。")
                }
            ]
        ).with { $0.folded = visit.say("Into another group", "移至其他分组") }
    }

    private func galleries(_ fleet: FleetDevice, _ visit: Visit) async throws -> [Block] {
        let given: [GroupGallery] = try await fleet.device.group.asyncMap { try await hub.deviceGroup($0.rawValue).galleries } ?? []
        let owed: [OwedErasure] = try await hub.owedErasures(device: fleet.device.id, limit: 200)
        return [
            .heading(visit.say("Galleries", "人脸库"), id: "galleries"),
            Block(
                table: TableView(
                    visit.say("Galleries", "人脸库"), [visit.say("Gallery", "人脸库"), visit.say("Term without contact", "失联期限")],
                    rows: given.map { [.text($0.name, under: $0.gallery.rawValue), .text(OperatorGroupPages.term($0.termMilliseconds, visit))] },
                    nothing: visit.say("Its group gives it none.", "分组未下发人脸库。"))),
            Block(
                table: TableView(
                    visit.say("Still to be erased", "待删除"), [visit.say("Person", "人员"), visit.say("Since", "自"), visit.say("Ends by term", "期限终止")],
                    rows: owed.map {
                        [
                            .text($0.person?.rawValue ?? visit.say("everybody", "全部人员"), under: $0.gallery.rawValue), .text(visit.shown($0.due)),
                            .text(visit.shown($0.ends)),
                        ]
                    }, nothing: visit.say("Nobody is still to be erased from it.", "没有待删除人员。"))),
        ]
    }

    private func forks(_ fleet: FleetDevice, _ mayAct: Bool, _ visit: Visit) async throws -> [Block] {
        guard fleet.device.quarantine != nil, let fork = try await hub.forks().first(where: { $0.device == fleet.device.id }) else { return [] }
        var blocks: [Block] = [
            .heading(visit.say("Why it is barred", "隔离原因"), id: "forks"),
            .text(
                visit.say(
                    "Two entries claim one place of its journal: a disk was copied, or an old image put back. Find out who has the machine before you let it go on.",
                    "日志同一位置出现两条记录：磁盘被复制，或恢复了旧镜像。请先查明设备去向再放行。")),
            Block(
                table: TableView(
                    visit.say("Evidence", "证据"),
                    [
                        visit.say("Place", "位置"), visit.say("What came", "内容"), visit.say("Units", "用量"), visit.say("Device's time", "设备时间"),
                        visit.say("Raised", "发现时间"),
                    ], numbers: [2],
                    rows: fork.evidence.map { one in
                        [
                            .text("\(one.epoch)/\(one.seq)"), .text(one.kind?.rawValue ?? "head", under: one.api?.rawValue), .text(visit.number(one.units)),
                            .text(one.time.map(visit.shown) ?? "–"), .text(visit.shown(one.raised)),
                        ]
                    }, nothing: "")),
        ]
        if mayAct {
            blocks.append(
                Block(
                    form: visit.form(
                        "\(address(fleet.device.id))/resolve", visit.say("Let it go on", "放行"),
                        [
                            InputView(
                                "resolution", visit.say("How", "方式"),
                                .choice([
                                    .init(
                                        option: ForkResolution.keep.rawValue,
                                        optionName: visit.say("keep: the machine that goes on wrote what the hub holds", "保留：继续使用平台已有日志的设备")),
                                    .init(
                                        option: ForkResolution.newEpoch.rawValue,
                                        optionName: visit.say("a new journal, for whoever comes first", "新建日志：先联系者使用")),
                                ])), InputView("reason", visit.say("What was found", "查明的情况")).with { $0.most = 500 },
                        ])))
        }
        return blocks
    }

    private func endings(_ fleet: FleetDevice, _ visit: Visit) -> [Block] {
        let acts: [(path: String, submit: String, folded: String, about: String)] = [
            (
                "wipe", visit.say("Wipe the device", "擦除设备"), visit.say("Wipe it", "擦除"),
                visit.say(
                    "Everybody is erased from it, what its journal still has to tell is told, and its store and keys go. It must join anew.",
                    "设备将删除全部人员、上报剩余日志，并清除存储与密钥；之后须重新加入。")
            ),
            (
                "stolen", visit.say("It is stolen", "确认报失"), visit.say("It was stolen", "设备被盗"),
                visit.say(
                    "Revoked at once, its leases void, erased at its next contact. What it has not told is lost with it.",
                    "立即吊销并作废租约，下次联系时自动擦除；未上报的用量将随之丢失。")
            ),
            (
                "revoke", visit.say("Take it out of service", "停用设备"), visit.say("Take it out of service", "停用"),
                visit.say("Every later request of it is refused, at once and for good. It is not erased by this.", "立即永久拒绝该设备的请求；不会擦除设备上的数据。")
            ),
        ]
        return acts.map { act in
            Block(
                form: visit.form(
                    "\(address(fleet.device.id))/\(act.path)", act.submit,
                    [
                        InputView("confirm", visit.say("Type its name, \(fleet.device.label)", "请输入设备名称 \(fleet.device.label)")).with {
                            ($0.hint, $0.most, $0.autocomplete) = (act.about, 100, "off")
                        }
                    ]
                ).with { ($0.isDangerous, $0.folded) = (true, act.folded) })
        }
    }
}

extension Optional where Wrapped: Sendable {
    fileprivate func asyncMap<Value>(_ body: (Wrapped) async throws -> Value) async rethrows -> Value? {
        if let value = self { return try await body(value) }
        return nil
    }
}

extension Reply {
    /// A text that a browser keeps as a file, and shows in no page.
    static func attachment(_ text: String, name: String) -> Reply {
        var reply = Reply(status: 200, body: Array(text.utf8), type: MediaType.json)
        reply.headers[.contentDisposition] = "attachment; filename=\"\(name)\""
        reply.headers[.xContentTypeOptions] = "nosniff"
        return reply
    }
}
