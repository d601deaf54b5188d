import HubStorage
import WireModel

/// What a call asks of the meter before its work.
package struct ClaimRequest: Sendable {
    /// The same for every repetition of one call: made from its `Idempotency-Key` where it has one.
    package let id: MeteringRecordID
    package let account: AccountID
    package let application: ApplicationID
    package let key: APIKeyID?
    /// What is metered; for a call that only manages, the first API that permits it.
    package let api: APIName
    /// An entitlement to any of these permits the call.
    package let permissions: [APIName]
    /// At most; 0 where nothing is charged.
    package let units: Int64
    /// SHA-256 over method, path and body, where the call may be repeated.
    package let requestHash: String?
    /// Calls a minute that the key's maker allowed it.
    package let keyPerMinute: Int64?

    package init(
        id: MeteringRecordID, account: AccountID, application: ApplicationID, key: APIKeyID?, api: APIName, permissions: [APIName], units: Int64,
        requestHash: String?, keyPerMinute: Int64?
    ) {
        self.id = id
        self.account = account
        self.application = application
        self.key = key
        self.api = api
        self.permissions = permissions
        self.units = units
        self.requestHash = requestHash
        self.keyPerMinute = keyPerMinute
    }
}

/// How much of a rate limit is left, for `RateLimit` and `RateLimit-Policy`.
package struct RateStatus: Sendable, Hashable {
    package let name: String
    package let calls: Int64
    package let seconds: Int64
    package let remaining: Int64
    /// Seconds until all of it is there again.
    package let reset: Int64
}

package enum ClaimOutcome: Sendable {
    /// The work may begin; ``Hub/settle`` or ``Hub/release`` must follow.
    case granted(MeteringRecordID, [RateStatus])
    /// The same call was answered before.
    case repeated(KeptAnswer)
    case refused(MeterRefusal)
}

/// An answer kept for repetitions of its call.
package struct KeptAnswer: Sendable {
    package let status: Int
    package let mediaType: String
    package let body: [UInt8]

    package init(status: Int, mediaType: String, body: [UInt8]) {
        self.status = status
        self.mediaType = mediaType
        self.body = body
    }
}

