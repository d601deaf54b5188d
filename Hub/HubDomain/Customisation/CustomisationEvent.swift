import WireModel

/// What an account is told on the road to a variant, and of its webhooks.
enum CustomisationEvent: Sendable {
    case quoted(CustomisationID, api: APIName, price: Money, validUntil: Timestamp)
    case refused(CustomisationID, answer: String)
    case lapsed(CustomisationID)
    case opened(VariantID, api: APIName, number: Int64, effective: Timestamp)
    case retiring(VariantID, api: APIName, ends: Timestamp, ground: String)
    case ended(VariantID, api: APIName)
    case webhookDisabled(WebhookID, ground: WebhookGround)

    var kind: String {
        switch self {
        case .quoted, .refused, .lapsed: "customisation"
        case .opened, .retiring, .ended: "variant"
        case .webhookDisabled: "webhook"
        }
    }

    var link: String {
        switch self {
        case .quoted(let id, _, _, _), .refused(let id, _), .lapsed(let id): "/v1/account/customisations/\(id)"
        case .opened(let id, _, _, _), .retiring(let id, _, _, _), .ended(let id, _): "/v1/account/variants/\(id)"
        case .webhookDisabled(let id, _): "/v1/account/webhooks/\(id)"
        }
    }

    func title(in language: Language) -> String {
        switch self {
        case .quoted(_, let api, _, _): language.text("A quote for \(api)", "\(api) 的报价")
        case .refused: language.text("Your request for a variant is refused", "您的定制申请未获批准")
        case .lapsed: language.text("A quote has lapsed", "报价已过期")
        case .opened(_, let api, let number, _): language.text("\(api), version \(number), is agreed", "\(api) 第 \(number) 版已约定")
        case .retiring(_, let api, let ends, _): language.text("\(api) ends on \(ends.day)", "\(api) 将于 \(ends.day) 停止")
        case .ended(_, let api): language.text("\(api) has ended", "\(api) 已停止")
        case .webhookDisabled: language.text("A webhook is switched off", "一个 Webhook 已停用")
        }
    }

    func body(in language: Language) -> String {
        switch self {
        case .quoted(_, let api, let price, let until):
            language.text(
                "For \(api): \(price.text) a call. Read the whole quote, with its definition and terms, in the user centre, and accept or decline it before \(until.day). After that day it lapses.",
                "\(api)：每次调用 \(price.text)。请在 \(until.day) 前于用户中心查看完整报价（包括定义与条件）并接受或拒绝；逾期失效。")
        case .refused(_, let answer): language.text("The reason: \(answer)", "原因：\(answer)")
        case .lapsed: language.text("Nobody accepted it in time. Ask again for a new one.", "未在有效期内接受。如有需要请重新申请。")
        case .opened(_, let api, let number, let effective):
            language.text(
                "Calls of \(api) are answered in the form of version \(number) from \(effective) on.", "自 \(effective) 起，\(api) 的调用将按第 \(number) 版的格式返回。")
        case .retiring(_, let api, let ends, let ground):
            language.text(
                "Until \(ends) calls of \(api) are answered as before; after it they are refused. The reason: \(ground)",
                "在 \(ends) 之前，\(api) 的调用照常返回；此后将被拒绝。原因：\(ground)")
        case .ended(_, let api): language.text("Calls of \(api) are refused from now on.", "\(api) 的调用自即日起将被拒绝。")
        case .webhookDisabled(_, let ground):
            language.text(
                "\(ground.words(in: .en)) Nothing more is sent to it until you switch it on again; its log says what failed.",
                "\(ground.words(in: .zh))重新启用之前不再向其发送任何内容；详情见投递日志。")
        }
    }
}

/// Why a webhook is switched off.
package enum WebhookGround: String, Sendable, Codable, CaseIterable {
    /// A delivery failed for three days.
    case unreachable
    /// It answered 410.
    case gone
    /// Its account said so.
    case switchedOff = "switched_off"

    func words(in language: Language) -> String {
        switch self {
        case .unreachable: language.text("Deliveries to it failed for three days.", "连续三天投递失败。")
        case .gone: language.text("It answered that it is gone (410).", "对方返回 410（已不存在）。")
        case .switchedOff: language.text("You switched it off.", "您已将其停用。")
        }
    }
}
