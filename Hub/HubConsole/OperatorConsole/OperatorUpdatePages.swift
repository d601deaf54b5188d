import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// Releases and what brings them to devices: what there is, one release, and a roll-out from its form over what it would do to its beginning.
struct OperatorUpdatePages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    static let here: String = "/operator/updates"
    static let administrators: Set<OperatorRole> = [.administrator]
    private static let one: String = "\(here)/releases/{release}"
    private static let perPage: Int = 20

    var routes: [Route] {
        let access: Access = .operator(Self.administrators)
        return [
            console.page(Self.here, .everyOperator, "Releases and roll-outs.", query: ["before"], list),
            console.page(Self.one, .everyOperator, "One release.", query: ["before"], release),
            console.action(
                "\(Self.one)/rollouts", access, "Begin to roll a release out, once what it will do was shown.",
                fields: [.required("share1", .text(1...3)), .required("limit", .text(1...5)), .required("tries", .text(1...6))], back: release, work: begin),
            console.action(
                "\(Self.one)/withdraw", access, "Give a release to nobody any more, confirmed by its version.",
                fields: [.required("confirm", .text(5...29))], back: release
            ) { visit in
                let id: ReleaseID = try visit.call.id("release")
                try UpdateWords.confirm(visit.sent.text("confirm"), is: try await hub.release(id.rawValue).version)
                _ = try await hub.withdrawRelease(id.rawValue, by: try visit.call.actor)
                return .to("\(Self.address(id))?done=withdrawn")
            },
        ]
    }

    static func address(_ id: ReleaseID) -> String { "\(here)/releases/\(id)" }

    // MARK: What there is

    @Sendable private func list(_ visit: Visit) async throws -> ConsolePage {
        let releases: [Release] = try await hub.releases()
        let page = try await hub.rolloutPage(before: visit.asked("before").flatMap(RolloutID.init(rawValue:)), limit: Self.perPage)
        var blocks: [Block] = [
            .heading(visit.say("Roll-outs", "推送"), id: "rollouts"),
            Block(
                table: try await table(
                    page.rollouts, nothing: visit.say("Nothing was rolled out yet. Choose a release below.", "尚无推送。请在下方选择版本。"), visit)),
        ]
        blocks += pager(page.next, Self.here, visit)
        blocks += [
            .heading(visit.say("Releases", "版本"), id: "releases"),
            Block(
                table: TableView(
                    visit.say("Releases", "版本"),
                    [
                        visit.say("Release", "版本"), visit.say("Size", "大小"), visit.say("Signed by", "签名密钥"), visit.say("Published", "发布时间"),
                        visit.say("State", "状态"),
                    ], numbers: [1],
                    rows: releases.map { release in
                        [
                            .link(UpdateWords.title(release.kind, release.version, visit), Self.address(release.id), under: release.platform),
                            .text(UpdateWords.size(release.bytes)), .text(release.signer), .text(visit.shown(release.published)), state(release, visit),
                        ]
                    }, nothing: visit.say("None is published yet.", "尚未发布版本。"))),
            .heading(visit.say("To publish a release", "发布新版本"), id: "publish"),
            .text(
                visit.say(
                    "Sign it where the key is, with the first command, and publish it at the hub's shell, with the second. It is never signed here: whoever had this hub could otherwise choose what every device runs.",
                    "在密钥所在处用第一条命令签名，再在平台的命令行用第二条命令发布。平台本身从不签名：否则控制平台者即可决定所有设备运行什么程序。")),
            Block(
                code: CodeView(
                    name: visit.say("Commands", "命令"),
                    source: """
                        vultus-hub release sign build/ --key release-key --kind agent --version 1.2.0
                        vultus-hub release publish build/ --key release-key.pub
                        """)),
        ]
        return ConsolePage(
            side: .staff, title: visit.say("Updates", "软件更新"),
            lead: visit.say(
                "A roll-out brings a release to devices, some first, and pauses by itself when too many fail. A device puts back what does not work there.",
                "推送将版本分阶段下发到设备，失败过多时自动暂停；运行异常的设备会自行回退。"), section: Self.here, blocks: blocks)
    }

    private func pager(_ next: RolloutID?, _ path: String, _ visit: Visit) -> [Block] {
        Block.pager(
            visit, path, keeping: ["before"], "before", next: next?.rawValue, more: ("Earlier roll-outs", "更早的推送"), first: ("The newest roll-outs", "最近的推送"),
            fragment: "rollouts")
    }

    private func state(_ release: Release, _ visit: Visit) -> CellView {
        if let withdrawn = release.withdrawn {
            var cell: CellView = .badge(visit.say("withdrawn", "已撤回"), .bad)
            cell.under = visit.shown(withdrawn)
            return cell
        }
        return release.expires > hub.now() ? .badge(visit.say("for devices", "可推送"), .good) : .badge(visit.say("its time is over", "已过期"), .plain)
    }

    private func table(_ rollouts: [Rollout], nothing: String, _ visit: Visit) async throws -> TableView {
        let names: [AccountID: String] = try await hub.accounts().reduce(into: [:]) { $0[$1.id] = $1.name }
        return TableView(
            visit.say("Roll-outs", "推送"),
            [
                visit.say("Roll-out", "推送"), visit.say("State", "状态"), visit.say("Stage", "阶段"), visit.say("Devices", "设备"), visit.say("Begun", "开始时间"),
            ],
            rows: rollouts.map { rollout in
                let told: Int64 = rollout.count(Rollout.DeviceState.allCases)
                let figures: String = visit.say(
                    "\(visit.number(told)) told, works on \(visit.number(rollout.count([.confirmed]))), \(visit.number(rollout.failed)) failed",
                    "已通知 \(visit.number(told)) 台，正常 \(visit.number(rollout.count([.confirmed]))) 台，失败 \(visit.number(rollout.failed)) 台")
                var devices: CellView = .text("", under: figures)
                devices.bar = UpdateWords.bar(rollout, hasKey: false, visit)
                return [
                    .link(
                        UpdateWords.title(rollout.kind, rollout.version, visit), "\(Self.here)/\(rollout.id)",
                        under: [rollout.platform, rollout.account.map { names[$0] ?? $0.rawValue }].compactMap(\.self).joined(separator: visit.say(", ", "，"))),
                    UpdateWords.state(rollout.state, visit),
                    .text(visit.say("\(rollout.stage + 1) of \(rollout.stages.count)", "\(rollout.stage + 1) / \(rollout.stages.count)")), devices,
                    .text(visit.shown(rollout.begun)),
                ]
            }, nothing: nothing)
    }

    // MARK: One release

    @Sendable private func release(_ visit: Visit) async throws -> ConsolePage {
        let id: ReleaseID = try visit.call.id("release")
        let release: Release = try await hub.release(id.rawValue)
        let manifest: ReleaseManifest = try release.manifest
        let page = try await hub.rolloutPage(of: id, before: visit.asked("before").flatMap(RolloutID.init(rawValue:)), limit: Self.perPage)
        let isGiven: Bool = release.withdrawn == nil && release.expires > hub.now()
        var blocks: [Block] = []
        if let withdrawn = release.withdrawn {
            blocks.append(
                .notice(
                    .bad, visit.say("Withdrawn \(visit.shown(withdrawn))", "已于 \(visit.shown(withdrawn)) 撤回"),
                    visit.say("No device gets it any more; its files are gone from the hub.", "不再下发给任何设备；平台已删除其文件。")))
        } else if !isGiven {
            blocks.append(
                .notice(.warm, visit.say("The time that its maker gave it is over.", "版本已超过签名者设定的有效期。"), visit.say("Sign and publish another.", "请签名并发布新版本。")))
        }
        blocks += [
            .facts([
                (visit.say("Release", "版本编号"), id.rawValue), (visit.say("Platform", "平台"), release.platform),
                (
                    visit.say("Size", "大小"),
                    visit.say(
                        "\(UpdateWords.size(release.bytes)) in \(manifest.files.count) file\(manifest.files.count == 1 ? "" : "s")",
                        "\(UpdateWords.size(release.bytes))，共 \(manifest.files.count) 个文件")
                ),
                (visit.say("Signed by the key", "签名密钥"), release.signer), (visit.say("Signed", "签名时间"), visit.shown(manifest.created)),
                (visit.say("Published", "发布时间"), visit.shown(release.published)),
                (visit.say("Devices begin with it until", "有效期至"), visit.shown(release.expires)),
                (
                    visit.say("From version", "适用于"),
                    manifest.minimumVersion.map { visit.say("\($0) on", "\($0) 及以上") } ?? visit.say("any", "任意版本")
                ),
                (
                    visit.say("From a later version", "从更高版本降级"),
                    manifest.allowsDowngrade ? visit.say("allowed", "允许") : visit.say("not allowed", "不允许")
                ),
            ]), .heading(visit.say("Its roll-outs", "推送"), id: "rollouts"),
            Block(table: try await table(page.rollouts, nothing: visit.say("It was not rolled out yet.", "尚未推送。"), visit)),
        ]
        blocks += pager(page.next, Self.address(id), visit)
        if (try visit.call.staff.principal).may(Self.administrators) {
            if isGiven { blocks += try await beginning(release, visit) }
            if release.withdrawn == nil { blocks.append(Block(form: withdrawal(release, visit))) }
        }
        blocks.append(.links([(visit.say("All releases and roll-outs", "全部版本与推送"), Self.here)]))
        return ConsolePage(side: .staff, title: UpdateWords.title(release.kind, release.version, visit), section: Self.here, blocks: blocks)
    }

    private func beginning(_ release: Release, _ visit: Visit) async throws -> [Block] {
        [
            .heading(visit.say("Roll it out", "推送此版本"), id: "begin"),
            .text(
                visit.say(
                    "Each stage adds devices to those before it. After the hours given, the next begins by itself if enough tried it and few failed; with none given, when an operator says so. What it comes to is shown before anything begins.",
                    "每个阶段在前一阶段的基础上增加设备。到达所填小时数后，若已有足够设备尝试且失败较少，将自动进入下一阶段；留空则由运营人员手动进入。开始之前会先显示影响范围。")),
            Block(
                form: visit.form(
                    "\(Self.address(release.id))/rollouts", visit.say("Show what will happen", "查看影响范围"),
                    try await RolloutForm.fields(hub, release.kind, visit),
                    about: [.notFound: "account"]
                ).with { $0.isWide = true }),
        ]
    }

    private func withdrawal(_ release: Release, _ visit: Visit) -> FormView {
        visit.form(
            "\(Self.address(release.id))/withdraw", visit.say("Withdraw the release", "撤回版本"),
            [
                InputView("confirm", visit.say("Type its version, \(release.version)", "请输入版本号 \(release.version)")).with {
                    ($0.most, $0.autocomplete) = (29, "off")
                    $0.hint = visit.say(
                        "No device gets it any more, its roll-outs end, and its files go from the hub. Devices that run it keep it: to send those back, go to the roll-out first.",
                        "不再下发给任何设备，相关推送将终止，平台删除其文件。已运行该版本的设备会保留；如需退回，请先在推送页面操作。")
                }
            ]
        ).with { ($0.isDangerous, $0.folded) = (true, visit.say("Withdraw it", "撤回")) }
    }

    // MARK: A roll-out's beginning

    /// First what it would do is shown; the same form once more, with `sure`, begins.
    @Sendable private func begin(_ visit: Visit) async throws -> Outcome {
        let id: ReleaseID = try visit.call.id("release")
        let order: RolloutOrder = try RolloutForm.read(visit)
        if visit.sent["sure"] == "yes" {
            let rollout: Rollout = try await hub.startRollout(of: id.rawValue, order, by: try visit.call.actor)
            return .to("\(Self.here)/\(rollout.id)?done=begun")
        }
        let release: Release = try await hub.release(id.rawValue)
        let account: Account? = if let reference = order.account { try await hub.account(reference) } else { nil }
        let groups: [DeviceGroupID: String] = try await hub.deviceGroups().reduce(into: [:]) { $0[$1.id] = $1.name }
        let reaches: [RolloutReach] = try await hub.rolloutReach(of: id, order.stages, account: account?.id)
        let others: [Rollout] = try await hub.rolloutPage(limit: 50).rollouts.filter { $0.kind == release.kind && [.running, .returning].contains($0.state) }
        let title: String = UpdateWords.title(release.kind, release.version, visit)
        var blocks: [Block] = others.map { other in
            .notice(
                .warm,
                visit.say(
                    "\(UpdateWords.title(other.kind, other.version, visit)) is being rolled out as well.",
                    "\(UpdateWords.title(other.kind, other.version, visit)) 也在推送中。"),
                visit.say("Devices that both include go by the new one.", "同时被两个推送包含的设备以新的为准。"),
                link: LinkView(words: visit.say("That roll-out", "查看该推送"), to: "\(Self.here)/\(other.id)"))
        }
        if reaches.last?.devices == 0 {
            blocks.append(
                .notice(
                    .warm, visit.say("As things are, no device is included.", "目前没有设备符合条件。"), visit.say("Those that come to fit later are.", "之后符合条件的设备将被包含。")))
        }
        blocks.append(Block(table: stages(order.stages, reaches, groups, visit)))
        if reaches.contains(where: { $0.unfit > 0 }) {
            blocks.append(
                .text(
                    visit.say(
                        "What cannot take it is of another platform, or is run without the launcher, which is what tries releases.",
                        "无法接收的设备属于其他平台，或未通过启动器运行（由启动器负责试运行新版本）。")))
        }
        blocks += [
            .facts(
                [
                    (visit.say("Of which account", "所属账户"), account?.name ?? visit.say("every account", "全部账户")),
                    UpdateWords.shadow(order.shadow, release.kind, visit),
                    (
                        visit.say("It pauses by itself", "自动暂停条件"),
                        visit.say(
                            "when more than \(UpdateWords.percent(order.failurePermille)) of at least \(order.minimumTries) that tried it failed",
                            "至少 \(order.minimumTries) 台尝试后失败率超过 \(UpdateWords.percent(order.failurePermille))")
                    ),
                    (visit.say("Devices at once", "同时更新"), order.atOnce.map { visit.say("at most \($0)", "最多 \($0) 台") } ?? visit.say("any number", "不限")),
                ].compactMap(\.self)),
            Block(
                form: visit.form("\(Self.address(id))/rollouts", visit.say("Begin the roll-out", "开始推送")).with {
                    $0.hidden =
                        RolloutForm.names.map { .init(hiddenName: $0, hiddenValue: visit.sent.text($0)) } + [.init(hiddenName: "sure", hiddenValue: "yes")]
                }), .links([(visit.say("Back to the release", "返回版本"), "\(Self.address(id))#begin")]),
        ]
        return .page(
            ConsolePage(
                side: .staff, title: visit.say("Roll \(title) out?", "推送 \(title)？"),
                lead: visit.say("Nothing has begun yet. This is what it comes to as things are.", "尚未开始。以下为目前的影响范围。"), section: Self.here, blocks: blocks))
    }

    private func stages(_ stages: [RolloutStage], _ reaches: [RolloutReach], _ groups: [DeviceGroupID: String], _ visit: Visit) -> TableView {
        TableView(
            visit.say("Stages", "阶段"),
            [visit.say("Stage", "阶段"), visit.say("Devices", "设备范围"), visit.say("The next begins", "进入下一阶段"), visit.say("Included by then", "累计包含")],
            numbers: [3],
            rows: zip(stages, reaches).enumerated().map { index, stage in
                [
                    .text("\(index + 1)"), .text(UpdateWords.ring(stage.0, groups: groups, visit)),
                    .text(index == stages.count - 1 ? visit.say("this is the last", "最后阶段") : UpdateWords.wait(stage.0, visit)),
                    .text(visit.number(stage.1.devices), under: Self.rest(stage.1, visit)),
                ]
            }, nothing: "")
    }

    /// What is to be known of a number of devices beside it.
    static func rest(_ reach: RolloutReach, _ visit: Visit) -> String? {
        var parts: [String] = []
        if reach.running > 0 { parts.append(visit.say("\(visit.number(reach.running)) run it already", "\(visit.number(reach.running)) 台已在运行")) }
        if reach.unfit > 0 { parts.append(visit.say("\(visit.number(reach.unfit)) more cannot take it", "另有 \(visit.number(reach.unfit)) 台无法接收")) }
        return parts.isEmpty ? nil : parts.joined(separator: visit.say(", ", "，"))
    }
}
