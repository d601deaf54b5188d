import HubStorage
import WireModel

extension MeterBatch {
    /// How long a call may work before its claim counts as abandoned: longer than any work, shorter than patience.
    static let claimTerm: Duration = .seconds(600)

    /// Reserves what a call may use, before its work.
    func claim(_ request: ClaimRequest) throws -> ClaimOutcome {
        if request.requestHash != nil, let record = try record(request.id.rawValue) {
            if let outcome = try repeated(record, request) { return outcome }
        }
        var entitled: EntitlementRow?
        for api in request.permissions {
            guard let found = try entitlement(request.application, api) else { continue }
            if entitled == nil || (found.state == .active || found.state == .trial) { entitled = found }
        }
        guard let entitlement = entitled else {
            return .refused(.notApplied(request.api, lastAnswer: try lastAnswer(request)))
        }
        let rates: [RateStatus]
        do { rates = try rate(request) } catch let refusal as MeterRefusal { return .refused(refusal) }
        if let refusal = refusal(entitlement, request) { return .refused(refusal) }
        let isTrial: Bool = entitlement.state == .trial
        if !isTrial, request.units > 0, let quota = try quota(request.account, request.api), quota.free < request.units {
            return .refused(.quotaExhausted(request.api, period: quota.period))
        }
        let isFree: Bool = try request.units == 0 || (isTrial && offer(request.api).terms.trial?.isFree ?? true)
        var price: Price?
        if !isFree {
            guard let current = try currentPrice(request.account, request.api) else { return .refused(.notForSale(request.api)) }
            price = current
            let more: Int64 = try missing(current, request.account, request.api, units: request.units)
            let balance: Balance = try books.balance(request.account, current.unitPrice.currency)
            guard more == 0 || more <= balance.available else { return .refused(balance.refusal(needed: more, available: balance.available)) }
        }
        try begin(MeteringRecord(request, entitlement: entitlement.id, price: price, isTrial: isTrial, now: now))
        return .granted(request.id, rates)
    }

    /// - Returns: `nil` when the call may be done (again).
    private func repeated(_ record: MeteringRecord, _ request: ClaimRequest) throws -> ClaimOutcome? {
        guard record.account == request.account, record.requestHash == request.requestHash else { return .refused(.mismatch) }
        switch record.state {
        case .settled:
            // Settled in this very batch, or before it.
            let ours: KeptAnswer? = keptAnswers.last { $0.record == record.id }?.answer
            guard let answer = try ours ?? KeptAnswer.load(connection, record: record.id, now: now) else { return .refused(.answerGone) }
            return .repeated(answer)
        case .claimed:
            guard now.since(record.used) >= Self.claimTerm else { return .refused(.inProgress) }
            try release(record.id, fault: .interrupted)
            return nil
        case .released: return nil
        }
    }

    private func lastAnswer(_ request: ClaimRequest) throws -> String? {
        try connection.firstRow(
            "SELECT answer FROM entitlement WHERE application_id = ? AND api = ? AND answer IS NOT NULL ORDER BY id DESC LIMIT 1",
            [.text(request.application.rawValue), .text(request.api.rawValue)])?.text("answer")
    }

    private func refusal(_ entitlement: EntitlementRow, _ request: ClaimRequest) -> MeterRefusal? {
        let isLimitPassed: Bool = entitlement.units.map { entitlement.used + entitlement.claimed + request.units > $0 } ?? false
        switch entitlement.state {
        case .applied: return .approvalPending(request.api)
        case .paused: return .paused(request.api, byOperator: entitlement.pausedByOperator)
        case .trial:
            let isOver: Bool = (entitlement.trialEnds.map { $0 <= now } ?? false) || (request.units > 0 && isLimitPassed)
            return isOver ? .trialOver(request.api) : nil
        case .active: return isLimitPassed && request.units > 0 ? .limitReached(request.api, period: entitlement.period) : nil
        case .refused, .ended: return .notApplied(request.api, lastAnswer: nil)
        }
    }

    private func begin(_ record: MeteringRecord) throws {
        let isKnown: Bool = try record.requestHash != nil && self.record(record.id) != nil
        set(record, isNew: !isKnown)
        if let key = record.countKey, record.units > 0 {
            try change(countOf: key) { $0.claimed += record.units }
            try hold(key, record.api)
        }
        if let entitlement = record.entitlement, record.units > 0 { try change(entitlement: entitlement) { $0.claimed += record.units } }
        if !record.isTrial, record.units > 0 { try change(quotaOf: record.account, record.api) { $0.claimed += record.units } }
    }

