import HubDomain
import WireModel

/// What a device's page shows of it, to operators and to its account alike.
struct DeviceBlocks {
    let fleet: FleetDevice
    let visit: Visit

    private var device: Device { fleet.device }

    /// How it is right now.
    func state() -> [Block] {
        var blocks: [Block] = []
        if let code = device.quarantine {
            let meaning = ProblemMeaning(code, visit.language)
            blocks.append(.notice(.bad, visit.say("Barred: \(meaning.title)", "已隔离：\(meaning.title)"), meaning.remedy))
        }
        if fleet.condition == .silent {
            blocks.append(
                .notice(.bad, visit.say("It has not been heard of for three of its intervals.", "已超过三个联系间隔未收到消息。")))
        }
        var facts: [(String, String)] = [
            (visit.say("State", "状态"), FleetWords.condition(fleet.condition, visit)),
            (visit.say("Last contact", "最近联系"), device.contact.map(visit.shown) ?? visit.say("never", "从未")),
            (
                visit.say("Journal", "日志"),
                visit.say(
                    "\(visit.number(device.journalEntries)) entries, epoch \(device.journalEpoch)",
                    "\(visit.number(device.journalEntries)) 条，第 \(device.journalEpoch) 代")
            ),
            (
                visit.say("Clock", "时钟"),
                abs(device.clockSkewMilliseconds) > SyncLimits.clockTolerance
                    ? visit.say("\(device.clockSkewMilliseconds / 1_000) s off", "偏差 \(device.clockSkewMilliseconds / 1_000) 秒") : visit.say("right", "准确")
            ),
        ]
        if let health = fleet.health, let at = fleet.healthAt {
            facts.append((visit.say("Health, \(visit.shown(at))", "健康，\(visit.shown(at))"), FleetWords.states(health.states, visit)))
            facts.append(
                (
                    visit.say("Disk", "磁盘"),
                    visit.say(
                        "\(visit.number(health.freeBytes >> 20)) MiB free, store \(visit.number(health.storeBytes >> 20)) MiB",
                        "剩余 \(visit.number(health.freeBytes >> 20)) MiB，已用 \(visit.number(health.storeBytes >> 20)) MiB")
                ))
            if let decisions = health.decisions {
                facts.append(
                    (
                        visit.say("Decisions", "判定"),
                        visit.say(
                            "\(decisions.count) since the report before, median \(decisions.medianMilliseconds) ms, p99 \(decisions.p99Milliseconds) ms",
                            "本周期 \(decisions.count) 次，中位数 \(decisions.medianMilliseconds) 毫秒，p99 \(decisions.p99Milliseconds) 毫秒")
                    ))
            }
        }
        blocks.append(.facts(facts))
        return blocks
    }

    /// - Parameter commands: newest first.
    func wiped(_ commands: [IssuedCommand]) -> [Block] {
        guard let wipe = commands.first(where: { $0.kind == RemoteCommandKind.wipe.rawValue && $0.outcome == .done }), let finished = wipe.finished else {
            return []
        }
        return [
            .notice(
                .warm, visit.say("It was wiped, \(visit.shown(finished)).", "设备已于 \(visit.shown(finished)) 擦除。"),
                visit.say("It holds nobody and no key, and must join anew, as another device.", "设备上已无人员与密钥，须作为新设备重新加入。"))
        ]
    }

    /// What is wanted of it beside what it works by.
    func configuration(_ works: DeviceConfiguration?) -> [Block] {
        let title: String
        let kind: NoticeView.Kind
        switch fleet.hasDrifted {
        case nil: (title, kind) = (visit.say("It has not told yet how it works.", "设备尚未上报其配置。"), .plain)
        case false?: (title, kind) = (visit.say("It works by what is wanted of it.", "设备配置与期望一致。"), .good)
        case true?:
            (title, kind) = (visit.say("It does not work by what is wanted of it yet.", "设备配置尚未同步。"), .warm)
        }
        let rows: [[CellView]] = FleetSetting.all.map { setting in
            let wanted: String = setting.shown(fleet.wanted, visit)
            let source: String? =
                setting.isOwn(fleet.overrides) ? visit.say("of its own", "本机设置") : fleet.groupName.map { visit.say("as \($0) has it", "同分组 \($0)") }
            let found: String? = works.map { setting.shown($0, visit) }
            let cell: CellView = found.map { $0 == wanted ? .text($0) : .badge($0, .warm) } ?? .text(visit.say("not known", "未知"))
            return [.text(setting.title(visit)), .text(wanted, under: source), cell]
        }
        return [
            .notice(kind, title, fleet.reportedAt.map { visit.say("As of \(visit.shown($0)).", "截至 \(visit.shown($0))。") } ?? ""),
            Block(
                table: TableView(
                    visit.say("Settings", "配置"), [visit.say("Setting", "配置项"), visit.say("Wanted", "期望"), visit.say("At work", "实际")], rows: rows,
                    nothing: "")),
        ]
    }

