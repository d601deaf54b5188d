import WireModel

/// Why a call or a lease does not pass: each with its own code, a sentence in the caller's language, and the next step.
package enum GateRefusal: Error, Sendable {
    case keyMissing
    case keyMalformed
    case keyUnknown
    /// Without its ground: whoever sends it may be who found or stole it.
    case keyFrozen
    case keyExpired(Timestamp)
    case keyRefusesAPI(APIName)
    case keyRefusesAddress(String)
    case keyRefusesApplication
    case emailUnverified
    case domainUnproven(String)
    case agreementNeverAccepted
    case lapsed(ground: String)
    case suspended(ground: String)
    case ended
    case apiPaused(APIName, ground: String)
    case throttled(perMinute: Int64, retryAfter: Int64)
    case agreement(document: String, number: Int64)
    case declined(document: String, number: Int64)

    package var code: ProblemCode {
        switch self {
        case .keyMissing: .keyMissing
        case .keyMalformed: .keyMalformed
        case .keyUnknown: .keyUnknown
        case .keyFrozen: .keyFrozen
        case .keyExpired: .keyExpired
        case .keyRefusesAPI: .keyRefusesAPI
        case .keyRefusesAddress: .keyRefusesAddress
        case .keyRefusesApplication: .keyRefusesApplication
        case .emailUnverified: .emailUnverified
        case .domainUnproven: .domainUnproven
        case .agreementNeverAccepted: .agreementRequired
        case .lapsed: .accountLapsed
        case .suspended: .accountSuspended
        case .ended: .accountEnded
        case .apiPaused: .apiPaused
        case .throttled: .throttled
        case .agreement(let document, _):
            document == "general" ? .agreementRequired : document == "face-data" ? .faceDataAgreementRequired : .apiTermsRequired
        case .declined: .agreementDeclined
        }
    }

    package func problem(in language: Language) -> Problem {
        let (title, detail, remedy): (String, String, String) = text(in: language)
        return Problem(code, title, detail: detail, remedy: remedy, link: link)
    }

    private var link: String? {
        switch self {
        case .agreement(let document, let number), .declined(let document, let number): "/v1/agreements/\(document)/versions/\(number)"
        case .agreementNeverAccepted: "/v1/agreements/general"
        case .domainUnproven: "/v1/account/domain"
        case .lapsed, .suspended, .ended, .apiPaused, .throttled: "/v1/account/standing"
        default: nil
        }
    }

    private func text(in language: Language) -> (String, String, String) {
        func say(_ title: (String, String), _ detail: String = "", _ remedy: (String, String)) -> (String, String, String) {
            (language.text(title.0, title.1), detail, language.text(remedy.0, remedy.1))
        }
        switch self {
        case .keyMissing:
            return say(
                ("This call needs an API key.", "此调用需要 API 密钥。"), "",
                ("Send it as “Authorization: Bearer vlt_…”; keys are made in the user centre.", "请以 “Authorization: Bearer vlt_…” 发送；密钥可在用户中心创建。"))
        case .keyMalformed:
            return say(
                ("That is not a whole API key: its checksum does not fit.", "API 密钥不完整：校验码不符。"), "",
                ("Copy the key again, from vlt_ to its last character.", "请重新复制密钥，自 vlt_ 至最后一个字符。"))
        case .keyUnknown:
            return say(
                ("No such API key exists on this hub.", "本平台没有此 API 密钥。"), "",
                ("Check that the key was made here, or make a new one.", "请确认密钥由本平台创建，或创建新的密钥。"))
        case .keyFrozen:
            return say(
                ("This API key is frozen.", "此 API 密钥已冻结。"), "",
                ("Its account sees why in the user centre, and makes a new one there.", "其账户可在用户中心查看原因，并创建新的密钥。"))
        case .keyExpired(let time):
            return say(
                ("This API key has expired.", "此 API 密钥已过期。"), "\(time)", ("Use the key that replaced it, or make a new one.", "请使用替换它的密钥，或创建新的密钥。"))
        case .keyRefusesAPI(let api):
            return say(
                ("This API key may not call that API.", "此 API 密钥无权调用该接口。"), api.rawValue,
                ("Use a key whose scope names the API.", "请使用授权范围包含该接口的密钥。"))
        case .keyRefusesAddress(let address):
            return say(
                ("This API key may not be used from that address.", "此 API 密钥不得从该地址使用。"), address,
                ("Call from an address of the key's list, or use another key.", "请从密钥允许的地址调用，或使用其他密钥。"))
        case .keyRefusesApplication:
            return say(
                ("This API key belongs to another application.", "此 API 密钥属于另一个应用。"), "", ("Use a key of this application.", "请使用该应用的密钥。"))
        case .emailUnverified:
            return say(
                ("The account's mail address is not confirmed.", "账户的电子邮箱尚未确认。"), "",
                ("Open the link in the confirmation mail, or ask for a new one.", "请打开确认邮件中的链接，或重新发送确认邮件。"))
        case .domainUnproven(let domain):
            return say(
                ("The enterprise's domain is not proven.", "企业域名尚未证明。"), domain,
                ("Publish the record shown in the user centre and have it checked.", "请按用户中心的提示发布记录并进行检查。"))
        case .agreementNeverAccepted:
            return say(
                ("The account has not accepted the service agreement.", "账户尚未接受服务协议。"), "",
                ("Read and accept it in the user centre.", "请在用户中心阅读并接受。"))
        case .lapsed(let ground):
            return say(
                ("The account has lost its standing.", "账户资格已失效。"), GroundText.text(ground, language),
                ("Put right what is named; calls pass again at once.", "请改正所列事项，随后即可恢复调用。"))
        case .suspended(let ground):
            return say(
                ("The account is suspended.", "账户已被暂停。"), ground,
                ("Read the measure at the link, and answer it to the operator.", "请按链接查看该措施，并向平台答复。"))
        case .ended:
            return say(
                ("The account has ended.", "账户已终止。"), "",
                (
                    "Its people can still sign in and export. To use the service again, write to the operator or register with another mailbox.",
                    "账户成员仍可登录并导出数据。如需再次使用，请联系平台或使用其他邮箱注册。"
                ))
        case .apiPaused(let api, let ground):
            return say(
                ("This API is paused for the account.", "该接口已对此账户停用。"), "\(api): \(ground)",
                ("Read the measure in the user centre; other APIs are not touched.", "请在用户中心查看该措施；其他接口不受影响。"))
        case .throttled(let perMinute, let retryAfter):
            return say(
                ("The account's calls are limited by a measure.", "账户的调用受措施限速。"),
                language.text("at most \(perMinute) a minute; free again in \(retryAfter) s", "每分钟最多 \(perMinute) 次；\(retryAfter) 秒后可再次调用"),
                ("Wait, then call again; read the measure in the user centre.", "请稍候再调用；措施详情见用户中心。"))
        case .agreement(let document, let number):
            return say(
                ("An agreement in force has not been accepted.", "尚未接受现行协议。"),
                language.text("\(document), version \(number)", "\(document) 第 \(number) 版"),
                ("Read it at the link and accept it in the user centre.", "请按链接阅读，并在用户中心接受。"))
        case .declined(let document, let number):
            return say(
                ("The account has declined an agreement in force.", "账户已拒绝现行协议。"),
                language.text("\(document), version \(number)", "\(document) 第 \(number) 版"),
                ("Accept it to go on, or export your data and close the account.", "如需继续使用请接受；否则可导出数据并注销账户。"))
        }
    }
}

extension GateRefusal: ProblemConvertible {
    /// In English; where the caller's language is known, ``problem(in:)`` is asked.
    package var problem: Problem { problem(in: .en) }
}
