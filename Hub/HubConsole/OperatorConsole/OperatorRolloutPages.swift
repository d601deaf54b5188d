import HubAPI
import HubDomain
import RecognitionAPI
import WireModel

/// One roll-out: how far its devices are, why some failed, and what is done about it.
struct OperatorRolloutPages: Sendable {
    let console: Console

    private var hub: Hub { console.hub }
    private static let one: String = "\(OperatorUpdatePages.here)/{rollout}"
    private static let live: String = "/operator/live/updates"
    private static let query: [String] = ["state", "after"]
    private static let support: Set<OperatorRole> = [.administrator, .support]

    var routes: [Route] {
        [
            console.page(Self.one, .everyOperator, "One roll-out and its devices.", query: Self.query, page),
            console.live("\(Self.live)/{rollout}", .everyOperator, "How far a roll-out is, as it goes on.", state),
            act(.pause, "Let nobody begin with it for now."), act(.resume, "Let it go on."),
            act(.advance, "Go to the next stage now, once it was said what that adds.", fields: [.required("sure", .text(1...3))]),
            act(.cancel, "Let nobody begin with it any more, confirmed by its version.", fields: [.required("confirm", .text(5...29))]),
            act(.return, "Send devices that have it back, confirmed by its version.", fields: [.required("confirm", .text(5...29))]),
        ]
    }

    private func address(_ id: RolloutID) -> String { "\(OperatorUpdatePages.here)/\(id)" }

    private func act(_ act: RolloutAct, _ summary: String, fields: [Schema.Field] = []) -> Route {
        console.action(
            "\(Self.one)/\(act.rawValue)", .operator(act == .pause ? Self.support : OperatorUpdatePages.administrators), summary, fields: fields, back: page
        ) { visit in
            let id: RolloutID = try visit.call.id("rollout")
            switch act {
            case .cancel, .return: try UpdateWords.confirm(visit.sent.text("confirm"), is: try await hub.rollout(id).version)
            case .advance:
                guard visit.sent["sure"] == "yes" else {
                    throw FieldRefusal("sure", ("More devices are included at once.", "将立即包含更多设备。"), ("Tick that this is meant.", "请勾选确认。"))
                }
            case .pause, .resume: break
            }
            _ = try await hub.act(act, on: id, by: try visit.call.actor)
            return .to("\(address(id))?done=changed")
        }
    }

    // MARK: How far it is

    @Sendable private func state(_ visit: Visit) async throws -> [Block] {
        let rollout: Rollout = try await hub.rollout(try visit.call.id("rollout"))
        let groups: [DeviceGroupID: String] = try await hub.deviceGroups().reduce(into: [:]) { $0[$1.id] = $1.name }
        let reasons: [RolloutReason] = try await hub.rolloutReasons(rollout.id)
        let told: Int64 = rollout.count(Rollout.DeviceState.allCases)
        let compared: (faces: Int64, otherwise: Int64, devices: Int64)? = rollout.shadow == nil ? nil : try await hub.rolloutShadow(rollout.id)
        var blocks: [Block] = [notice(rollout, visit)]
        let buttons: [FormView] = offered(rollout, visit)
        if !buttons.isEmpty { blocks.append(Block(buttons: buttons)) }
        blocks += [
            Block(
                figures: [
                    FigureView(figure: visit.number(told), of: visit.say("Devices told", "已通知设备"), note: visit.say("of those included so far", "在已包含的设备中")),
                    FigureView(
                        figure: visit.number(rollout.count([.confirmed])), of: visit.say("It works on", "运行正常"),
                        note: visit.say("\(visit.number(rollout.tried)) have tried it", "\(visit.number(rollout.tried)) 台已尝试")),
                    FigureView(
                        figure: visit.number(rollout.failed), of: visit.say("Failed", "失败"),
                        note: visit.say(
                            "it pauses above \(UpdateWords.percent(rollout.failurePermille)) of at least \(rollout.minimumTries)",
                            "至少 \(rollout.minimumTries) 台中超过 \(UpdateWords.percent(rollout.failurePermille)) 时暂停")),
                ] + (compared.map { [figure($0, visit)] } ?? [])), Block(share: UpdateWords.bar(rollout, hasKey: true, visit)),
            .heading(visit.say("Stages", "阶段"), id: "stages"),
            Block(table: stages(rollout, groups, visit)),
        ]
        if !reasons.isEmpty {
            blocks += [
                .heading(visit.say("What devices say", "设备反馈"), id: "reasons"),
                Block(
                    table: TableView(
                        visit.say("Reasons", "原因"), [visit.say("Reason", "原因"), visit.say("State", "状态"), visit.say("Devices", "设备数")], numbers: [2],
                        rows: reasons.map {
                            [.text(UpdateWords.reason($0.reason, visit)), UpdateWords.badge($0.state, visit), .text(visit.number($0.devices))]
                        }, nothing: "")),
            ]
        }
        return blocks
    }