    /// - Parameters:
    ///   - details: where what a device had to say is fetched; by the command's id.
    ///   - buttons: what may still be done about an open command.
    func commands(
        _ commands: [IssuedCommand], at now: Timestamp, details: (CommandID) -> String, buttons: (IssuedCommand) -> [FormView]
    ) -> Block {
        Block(
            table: TableView(
                visit.say("Commands", "指令"),
                [
                    visit.say("Command", "指令"), visit.say("Asked", "下发时间"), visit.say("Until", "有效至"), visit.say("Became", "结果"), visit.say("When", "时间"),
                    visit.say("Receipt", "回执"),
                ],
                rows: commands.map { one in
                    var receipt: CellView = .text("")
                    if let detail = one.detail, one.kind == RemoteCommandKind.diagnostics.rawValue, one.outcome == .done {
                        receipt = .link(visit.say("Download, \(detail.utf8.count / 1_024 + 1) KiB", "下载，\(detail.utf8.count / 1_024 + 1) KiB"), details(one.id))
                    } else if let detail = one.detail {
                        receipt = .text(String(detail.prefix(300)))
                    } else if one.outcome == nil, one.expires > now {
                        receipt = .forms(buttons(one))
                    }
                    return [
                        .text(FleetWords.command(one.kind, visit), under: one.issuedBy), .text(visit.shown(one.issued)), .text(visit.shown(one.expires)),
                        FleetWords.progress(one, at: now, visit), .text((one.finished ?? one.delivered).map(visit.shown) ?? "–"), receipt,
                    ]
                }, nothing: visit.say("It was asked nothing yet.", "尚未下发指令。")))
    }

    /// - Parameter address: where a roll-out is looked at; `nil` where its reader has no such page.
    func updates(_ updates: [DeviceUpdate], address: ((RolloutID) -> String)?) -> [Block] {
        guard !updates.isEmpty else { return [] }
        return [
            .heading(visit.say("Updates", "软件更新"), id: "updates"),
            Block(
                table: TableView(
                    visit.say("Updates", "软件更新"),
                    [visit.say("Release", "版本"), visit.say("State", "状态"), visit.say("Reason", "原因"), visit.say("Changed", "更新时间")],
                    rows: updates.map { one in
                        let title: String = UpdateWords.title(one.kind, one.version, visit)
                        return [
                            address.map { .link(title, $0(one.rollout)) } ?? .text(title), UpdateWords.badge(one.state, visit),
                            .text(UpdateWords.reason(one.reason, visit)), .text(visit.shown(one.changed)),
                        ]
                    }, nothing: "")),
        ]
    }

    func leases(_ facts: DeviceFacts) -> Block {
        Block(
            table: TableView(
                visit.say("Leases", "租约"),
                [
                    visit.say("API", "接口"), visit.say("Left", "剩余"), visit.say("Spent", "已用"), visit.say("Until", "有效至"),
                    visit.say("State", "状态"),
                ], numbers: [1, 2],
                rows: facts.leases.map { one in
                    [
                        .text(one.api.title(in: visit.language), under: one.api.rawValue), .text(visit.number(one.remaining)), .text(visit.number(one.spent)),
                        .text(visit.shown(one.notAfter)),
                        one.settled != nil
                            ? .badge(visit.say("given back", "已归还"), .plain)
                            : one.notAfter <= visit.hub.now()
                                ? .badge(visit.say("ended", "已到期"), .warm) : .badge(visit.say("held", "有效"), .good),
                    ]
                }, nothing: visit.say("It holds none.", "无租约。")))
    }
}
