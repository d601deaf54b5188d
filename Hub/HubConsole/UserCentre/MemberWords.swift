import HubDomain

/// What is said of an account's members, in words.
enum MemberWords {
    static func role(_ role: MemberRole, _ visit: Visit) -> String {
        switch role {
        case .owner: visit.say("owner", "所有者")
        case .admin: visit.say("admin", "管理员")
        case .developer: visit.say("developer", "开发者")
        case .auditor: visit.say("auditor", "审计")
        case .billing: visit.say("billing", "财务")
        }
    }

    /// With what it may do, for whoever chooses one.
    static func may(_ role: MemberRole, _ visit: Visit) -> String {
        let about: (String, String) =
            switch role {
            case .owner: ("everything, closing the account too", "全部权限，包括注销账户")
            case .admin: ("everything but owners and closing", "除所有者管理与注销外的全部权限")
            case .developer: ("applications, keys, galleries", "应用、密钥与人脸库")
            case .auditor: ("reads everything, changes nothing", "仅查看")
            case .billing: ("use and bills", "用量与账单")
            }
        return visit.say("\(Self.role(role, visit)): \(about.0)", "\(Self.role(role, visit))：\(about.1)")
    }

    static func state(_ state: PrincipalState, _ visit: Visit) -> CellView {
        switch state {
        case .invited: .badge(visit.say("invited", "已邀请"), .warm)
        case .active: .badge(visit.say("active", "正常"), .good)
        case .removed: .badge(visit.say("removed", "已移除"), .plain)
        }
    }
}
