import WireModel

/// Something an account or a person is told, in the words of either language.
enum Event: Sendable {
    case verify(token: String, publicURL: String)
    case alreadyRegistered(publicURL: String)
    case invite(account: String, token: String, publicURL: String)
    case inviteOperator(token: String, publicURL: String)
    case reset(token: String, publicURL: String, isOperator: Bool)
    case passwordChanged
    case secondFactor(isOn: Bool)
    case recoveryCodeUsed(left: Int64)
    case emailDue(Timestamp, token: String, publicURL: String)
    case domainDue(domain: String, due: Timestamp, fault: String)
    case standing(Standing, ground: String)
    case measure(Measure)
    case measureEnded(Measure, ground: String)
    case agreement(title: String, document: String, number: Int64, effective: Timestamp, isExplicit: Bool, publicURL: String)
    case keyFrozen(hint: String, ground: String)
    case deviceQuarantined(DeviceID, ProblemCode)
    case closure(state: String, answer: String)
    case entitlement(APIName, isApproved: Bool, answer: String)
    case entitlementStopped(APIName, ground: String)
    case price(APIName, plan: String, effective: Timestamp, words: String)
    case offer(APIName, effective: Timestamp, words: String)
    case money(MoneyMove, amount: Money, reason: String)
    case alert(words: String)
    case personCount(Int64, level: Int64, filing: Int64)
    case customisation(CustomisationEvent)
    case feedback(subject: String, FeedbackID)
    case announcement(title: String, body: String)
    case deviceAlert(AlertMessage)
    case incident(Incident)

    /// A word for the kind, kept with the notice and the mail.
    var kind: String {
        switch self {
        case .verify: "verify"
        case .alreadyRegistered: "already_registered"
        case .invite, .inviteOperator: "invite"
        case .reset: "reset"
        case .passwordChanged: "password_changed"
        case .secondFactor, .recoveryCodeUsed: "second_factor"
        case .emailDue: "email_due"
        case .domainDue: "domain_due"
        case .standing: "standing"
        case .measure, .measureEnded: "measure"
        case .agreement: "agreement"
        case .keyFrozen: "key_frozen"
        case .deviceQuarantined: "device_quarantined"
        case .closure: "closure"
        case .entitlement, .entitlementStopped: "entitlement"
        case .price, .offer: "catalogue"
        case .money: "money"
        case .alert: "alert"
        case .personCount: "person_count"
        case .customisation(let event): event.kind
        case .feedback: "feedback"
        case .announcement: "announcement"
        case .deviceAlert: "device_alert"
        case .incident: "incident"
        }
    }

    /// Where in the user centre the matter is dealt with.
    var link: String? {
        switch self {
        case .agreement(_, let document, let number, _, _, _): "/v1/agreements/\(document)/versions/\(number)"
        case .standing, .measure, .measureEnded: "/v1/account/standing"
        case .domainDue: "/v1/account/domain"
        case .keyFrozen: "/v1/account/keys"
        case .closure: "/v1/account/closure"
        case .entitlement, .entitlementStopped: "/v1/account/entitlements"
        case .price(let api, _, _, _), .offer(let api, _, _): "/docs/\(api)"
        case .money: "/v1/account/ledger"
        case .alert: "/v1/account/alerts"
        case .personCount: "/v1/account/galleries"
        case .customisation(let event): event.link
        case .feedback(_, let id): "/account/feedback/\(id)"
        case .deviceAlert: "/v1/account/device-alerts"
        default: nil
        }
    }

