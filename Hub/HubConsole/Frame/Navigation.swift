import HubDomain

/// What the pages of a side offer at their edge.
enum Navigation {
    static func entries(_ side: ConsolePage.Side, _ language: Language) -> [(String, String)] {
        switch side {
        case .visitor: []
        case .member:
            [
                (language.text("Overview", "概览"), "/account"), (language.text("Applications and keys", "应用与密钥"), "/account/applications"),
                (language.text("Try an API", "在线试用"), "/account/try"), (language.text("Usage", "用量"), "/account/usage"),
                (language.text("People", "人员与人脸库"), "/account/people"), (language.text("Devices", "设备"), "/account/devices"),
                (language.text("Device alerts", "设备告警"), "/account/device-alerts"),
                (language.text("Bills", "账单与余额"), "/account/bills"), (language.text("Packs", "套餐"), "/account/packs"),
                (language.text("Agreements", "协议"), "/account/agreements"), (language.text("Notices", "通知"), "/account/notices"),
                (language.text("Webhooks", "Webhook"), "/account/webhooks"),
                (language.text("Feedback", "反馈与举报"), "/account/feedback"), (language.text("Profile", "资料"), "/account/profile"),
                (language.text("Signing in", "登录安全"), "/account/security"),
            ]
        case .staff:
            [
                (language.text("Overview", "概览"), "/operator"), (language.text("Accounts", "账户"), "/operator/accounts"),
                (language.text("Approvals", "审批"), "/operator/approvals"), (language.text("Feedback", "反馈与举报"), "/operator/feedback"),
                (language.text("Catalogue", "目录与价格"), "/operator/catalogue"), (language.text("News and status", "公告与状态"), "/operator/news"),
                (language.text("Devices", "设备"), "/operator/devices"), (language.text("Alerts", "告警"), "/operator/alerts"),
                (language.text("Groups", "设备分组"), "/operator/groups"), (language.text("Updates", "软件更新"), "/operator/updates"),
                (language.text("Agreements", "协议"), "/operator/agreements"), (language.text("Staff", "运营人员"), "/operator/staff"),
                (language.text("Settings", "平台设置"), "/operator/settings"),
                (language.text("Audit", "审计"), "/operator/audit"),
                (language.text("Signing in", "登录安全"), "/operator/security"),
            ]
        }
    }

    static func top(_ side: ConsolePage.Side, _ language: Language) -> [(String, String)] {
        let documentation: (String, String) = (language.text("APIs and prices", "接口与价格"), "/docs")
        return side == .visitor
            ? [
                documentation, (language.text("Status", "服务状态"), "/status"), (language.text("Agreements", "协议"), "/agreements"),
                (language.text("Sign in", "登录"), "/sign-in"), (language.text("Sign up", "注册"), "/sign-up"),
            ] : [documentation, (language.text("Status", "服务状态"), "/status")]
    }
}