/// Why a call is not paid for, and so not done.
package enum MeterRefusal: Error, Sendable {
    case notApplied(APIName, lastAnswer: String?)
    case approvalPending(APIName)
    case paused(APIName, byOperator: Bool)
    case trialOver(APIName)
    case limitReached(APIName, period: UsePeriod)
    case quotaExhausted(APIName, period: UsePeriod)
    case notForSale(APIName)
    case balanceExhausted(needed: Money, available: Money)
    case rateLimited(RateStatus, retryAfter: Int64)
    case mismatch
    case inProgress
    case answerGone

    package var code: ProblemCode {
        switch self {
        case .notApplied: .notApplied
        case .approvalPending: .approvalPending
        case .paused: .entitlementPaused
        case .trialOver: .trialOver
        case .limitReached, .quotaExhausted: .quotaExhausted
        case .notForSale: .notForSale
        case .balanceExhausted: .balanceExhausted
        case .rateLimited: .rateLimited
        case .mismatch: .idempotencyMismatch
        case .inProgress: .idempotencyInProgress
        case .answerGone: .idempotencyAnswerGone
        }
    }

    /// Seconds after which the same call may pass.
    package var retryAfter: Int64? {
        switch self {
        case .rateLimited(_, let seconds): seconds
        case .inProgress: 2
        default: nil
        }
    }

    package func problem(in language: Language) -> Problem {
        let (title, detail, remedy): (String, String, String) = text(language)
        return Problem(code, title, detail: detail, remedy: remedy, link: link)
    }

    private var link: String? {
        switch self {
        case .notApplied(let api, _), .approvalPending(let api), .trialOver(let api), .notForSale(let api): "/docs/\(api)"
        case .paused, .limitReached: "/v1/account/entitlements"
        case .quotaExhausted: "/v1/account/quotas"
        case .balanceExhausted: "/v1/account/balance"
        default: nil
        }
    }

    private func text(_ language: Language) -> (String, String, String) {
        func say(_ title: (String, String), _ detail: String, _ remedy: (String, String)) -> (String, String, String) {
            (language.text(title.0, title.1), detail, language.text(remedy.0, remedy.1))
        }
        switch self {
        case .notApplied(let api, let answer):
            return say(
                ("This application has not applied for that API.", "此应用尚未申请该接口。"), answer.map { "\(api): \($0)" } ?? api.rawValue,
                ("Apply for it in the user centre: POST /v1/account/applications/{application}/entitlements.", "请在用户中心为此应用申请该接口。"))
        case .approvalPending(let api):
            return say(
                ("The application for that API waits for the operator.", "该接口的申请正在等待平台审批。"), api.rawValue,
                ("You are told by mail as soon as it is decided.", "审批完成后将以邮件通知。"))
        case .paused(let api, let byOperator):
            return say(
                ("This application's use of that API is paused.", "此应用对该接口的使用已暂停。"), api.rawValue,
                byOperator
                    ? ("The operator paused it: read the notice in the user centre.", "由平台暂停，详见用户中心的通知。")
                    : ("Resume it in the user centre.", "请在用户中心恢复使用。"))
        case .trialOver(let api):
            return say(
                ("The trial of that API is over.", "该接口的试用已结束。"), api.rawValue, ("Apply for regular use in the user centre.", "请在用户中心申请正式使用。"))
        case .limitReached(let api, let period):
            return say(
                ("This application has used what it may of that API.", "此应用对该接口的用量已达上限。"), "\(api), \(period.rawValue)",
                ("Raise the entitlement's limit in the user centre, or wait for the next period.", "请在用户中心提高用量上限，或等待下一周期。"))
        case .quotaExhausted(let api, let period):
            return say(
                ("The account has used its quota of that API.", "账户对该接口的配额已用尽。"), "\(api), \(period.rawValue)",
                ("Ask the operator for a larger quota, or wait for the next period.", "请联系平台提高配额，或等待下一周期。"))
        case .notForSale(let api):
            return say(("That API has no price for this account yet.", "该接口尚未对此账户定价。"), api.rawValue, ("Ask the operator.", "请联系平台。"))
        case .balanceExhausted(let needed, let available):
            return say(
                ("The balance does not cover this call.", "余额不足以支付此调用。"), "\(needed.text) needed, \(available.text) available",
                ("Top the account up, buy a pack, or ask the operator for credit.", "请充值、购买资源包，或向平台申请信用额度。"))
        case .rateLimited(let status, let seconds):
            return say(
                ("Too many calls in a short time.", "调用过于频繁。"), "\(status.name): \(status.calls) in \(status.seconds) s; free again in \(seconds) s",
                ("Wait as long as Retry-After says; more frequency can be bought in the user centre.", "请按 Retry-After 等待；可在用户中心购买更高频率。"))
        case .mismatch:
            return say(
                ("That Idempotency-Key belongs to another request.", "该 Idempotency-Key 已用于另一请求。"), "",
                ("Use a new key for a new request; repeat the old one unchanged.", "新请求请使用新的键；重复请求须保持不变。"))
        case .inProgress:
            return say(
                ("The same call is under way.", "相同的调用正在进行。"), "", ("Wait a moment, then send it again with the same key.", "请稍候，并以相同的键重试。"))
        case .answerGone:
            return say(
                ("That call was answered and charged; its answer is no longer kept.", "该调用已应答并计费，其结果不再保留。"), "",
                ("Use a new Idempotency-Key to call again.", "如需再次调用，请使用新的 Idempotency-Key。"))
        }
    }
}

extension MeterRefusal: ProblemConvertible {
    package var problem: Problem { problem(in: .en) }
}
