import WireModel

extension GateRefusal {
    /// One refusal of each kind that a call of an API can meet, in the order in which the gate asks. For pages that explain them: titles and next
    /// steps are the real ones, the particulars stand for any.
    package static func kinds(of api: APIName) -> [GateRefusal] { Array(sequence(first: .keyMissing) { $0.following(api) }) }

    /// Exhaustive, so that a new kind of refusal does not compile until it has its place.
    private func following(_ api: APIName) -> GateRefusal? {
        switch self {
        case .keyMissing: .keyMalformed
        case .keyMalformed: .keyUnknown
        case .keyUnknown: .keyFrozen
        case .keyFrozen: .keyExpired(Timestamp(milliseconds: 0))
        case .keyExpired: .keyRefusesAPI(api)
        case .keyRefusesAPI: .keyRefusesAddress("")
        case .keyRefusesAddress: .keyRefusesApplication
        case .keyRefusesApplication: .suspended(ground: "")
        case .suspended: .ended
        case .ended: .lapsed(ground: "")
        case .lapsed: .emailUnverified
        case .emailUnverified: .agreementNeverAccepted
        case .agreementNeverAccepted: .domainUnproven("")
        case .domainUnproven: .apiPaused(api, ground: "")
        case .apiPaused: .agreement(document: "general", number: 1)
        case .agreement("general", _): .agreement(document: "face-data", number: 1)
        case .agreement("face-data", _): .agreement(document: "api:\(api)", number: 1)
        case .agreement: .declined(document: "general", number: 1)
        case .declined: .throttled(perMinute: 1, retryAfter: 1)
        case .throttled: nil
        }
    }
}

extension MeterRefusal {
    /// One refusal of each kind that a call of an API can meet, as ``GateRefusal/kinds(of:)``.
    package static func kinds(of api: APIName) -> [MeterRefusal] { Array(sequence(first: .notApplied(api, lastAnswer: nil)) { $0.following(api) }) }

    private func following(_ api: APIName) -> MeterRefusal? {
        switch self {
        case .notApplied: .approvalPending(api)
        case .approvalPending: .paused(api, byOperator: false)
        case .paused: .trialOver(api)
        case .trialOver: .limitReached(api, period: .month)
        case .limitReached: .quotaExhausted(api, period: .month)
        case .quotaExhausted: .notForSale(api)
        case .notForSale: .balanceExhausted(needed: Money(millionths: 0, currency: ""), available: Money(millionths: 0, currency: ""))
        case .balanceExhausted: .rateLimited(RateStatus(name: "", calls: 0, seconds: 0, remaining: 0, reset: 0), retryAfter: 0)
        case .rateLimited: .mismatch
        case .mismatch: .inProgress
        case .inProgress: .answerGone
        case .answerGone: nil
        }
    }
}