    /// After the work: charges what was used, at most what was claimed, and gives back the rest.
    /// - Returns: `nil` when there is no such claim any more: it was abandoned, or settled by a repetition.
    @discardableResult
    func settle(_ id: String, units: Int64) throws -> MeteringRecord? {
        guard var record = try record(id), record.state == .claimed else { return nil }
        let used: Int64 = min(units, record.units)
        try giveBack(record)
        record.units = used
        record.state = .settled
        record.booked = now
        try charge(&record)
        if let key = record.countKey { try hold(key, record.api) }
        set(record)
        if let entitlement = record.entitlement, used > 0 { try change(entitlement: entitlement) { $0.used += used } }
        if !record.isTrial, used > 0 { try change(quotaOf: record.account, record.api) { $0.settled += used } }
        return record
    }

    /// The work failed: nothing is charged.
    func release(_ id: String, fault: ProblemCode?) throws {
        guard var record = try record(id), record.state == .claimed else { return }
        try giveBack(record)
        if let key = record.countKey { try hold(key, record.api) }
        record.units = 0
        record.state = .released
        record.fault = fault
        set(record)
    }

    /// A use that a device reports: it has happened, so it is booked whatever the balance.
    func book(_ record: MeteringRecord) throws {
        var record: MeteringRecord = record
        record.state = .settled
        try charge(&record)
        if let key = record.countKey { holdAtFlush[key] = record.api }
        set(record, isNew: true)
        if !record.isOverdraft { try change(quotaOf: record.account, record.api) { $0.settled += record.units } }
    }

    private func giveBack(_ record: MeteringRecord) throws {
        if let key = record.countKey { try change(countOf: key) { $0.claimed = max(0, $0.claimed - record.units) } }
        if let entitlement = record.entitlement { try change(entitlement: entitlement) { $0.claimed = max(0, $0.claimed - record.units) } }
        if !record.isTrial { try change(quotaOf: record.account, record.api) { $0.claimed = max(0, $0.claimed - record.units) } }
    }

    /// Packs first, those that end first before others; the rest by the tariff in force at the time of use.
    private func charge(_ record: inout MeteringRecord) throws {
        guard let id = record.price, let key = record.countKey, record.units > 0 else { return }
        // A pack that was bought during the call pays for it: it may be what the call was no longer held money for.
        let begun: Timestamp = record.device == nil ? now : record.used
        var rows: [PackRow] = try packs(record.account, record.api)
        var rest: Int64 = record.units
        for index in rows.indices where rest > 0 && rows[index].begins <= begun && record.used < rows[index].ends {
            let taken: Int64 = min(rest, rows[index].units - rows[index].used)
            rows[index].used += taken
            rows[index].isChanged = true
            rest -= taken
        }
        record.packUnits = record.units - rest
        if record.packUnits > 0 { set(packs: rows, record.account, record.api) }
        guard rest > 0 else { return }
        let tariff: Tariff = try price(id).tariff
        let before: Int64 = try count(key).units
        try change(countOf: key) { $0.units += rest }
        record.amount = tariff.cost(before + rest) - tariff.cost(before)
        record.transaction = try books.charge(record.amount, record.account, record.currency, for: record.api)
    }

    // MARK: Frequency

    /// Counts a call against the application's frequency and the key's (GCRA, ITU-T I.371 annex A, in microseconds).
    /// - Throws: `MeterRefusal.rateLimited`; then nothing is counted.
    private func rate(_ request: ClaimRequest) throws -> [RateStatus] {
        let frequency: OfferTerms.Frequency = try offer(request.api).terms.frequency
        let calls: Int64 = frequency.calls + (try boost(request.account, request.api))
        var limits: [(name: String, shown: String, calls: Int64, seconds: Int64)] = [
            ("app:\(request.application):\(request.api)", request.api.rawValue, calls, frequency.seconds)
        ]
        if let key = request.key, let perMinute = request.keyPerMinute { limits.append(("key:\(key)", "key", perMinute, 60)) }
        let clock: Int64 = now.milliseconds * 1_000
        var admitted: [(name: String, full: Int64)] = []
        var states: [RateStatus] = []
        for limit in limits {
            let span: Int64 = limit.seconds * 1_000_000
            let step: Int64 = max(1, span / limit.calls)
            let full: Int64 = max(try bucket(limit.name), clock) + step
            let isAdmitted: Bool = full - clock <= span
            let wait: Int64 = isAdmitted ? full - clock : full - step - clock
            let status = RateStatus(
                name: limit.shown, calls: limit.calls, seconds: limit.seconds, remaining: max(0, (span - wait) / step), reset: (wait + 999_999) / 1_000_000)
            guard isAdmitted else {
                throw MeterRefusal.rateLimited(status, retryAfter: max(1, (full - clock - span + 999_999) / 1_000_000))
            }
            admitted.append((limit.name, full))
            states.append(status)
        }
        for bucket in admitted { set(bucket: bucket.name, bucket.full) }
        return states
    }
}