    private func figure(_ compared: (faces: Int64, otherwise: Int64, devices: Int64), _ visit: Visit) -> FigureView {
        FigureView(
            figure: visit.number(compared.faces), of: visit.say("Faces compared", "已比对人脸"),
            note: visit.say(
                "\(visit.number(compared.otherwise)) decided on otherwise, on \(visit.number(compared.devices)) device\(compared.devices == 1 ? "" : "s")",
                "\(visit.number(compared.devices)) 台设备，判定不一致 \(visit.number(compared.otherwise))"))
    }

    private func notice(_ rollout: Rollout, _ visit: Visit) -> Block {
        let reason: String = UpdateWords.reason(rollout, visit)
        switch rollout.state {
        case .running:
            return .notice(
                .good, visit.say("It runs.", "推送中。"), visit.say("Devices that are included begin with it as they make contact.", "已包含的设备将在联系平台时开始更新。"))
        case .paused:
            return .notice(
                reason.isEmpty ? .warm : .bad, reason.isEmpty ? visit.say("It is paused.", "已暂停。") : visit.say("It paused by itself.", "已自动暂停。"),
                [reason, visit.say("Nobody begins with it until it goes on.", "恢复之前没有设备会开始更新。")].filter { !$0.isEmpty }.joined(separator: visit.say(" ", "")))
        case .cancelled:
            return .notice(
                .plain, visit.say("It is cancelled.", "已取消。"),
                [reason, visit.say("Nobody begins with it any more; who has it keeps it.", "不再有设备开始更新；已更新的设备保留该版本。")].filter { !$0.isEmpty }.joined(
                    separator: visit.say(" ", "")))
        case .returning:
            return .notice(
                .warm, visit.say("Devices that have it go back to what they ran before.", "已更新的设备正在退回之前的版本。"),
                visit.say("Each does so at its next contact.", "将在下次联系平台时进行。"))
        }
    }

    private func offered(_ rollout: Rollout, _ visit: Visit) -> [FormView] {
        let staff: Principal? = try? visit.call.staff.principal
        let name: String = UpdateWords.title(rollout.kind, rollout.version, visit)
        var buttons: [FormView] = []
        if RolloutAct.pause.isPossible(for: rollout.state), staff?.may(Self.support) == true {
            buttons.append(visit.button("\(address(rollout.id))/pause", visit.say("Pause", "暂停"), of: name))
        }
        if RolloutAct.resume.isPossible(for: rollout.state), staff?.may(OperatorUpdatePages.administrators) == true {
            buttons.append(visit.button("\(address(rollout.id))/resume", visit.say("Let it go on", "恢复推送"), of: name))
        }
        return buttons
    }