    func title(in language: Language) -> String {
        switch self {
        case .verify: language.text("Confirm your mail address", "请确认您的电子邮箱")
        case .alreadyRegistered: language.text("You have an account already", "您已有账户")
        case .invite(let account, _, _): language.text("You are invited to \(account)", "邀请您加入 \(account)")
        case .inviteOperator: language.text("You are invited to run the hub", "邀请您成为平台运营人员")
        case .reset: language.text("Set a new password", "重设密码")
        case .passwordChanged: language.text("Your password was changed", "您的密码已更改")
        case .secondFactor(let isOn): isOn ? language.text("Second factor is on", "两步验证已启用") : language.text("Second factor is off", "两步验证已关闭")
        case .recoveryCodeUsed: language.text("A recovery code was used", "已使用一个恢复代码")
        case .emailDue: language.text("Confirm your mail address again", "请再次确认您的电子邮箱")
        case .domainDue(let domain, _, _): language.text("Prove the domain \(domain) again", "请再次证明域名 \(domain)")
        case .standing(let standing, _):
            switch standing {
            case .active: language.text("Your account is active", "您的账户可正常使用")
            case .pending: language.text("Your account is not complete yet", "您的账户尚未完成注册")
            case .lapsed: language.text("Your account has lost its standing", "您的账户资格已失效")
            case .suspended: language.text("Your account is suspended", "您的账户已被暂停")
            case .ended: language.text("Your account has ended", "您的账户已终止")
            }
        case .measure(let measure):
            switch measure.kind {
            case .warning: language.text("A warning about your account", "关于您账户的警告")
            case .throttle: language.text("Your account's calls are slowed down", "您账户的调用已被限速")
            case .pauseAPI: language.text("An API is paused for your account", "您账户的某个接口已被停用")
            case .suspension: language.text("Your account is being suspended", "您的账户将被暂停")
            case .termination: language.text("Your account is being ended", "您的账户将被终止")
            }
        case .measureEnded: language.text("A measure on your account has ended", "对您账户的一项措施已解除")
        case .agreement(let title, _, let number, _, _, _): language.text("New terms: \(title), version \(number)", "新条款：\(title)（第 \(number) 版）")
        case .keyFrozen(let hint, _): language.text("The key \(hint) is frozen", "密钥 \(hint) 已冻结")
        case .deviceQuarantined(let device, _): language.text("The device \(device) is barred", "设备 \(device) 已被隔离")
        case .closure: language.text("Your request to close the account", "您的注销申请")
        case .entitlement(let api, let isApproved, _):
            isApproved ? language.text("You may use \(api)", "您可以使用 \(api)") : language.text("Your application for \(api) was refused", "您对 \(api) 的申请未获批准")
        case .entitlementStopped(let api, _): language.text("Your use of \(api) was stopped", "您对 \(api) 的使用已被停止")
        case .price(let api, let plan, let effective, _):
            language.text("\(api): plan \(plan) costs differently from \(effective.day)", "\(api)：方案 \(plan) 自 \(effective.day) 起调整价格")
        case .offer(let api, let effective, _): language.text("\(api): its terms change on \(effective.day)", "\(api)：服务条件将于 \(effective.day) 变更")
        case .money(let kind, let amount, _):
            switch kind {
            case .topUp: language.text("\(amount.text) came in", "已充值 \(amount.text)")
            case .credit: language.text("You were credited \(amount.text)", "已为您入账 \(amount.text)")
            case .compensation: language.text("Compensation: \(amount.text)", "赔偿：\(amount.text)")
            case .refund: language.text("\(amount.text) are paid back to you", "将向您退款 \(amount.text)")
            case .correction, .charge, .purchase: language.text("Your account was corrected: \(amount.text)", "账目更正：\(amount.text)")
            }
        case .alert: language.text("A level you chose is reached", "已达到您设定的提醒值")
        case .personCount(let count, _, _): language.text("You keep the face data of \(count) persons", "您已存储 \(count) 人的人脸信息")
        case .customisation(let event): event.title(in: language)
        case .feedback(let subject, _): language.text("Your report was answered: \(subject)", "您的反馈已得到答复：\(subject)")
        case .announcement(let title, _): title
        case .deviceAlert(let message): message.title(in: language)
        case .incident(let incident): incident.titles[language] ?? ""
        }
    }

