import HubDomain
import WireModel

/// What is said of devices, in words.
enum FleetWords {
    static func condition(_ condition: FleetDevice.Condition, _ visit: Visit) -> String {
        switch condition {
        case .revoked: visit.say("revoked", "已吊销")
        case .stolen: visit.say("stolen", "已报失")
        case .quarantined: visit.say("barred", "已隔离")
        case .never: visit.say("never seen", "从未联系")
        case .silent: visit.say("silent", "失联")
        case .paused: visit.say("paused", "已暂停")
        case .drifting: visit.say("drifting", "配置未同步")
        case .troubled: visit.say("troubled", "有异常")
        case .well: visit.say("well", "正常")
        }
    }

    static func tone(_ condition: FleetDevice.Condition) -> NoticeView.Kind {
        switch condition {
        case .revoked, .never: .plain
        case .stolen, .quarantined, .silent: .bad
        case .paused, .drifting, .troubled: .warm
        case .well: .good
        }
    }

    static func badge(_ device: FleetDevice, _ visit: Visit) -> CellView {
        var cell: CellView = .badge(condition(device.condition, visit), tone(device.condition))
        // One word hides that it drifts as well.
        if device.hasDrifted == true, device.condition != .drifting { cell.under = condition(.drifting, visit) }
        return cell
    }

    static func command(_ kind: String, _ visit: Visit) -> String {
        switch RemoteCommandKind(rawValue: kind) {
        case .restart?: visit.say("Restart", "重启")
        case .syncNow?: visit.say("Sync now", "立即同步")
        case .diagnostics?: visit.say("Diagnostics", "诊断")
        case .rotateCertificate?: visit.say("Rotate the certificate", "更换证书")
        case .pause?: visit.say("Pause", "暂停")
        case .resume?: visit.say("Resume", "恢复")
        case .wipe?: visit.say("Wipe", "擦除")
        case nil: kind
        }
    }

    static func progress(_ command: IssuedCommand, at now: Timestamp, _ visit: Visit) -> CellView {
        switch command.outcome {
        case .done?: .badge(visit.say("done", "已完成"), .good)
        case .failed?: .badge(visit.say("failed", "失败"), .bad)
        case .expired?: .badge(visit.say("expired at the device", "设备端已过期"), .plain)
        case .unknown?: .badge(visit.say("not known to this agent", "该版本不支持"), .bad)
        case nil where command.expires <= now: .badge(visit.say("expired", "已过期"), .plain)
        case nil where command.delivered != nil: .badge(visit.say("delivered", "已送达"), .warm)
        case nil: .badge(visit.say("waiting", "等待中"), .warm)
        }
    }

    /// States of a health report; what has no words yet is shown as its code.
    static func states(_ states: [String], _ visit: Visit) -> String {
        if states == ["fresh"] { return visit.say("nothing to report", "无异常") }
        return states.map { code in ProblemCode(rawValue: code).map { ProblemMeaning($0, visit.language).title } ?? code }.joined(separator: " ")
    }

    static func labels(_ labels: [String: String]) -> String { labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ") }

    /// `name=value`, a line each.
    /// - Throws: at the field `labels`.
    static func labels(sent text: String) throws(FieldRefusal) -> [String: String] {
        var labels: [String: String] = [:]
        for line in text.split(whereSeparator: { $0.isNewline }) where line.contains(where: { !$0.isWhitespace }) {
            let parts: [Substring] = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw FieldRefusal(
                    "labels", ("That is no label: \(line.prefix(40))", "标签格式有误：\(line.prefix(40))"), ("Write name=value, a line each.", "请每行填写一个 name=value。"))
            }
            labels[trimmed(parts[0])] = trimmed(parts[1])
        }
        return labels
    }

    static func trimmed(_ text: some StringProtocol) -> String {
        String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }

    /// What cannot be taken back is asked for by name.
    static func confirm(_ sent: String, is name: String) throws(FieldRefusal) {
        guard trimmed(sent) == trimmed(name) else {
            throw FieldRefusal(
                "confirm", ("That is not the device's name.", "与设备名称不符。"), ("Type the name as it stands above: \(name)", "请原样输入上方的名称：\(name)"))
        }
    }
}