    private func stages(_ rollout: Rollout, _ groups: [DeviceGroupID: String], _ visit: Visit) -> TableView {
        TableView(
            visit.say("Stages", "阶段"),
            [visit.say("Stage", "阶段"), visit.say("Devices", "设备范围"), visit.say("The next begins", "进入下一阶段"), visit.say("State", "状态")],
            rows: rollout.stages.enumerated().map { index, stage in
                let number = Int64(index)
                var state: CellView =
                    number < rollout.stage
                    ? .badge(visit.say("done", "已完成"), .good)
                    : number == rollout.stage ? .badge(visit.say("now", "当前"), .good) : .badge(visit.say("to come", "待进入"), .plain)
                if number == rollout.stage { state.under = visit.say("since \(visit.shown(rollout.stageBegun))", "自 \(visit.shown(rollout.stageBegun))") }
                return [
                    .text("\(index + 1)"), .text(UpdateWords.ring(stage, groups: groups, visit)),
                    .text(index == rollout.stages.count - 1 ? visit.say("this is the last", "最后阶段") : UpdateWords.wait(stage, visit)), state,
                ]
            }, nothing: "")
    }

    // MARK: The page

    @Sendable private func page(_ visit: Visit) async throws -> ConsolePage {
        let id: RolloutID = try visit.call.id("rollout")
        let rollout: Rollout = try await hub.rollout(id)
        let asked: Rollout.DeviceState? = visit.asked("state").flatMap(Rollout.DeviceState.init(rawValue:))
        let found: RolloutDevicePage = try await hub.rolloutDevicePage(id, state: asked, after: visit.asked("after").flatMap(DeviceID.init(rawValue:)))
        let account: Account? = if let id = rollout.account { try await hub.account(id.rawValue) } else { nil }
        let begunBy: String = try await hub.operators().first { $0.id == rollout.begunBy }?.email ?? rollout.begunBy
        var blocks: [Block] = Block.live("\(Self.live)/\(id)", try await state(visit))
        blocks += [
            .heading(visit.say("Devices", "设备"), id: "devices"), Block(filter: filter(rollout, visit)), Block(table: devices(found, visit)),
        ]
        blocks += Block.pager(
            visit, address(id), keeping: Self.query, "after", next: found.next?.rawValue, more: ("More devices", "下一页"), first: ("To the first page", "回到第一页"),
            fragment: "devices")
        if (try visit.call.staff.principal).may(OperatorUpdatePages.administrators) { blocks += try await acts(rollout, visit) }
        blocks += [
            .heading(visit.say("Terms", "推送设置"), id: "terms"),
            .facts(
                [
                    (visit.say("Roll-out", "推送编号"), id.rawValue), (visit.say("Platform", "平台"), rollout.platform),
                    (visit.say("Of which account", "所属账户"), account?.name ?? visit.say("every account", "全部账户")),
                    UpdateWords.shadow(rollout.shadow, rollout.kind, visit),
                    (visit.say("Devices at once", "同时更新"), rollout.atOnce.map { visit.say("at most \($0)", "最多 \($0) 台") } ?? visit.say("any number", "不限")),
                    (visit.say("Begun", "开始时间"), visit.shown(rollout.begun)), (visit.say("Begun by", "发起人"), begunBy),
                ].compactMap(\.self)),
            .links([
                (visit.say("The release", "查看版本"), OperatorUpdatePages.address(rollout.release)),
                (visit.say("All releases and roll-outs", "全部版本与推送"), OperatorUpdatePages.here),
            ]),
        ]
        let title: String = UpdateWords.title(rollout.kind, rollout.version, visit)
        return ConsolePage(
            side: .staff, title: visit.say("Roll-out of \(title)", "推送：\(title)"), section: OperatorUpdatePages.here, blocks: blocks)
    }

    private func filter(_ rollout: Rollout, _ visit: Visit) -> FilterView {
        FilterView(
            visit, address(rollout.id),
            [
                InputView(
                    "state", visit.say("State", "状态"),
                    .choice(
                        [.init(option: "", optionName: visit.say("any", "全部"))]
                            + Rollout.DeviceState.allCases.map {
                                .init(option: $0.rawValue, optionName: "\(UpdateWords.state($0, visit)) (\(visit.number(rollout.count([$0]))))")
                            }))
            ])
    }