    func body(in language: Language) -> String {
        switch self {
        case .verify(let token, let url):
            language.text(
                "Someone, probably you, registered with this address. To confirm it within 24 hours, open\n\n\(url)/confirm#\(token)\n\nor send the token itself to POST \(url)/v1/account/verify-email:\n\n\(token)\n\nIf it was not you, do nothing: without confirmation nothing happens.",
                "有人（应该是您）使用此邮箱注册。请在 24 小时内打开以下链接确认：\n\n\(url)/confirm#\(token)\n\n或将令牌提交至 POST \(url)/v1/account/verify-email：\n\n\(token)\n\n如果不是您本人操作，请忽略此邮件；未确认则不会生效。"
            )
        case .alreadyRegistered(let url):
            language.text(
                "Someone, probably you, tried to register with this address, which has an account already. Sign in, or set a new password, at\n\n\(url)\n\nIf it was not you, there is nothing to do.",
                "有人（应该是您）尝试使用此邮箱注册，但该邮箱已有账户。请前往以下地址登录或重设密码：\n\n\(url)\n\n如果不是您本人操作，无需处理。")
        case .invite(let account, let token, let url):
            language.text(
                "You are invited to join the account \(account). To accept within 7 days, open\n\n\(url)/invitation#\(token)\n\nor send the token to POST \(url)/v1/account/invitations/accept:\n\n\(token)",
                "邀请您加入账户 \(account)。请在 7 天内打开以下链接接受邀请：\n\n\(url)/invitation#\(token)\n\n或将令牌提交至 POST \(url)/v1/account/invitations/accept：\n\n\(token)")
        case .inviteOperator(let token, let url):
            language.text(
                "You are invited to run this hub. To accept within 7 days, open\n\n\(url)/operator/invitation#\(token)\n\nor send the token to POST \(url)/v1/operator/invitations/accept:\n\n\(token)",
                "邀请您成为本平台的运营人员。请在 7 天内打开以下链接接受邀请：\n\n\(url)/operator/invitation#\(token)\n\n或将令牌提交至 POST \(url)/v1/operator/invitations/accept：\n\n\(token)")
        case .reset(let token, let url, let isOperator):
            language.text(
                "Someone, probably you, asked for a new password. To set one within an hour, open\n\n\(url)\(isOperator ? "/operator" : "")/reset#\(token)\n\nor send the token to POST \(url)/v1/\(isOperator ? "operator" : "account")/password/reset:\n\n\(token)\n\nIf it was not you, do nothing: your password stays as it is.",
                "有人（应该是您）申请重设密码。请在 1 小时内打开以下链接：\n\n\(url)\(isOperator ? "/operator" : "")/reset#\(token)\n\n或将令牌提交至 POST \(url)/v1/\(isOperator ? "operator" : "account")/password/reset：\n\n\(token)\n\n如果不是您本人操作，请忽略此邮件，密码不会改变。"
            )
        case .passwordChanged:
            language.text(
                "The password of your sign-in was changed, and every other session ended. If it was not you, set a new one at once by mail and tell us.",
                "您的登录密码已更改，其他会话均已结束。如果不是您本人操作，请立即通过邮件重设密码并告知我们。")
        case .secondFactor(let isOn):
            isOn
                ? language.text(
                    "Signing in now asks for a code from your authenticator. Keep the recovery codes where you find them without your telephone.",
                    "登录时将要求输入身份验证器中的代码。请将恢复代码妥善保存在手机之外。")
                : language.text(
                    "Signing in no longer asks for a code. If it was not you, change your password and switch it on again.",
                    "登录时不再要求输入验证代码。如果不是您本人操作，请更改密码并重新启用。")
        case .recoveryCodeUsed(let left):
            language.text(
                "Somebody signed in as you with a recovery code; \(left) are left. If it was not you, change your password at once. When they run out, switch the second factor off and on again for new ones.",
                "有人使用恢复代码登录了您的账户；剩余 \(left) 个。如果不是您本人操作，请立即更改密码。恢复代码用尽前，请关闭并重新启用两步验证以获取新的代码。")
        case .emailDue(let due, let token, let url):
            language.text(
                "A condition of your registration is a working mail address. Please confirm it again before \(due.day):\n\n\(url)/confirm#\(token)\n\n\(token)\n\nAfter that day calls are refused until it is confirmed.",
                "有效的电子邮箱是注册条件之一。请在 \(due.day) 前再次确认：\n\n\(url)/confirm#\(token)\n\n\(token)\n\n逾期未确认，调用将被拒绝，直至确认为止。")
        case .domainDue(let domain, let due, let fault):
            language.text(
                "The proof for \(domain) was not found again (\(fault)). Put the record back before \(due.day); after that day calls are refused until it is found.",
                "未能再次找到域名 \(domain) 的证明（\(fault)）。请在 \(due.day) 前恢复该记录；逾期调用将被拒绝，直至恢复为止。")
        case .standing(_, let ground):
            language.text("The ground: \(GroundText.text(ground, language)).", "原因：\(GroundText.text(ground, language))。")
        case .measure(let measure): measure.text(in: language)
        case .measureEnded(let measure, let ground):
            language.text("The measure of \(measure.begins.day) has ended: \(ground).", "\(measure.begins.day) 的措施已解除：\(ground)。")
        case .agreement(let title, let document, let number, let effective, let isExplicit, let url):
            language.text(
                "\(title), version \(number), takes effect on \(effective.day). Read it at\n\n\(url)/v1/agreements/\(document)/versions/\(number)\n\n"
                    + (isExplicit
                        ? "It must be accepted in the user centre. Whoever does not accept can export their data and leave at any time."
                        : "Using the service after that day counts as acceptance, as these terms say. Whoever does not accept can decline, export their data and leave at any time."),
                "《\(title)》第 \(number) 版将于 \(effective.day) 生效。条款内容：\n\n\(url)/v1/agreements/\(document)/versions/\(number)\n\n"
                    + (isExplicit ? "请在用户中心确认接受。不接受者可随时导出数据并停止使用。" : "根据该条款，生效后继续使用即视为接受。不接受者可随时拒绝、导出数据并停止使用。"))
        case .keyFrozen(_, let ground):
            language.text("No call with it passes any more. The ground: \(ground).", "使用该密钥的调用将不再通过。原因：\(ground)。")
        case .deviceQuarantined(_, let code):
            switch code {
            case .journalFork:
                language.text(
                    "Two different journals came from this device: its disk was copied, or an old image of it was put back. It gets no leases and nothing of it is billed until the operator has looked (vultus-hub device forks). Other devices go on.",
                    "该设备上报了两份互相冲突的日志：其磁盘可能被复制，或被恢复为旧镜像。在平台运营人员核查之前（vultus-hub device forks），该设备不会获得额度，其上报内容不计费。其他设备不受影响。")
            case .journalRolledBack:
                language.text(
                    "An old image of this device's disk was put back: the hub holds more of its journal than the device does. It has stopped; it gets no leases and nothing of it is billed until the operator has looked (vultus-hub device forks). Other devices go on.",
                    "该设备的磁盘被恢复为旧镜像：平台持有的日志多于设备本身。该设备已停止工作；在平台运营人员核查之前（vultus-hub device forks），不会获得额度，其上报内容不计费。其他设备不受影响。")
            default:
                language.text(
                    "This device's store was damaged again and again. It gets no leases and nothing of it is billed until the operator has looked (vultus-hub device forks). Other devices go on.",
                    "该设备的存储反复损坏。在平台运营人员核查之前（vultus-hub device forks），该设备不会获得额度，其上报内容不计费。其他设备不受影响。")
            }
        case .closure(let state, let answer):
            language.text("It is \(state). \(answer)", "状态：\(state)。\(answer)")
        case .entitlement(let api, let isApproved, let answer):
            isApproved
                ? language.text("Calls of \(api) pass from now on. \(answer)", "现在即可调用 \(api)。\(answer)")
                : language.text("The answer: \(answer)", "答复：\(answer)")
        case .entitlementStopped(let api, let ground):
            language.text("Calls of \(api) by that application are refused. The ground: \(ground)", "该应用对 \(api) 的调用将被拒绝。原因：\(ground)")
        case .price(_, _, _, let words), .offer(_, _, let words): words
        case .money(_, _, let reason): reason
        case .alert(let words): words
        case .personCount(_, let level, let filing):
            level >= filing
                ? language.text(
                    "With \(filing) persons the law asks you to file with the authority of your province within 30 working days. Erase those you need no longer; the galleries' page shows the figures to file.",
                    "存储人脸信息达到 \(filing) 人的，应当在 30 个工作日内向所在地省级以上网信部门备案。请删除不再需要的人员信息；备案所需数据见人脸库页面。")
                : language.text(
                    "At \(filing) persons the law asks for a filing with the authority of your province. You have come to \(level).",
                    "存储人脸信息达到 \(filing) 人时，应当向所在地省级以上网信部门备案。您已达到 \(level) 人。")
        case .customisation(let event): event.body(in: language)
        case .feedback: language.text("Read the answer in the user centre, and write back there.", "请在用户中心查看答复并回复。")
        case .announcement(_, let body): body
        case .deviceAlert(let message): message.body(in: language)
        case .incident(let incident):
            (incident.updates.first?.texts[language] ?? "")
                + language.text("\n\nYou asked to be mailed of incidents; the user centre's notices page stops it.", "\n\n您订阅了事件邮件；可在用户中心“通知”页面取消。")
        }
    }
}

extension Timestamp {
    /// `2026-11-25`
    var day: String { String(description.prefix(10)) }
}

/// The fixed vocabulary of grounds for standings, in words; an operator's own ground is shown as written.
package enum GroundText {
    package static func text(_ ground: String, _ language: Language) -> String {
        switch ground {
        case "conditions_met": language.text("every condition of registration is met", "注册条件均已满足")
        case "measure_ended": language.text("the measure has ended", "措施已解除")
        case "email_unproven": language.text("no owner's mail address is proven", "所有者邮箱未经确认")
        case "domain_unproven": language.text("the organisation's domain is not proven", "企业域名未经证明")
        case "agreement_not_accepted": language.text("the service agreement is not accepted", "尚未接受服务协议")
        case "registered": language.text("registered, not complete yet", "已提交注册，尚未完成")
        case "opened_before_registration": language.text("opened by an earlier version", "由早期版本创建")
        case "registered_again": language.text("registered again before its mail address was confirmed", "在邮箱确认之前重新注册")
        case "never_confirmed": language.text("its mail address was never confirmed", "电子邮箱从未确认")
        case "closed_on_request": language.text("closed on your request", "应您的申请注销")
        default: ground
        }
    }
}
