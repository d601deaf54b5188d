import HubDomain
import WireModel

/// Conditions and what goes with them, in words.
enum AlertWords {
    static func condition(_ condition: AlertCondition, _ visit: Visit) -> String {
        switch condition {
        case .silent: visit.say("Silent", "失联")
        case .camerasDown: visit.say("Camera not streaming", "摄像头无画面")
        case .frameRateBelow: visit.say("Few frames", "帧率过低")
        case .diskBelow: visit.say("Disk low", "磁盘不足")
        case .temperatureAbove: visit.say("Hot", "温度过高")
        case .clockOff: visit.say("Clock off", "时钟偏差")
        case .lagAbove: visit.say("Entries wait for long", "日志积压")
        case .leaseBelow: visit.say("Lease low", "租约余量低")
        case .latencyAbove: visit.say("Slow decisions", "识别缓慢")
        case .processorAbove: visit.say("Processor busy", "处理器繁忙")
        case .memoryAbove: visit.say("Memory low", "内存不足")
        case .troubled: visit.say("In trouble", "状态异常")
        case .drifting: visit.say("Drifting", "配置未生效")
        case .updateFailed: visit.say("Update failed", "软件更新失败")
        }
    }

    /// With the unit of its level.
    static func choice(_ condition: AlertCondition, _ visit: Visit) -> String {
        let unit: String = condition == .silent ? visit.say("minutes", "分钟") : condition.unit
        return Self.condition(condition, visit) + (unit.isEmpty ? "" : visit.say(" (\(unit))", "（\(unit)）"))
    }

    static func severity(_ severity: AlertRule.Severity, _ visit: Visit) -> CellView {
        severity == .critical ? .badge(visit.say("critical", "严重"), .bad) : .badge(visit.say("warning", "警告"), .warm)
    }

    static func duration(_ milliseconds: Int64, _ visit: Visit) -> String {
        let minutes: Int64 = milliseconds / 60_000
        if minutes == 0 { return visit.say("at once", "立即") }
        if minutes % 1_440 == 0 { return visit.say("\(minutes / 1_440) day\(minutes == 1_440 ? "" : "s")", "\(minutes / 1_440) 天") }
        return minutes % 60 == 0 ? visit.say("\(minutes / 60) h", "\(minutes / 60) 小时") : visit.say("\(minutes) min", "\(minutes) 分钟")
    }

    static func scope(_ scope: AlertScope, _ visit: Visit) -> String { scope == .all ? visit.say("every device", "全部设备") : scope.description }

    static func recipient(_ recipient: AlertRecipient, _ visit: Visit) -> String {
        switch recipient {
        case .operators: visit.say("operators", "运营人员")
        case .owner: visit.say("the device's account", "设备所属账户")
        case .account(let id): id.rawValue
        }
    }
}