    private func devices(_ found: RolloutDevicePage, _ visit: Visit) -> TableView {
        TableView(
            visit.say("Devices", "设备"), [visit.say("Device", "设备"), visit.say("State", "状态"), visit.say("Reason", "原因"), visit.say("Changed", "更新时间")],
            rows: found.devices.map { one in
                var state: CellView = UpdateWords.badge(one.state, visit)
                if let total = one.totalBytes, total > 0, let done = one.doneBytes, done < total {
                    state.under = visit.say("\(UpdateWords.size(done)) of \(UpdateWords.size(total))", "\(UpdateWords.size(done)) / \(UpdateWords.size(total))")
                } else if let shadow = one.shadow {
                    state.under = UpdateWords.shadow(shadow, visit)
                }
                return [
                    .link(one.label, "\(OperatorFleetPages.here)/\(one.device)", under: one.device.rawValue), state,
                    .text(UpdateWords.reason(one.reason, visit)), .text(visit.shown(one.changed)),
                ]
            }, nothing: visit.say("No device is like that.", "没有符合条件的设备。"))
    }

    // MARK: What is done about it

    private func acts(_ rollout: Rollout, _ visit: Visit) async throws -> [Block] {
        var forms: [FormView] = []
        if RolloutAct.advance.isPossible(for: rollout.state), rollout.stage + 1 < rollout.stages.count { forms.append(try await advancing(rollout, visit)) }
        let confirmed: [(act: RolloutAct, submit: String, folded: String, about: String)] = [
            (
                .return, visit.say("Send devices back", "退回设备"), visit.say("Send devices back", "退回之前的版本"),
                visit.say(
                    "\(visit.number(rollout.count([.confirmed]))) devices that run it go back to what ran before, each at its next contact. Nobody else begins with it.",
                    "\(visit.number(rollout.count([.confirmed]))) 台正在运行该版本的设备将在下次联系时退回之前的版本；其他设备不再开始更新。")
            ),
            (
                .cancel, visit.say("Cancel the roll-out", "取消推送"), visit.say("Cancel it", "取消推送"),
                visit.say(
                    "Nobody begins with it any more, and it cannot be taken up again: another would have to be begun. Devices that run it keep it.",
                    "不再有设备开始更新，且无法恢复，只能重新发起推送。已运行该版本的设备会保留。")
            ),
        ]
        forms += confirmed.filter { $0.act.isPossible(for: rollout.state) }.map { one in
            visit.form(
                "\(address(rollout.id))/\(one.act.rawValue)", one.submit,
                [
                    InputView("confirm", visit.say("Type its version, \(rollout.version)", "请输入版本号 \(rollout.version)")).with {
                        ($0.hint, $0.most, $0.autocomplete) = (one.about, 29, "off")
                    }
                ]
            ).with { ($0.isDangerous, $0.folded) = (true, one.folded) }
        }
        return forms.isEmpty ? [] : [.heading(visit.say("What can be done", "操作"), id: "acts")] + forms.map { Block(form: $0) }
    }

    private func advancing(_ rollout: Rollout, _ visit: Visit) async throws -> FormView {
        let next: Int = Int(rollout.stage) + 1
        let reaches: [RolloutReach] = try await hub.rolloutReach(of: rollout.release, Array(rollout.stages.prefix(next + 1)), account: rollout.account)
        let (now, then): (Int64, Int64) = (reaches[next - 1].devices, reaches[next].devices)
        return visit.form(
            "\(address(rollout.id))/advance", visit.say("Go to stage \(next + 1)", "进入第 \(next + 1) 阶段"),
            [
                InputView(
                    "sure",
                    visit.say(
                        "Devices included then: \(visit.number(then)), \(visit.number(then - now)) more than now",
                        "届时包含 \(visit.number(then)) 台设备，比现在增加 \(visit.number(then - now)) 台"), .tick("yes"))
            ]
        ).with { $0.folded = visit.say("Go to the next stage now", "立即进入下一阶段") }
    }
}
