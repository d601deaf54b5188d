import HubDomain
import WireModel

/// What is said of releases and roll-outs, in words. States of devices go by their raw value: one that has no words yet is shown as it is called.
enum UpdateWords {
    static func state(_ state: Rollout.DeviceState, _ visit: Visit) -> String {
        switch state.rawValue {
        case "offered": visit.say("told of it", "已通知")
        case "waiting": visit.say("waits", "等待中")
        case "downloading": visit.say("receives it", "下载中")
        case "staged": visit.say("has it ready", "已就绪")
        case "shadowing": visit.say("runs it in shadow", "影子运行中")
        case "trying": visit.say("tries it", "试运行中")
        case "confirmed": visit.say("works", "运行正常")
        case "rolled_back": visit.say("rolled back", "已回退")
        case "refused": visit.say("refused it", "已拒绝")
        case "returning": visit.say("goes back", "退回中")
        case "returned": visit.say("went back", "已退回")
        case "stayed": visit.say("could not go back", "未能退回")
        default: state.rawValue.replacing("_", with: " ")
        }
    }

    static func tone(_ state: Rollout.DeviceState) -> ShareBar.Tone {
        switch state.rawValue {
        case "confirmed": .good
        case "rolled_back", "refused", "stayed": .bad
        case "returning": .warm
        case "returned", "offered": .plain
        default: .ahead
        }
    }

    static func badge(_ state: Rollout.DeviceState, _ visit: Visit) -> CellView {
        let kind: NoticeView.Kind =
            switch tone(state) {
            case .good: .good
            case .bad: .bad
            case .warm: .warm
            case .ahead, .plain: .plain
            }
        return .badge(Self.state(state, visit), kind)
    }

    static func state(_ state: Rollout.State, _ visit: Visit) -> CellView {
        switch state {
        case .running: .badge(visit.say("running", "推送中"), .good)
        case .paused: .badge(visit.say("paused", "已暂停"), .warm)
        case .cancelled: .badge(visit.say("cancelled", "已取消"), .plain)
        case .returning: .badge(visit.say("going back", "退回中"), .warm)
        }
    }

    static func kind(_ kind: ReleaseKind, _ visit: Visit) -> String {
        switch kind {
        case .agent: visit.say("Agent", "设备程序")
        case .models: visit.say("Models", "模型")
        }
    }

    static func title(_ kind: ReleaseKind, _ version: ReleaseNumber, _ visit: Visit) -> String { "\(Self.kind(kind, visit)) \(version)" }

    /// Why a roll-out came to its state by itself.
    static func reason(_ rollout: Rollout, _ visit: Visit) -> String {
        guard let reason = rollout.reason else { return "" }
        switch rollout.state {
        case .paused:
            return visit.say(
                "\(rollout.failed) of \(rollout.tried) that tried it failed, more than \(percent(rollout.failurePermille)).",
                "\(rollout.tried) 台设备已尝试，其中 \(rollout.failed) 台失败，超过上限 \(percent(rollout.failurePermille))。")
        case .cancelled: return visit.say("The release was withdrawn.", "版本已撤回。")
        case .running, .returning: return reason
        }
    }

    /// What a device gives as its reason: a code's meaning in the reader's language, or its own words.
    static func reason(_ text: String?, _ visit: Visit) -> String {
        guard let text else { return "" }
        return ProblemCode(rawValue: text).map { ProblemMeaning($0, visit.language).title } ?? text
    }

    /// What models must show before they are tried, as a fact; of a program there is none.
    static func shadow(_ policy: ShadowPolicy?, _ kind: ReleaseKind, _ visit: Visit) -> (String, String)? {
        guard kind == .models else { return nil }
        let name: String = visit.say("Before it is tried", "试运行之前")
        guard let policy else { return (name, visit.say("nothing: it decides at once", "不比对，直接参与判定")) }
        let time: String = policy.milliseconds.map { AlertWords.duration($0, visit) } ?? ""
        return (
            name,
            visit.say(
                "it looks on at \(visit.number(policy.faces)) faces\(time.isEmpty ? "" : " in \(time)"), of which at most \(percent(policy.disagreementPermille)) may be decided on otherwise",
                "\(time.isEmpty ? "" : "\(time)内")影子比对 \(visit.number(policy.faces)) 张人脸，判定不一致不超过 \(percent(policy.disagreementPermille))")
        )
    }

    /// How far a device is with that.
    static func shadow(_ progress: ShadowProgress, _ visit: Visit) -> String {
        visit.say(
            "looked on at \(visit.number(progress.compared)) of \(visit.number(progress.faces)) faces, \(visit.number(progress.disagreements)) decided on otherwise",
            "已比对 \(visit.number(progress.compared)) / \(visit.number(progress.faces)) 张人脸，不一致 \(visit.number(progress.disagreements))")
    }

    static func percent(_ permille: Int64) -> String { permille % 10 == 0 ? "\(permille / 10)%" : "\(permille / 10).\(permille % 10)%" }

    static func size(_ bytes: Int64) -> String {
        if bytes < 1_024 { return "\(bytes) B" }
        let (tenths, unit): (Int64, String) = bytes < 1 << 20 ? (bytes * 10 / 1_024, "KiB") : (bytes * 10 / (1 << 20), "MiB")
        return tenths >= 1_000 ? "\(CatalogueWords.grouped(tenths / 10)) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
    }

    /// Which devices a stage is about, and what share of them.
    static func ring(_ stage: RolloutStage, groups: [DeviceGroupID: String], _ visit: Visit) -> String {
        var parts: [String] = []
        if let group = stage.group { parts.append(visit.say("group \(groups[group] ?? group.rawValue)", "分组 \(groups[group] ?? group.rawValue)")) }
        if let label = stage.label { parts.append(visit.say("label \(label)", "标签 \(label)")) }
        let whom: String = parts.isEmpty ? visit.say("all devices", "全部设备") : parts.joined(separator: visit.say(", ", "，"))
        if stage.percent == 100 { return whom }
        return visit.say("\(stage.percent)% of \(whom)", "\(whom)的 \(stage.percent)%")
    }

    static func wait(_ stage: RolloutStage, _ visit: Visit) -> String {
        guard let wait = stage.waitMilliseconds else { return visit.say("when an operator says so", "由运营人员手动进入") }
        return visit.say("by itself after \(AlertWords.duration(wait, visit))", "\(AlertWords.duration(wait, visit))后自动进入")
    }

    /// Devices by state as a bar, in the order of the states; what is not known to this program comes last.
    static func bar(_ rollout: Rollout, hasKey: Bool, _ visit: Visit) -> ShareBar {
        let ordered: [Rollout.DeviceState] = Rollout.DeviceState.allCases.sorted { place($0) < place($1) }
        return ShareBar(
            ordered.map { .init(name: state($0, visit), count: rollout.count([$0]), tone: tone($0)) }, hasKey: hasKey,
            nothing: visit.say("no device was told yet", "尚未通知任何设备"))
    }

    /// From what runs it, over what is under way, to what failed.
    private static func place(_ state: Rollout.DeviceState) -> Int {
        switch tone(state) {
        case .good: 0
        case .ahead: 1
        case .plain: 2
        case .warm: 3
        case .bad: 4
        }
    }

    /// What cannot be taken back is asked for by the version.
    static func confirm(_ sent: String, is version: ReleaseNumber) throws(FieldRefusal) {
        guard FleetWords.trimmed(sent) == "\(version)" else {
            throw FieldRefusal(
                "confirm", ("That is not the version.", "与版本号不符。"), ("Type it as it stands above: \(version)", "请原样输入：\(version)"))
        }
    }
}
