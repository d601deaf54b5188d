import HubStorage
import WireModel

/// The span in which an allowance counts.
package enum UsePeriod: String, Sendable, Codable, CaseIterable {
    case total, month, day

    /// When the present span began, UTC; 0 for all time.
    func begin(at now: Timestamp) -> Int64 {
        switch self {
        case .total: 0
        case .month: CalendarMonth(now).begin.milliseconds
        case .day: now.milliseconds / 86_400_000 * 86_400_000
        }
    }
}

/// What holds of an API beside its price: interface, frequency, allowance, trial, approval. Never changed: a new version takes its place.
package struct OfferTerms: Sendable, Codable, Hashable {
    package struct Frequency: Sendable, Codable, Hashable {
        package let calls: Int64
        package let seconds: Int64

        package init(calls: Int64, seconds: Int64) {
            self.calls = calls
            self.seconds = seconds
        }
    }

    package struct Allowance: Sendable, Codable, Hashable {
        package let units: Int64
        package let period: UsePeriod

        package init(units: Int64, period: UsePeriod) {
            self.units = units
            self.period = period
        }
    }

    package struct Trial: Sendable, Codable, Hashable {
        package let units: Int64
        package let days: Int64
        /// Otherwise trial use is charged like any other.
        package let isFree: Bool

        package init(units: Int64, days: Int64, isFree: Bool) {
            self.units = units
            self.days = days
            self.isFree = isFree
        }
    }

    package let interfaceVersion: Int64
    /// Of one application.
    package let frequency: Frequency
    /// Permitted uses of an account, unless the operator sets others; `nil`: as many as are paid for.
    package let allowance: Allowance?
    package let trial: Trial?
    package let needsApproval: Bool
    /// Whether applications are taken.
    package let isOpen: Bool

    package init(
        interfaceVersion: Int64 = 1, frequency: Frequency = Frequency(calls: 600, seconds: 60), allowance: Allowance? = nil, trial: Trial? = nil,
        needsApproval: Bool = false, isOpen: Bool = true
    ) {
        self.interfaceVersion = interfaceVersion
        self.frequency = frequency
        self.allowance = allowance
        self.trial = trial
        self.needsApproval = needsApproval
        self.isOpen = isOpen
    }

    func check() throws(Problem) {
        guard (1...1_000).contains(interfaceVersion), (1...1_000_000).contains(frequency.calls), (1...86_400).contains(frequency.seconds),
            allowance.map({ (0...1_000_000_000_000).contains($0.units) }) ?? true,
            trial.map({ (1...1_000_000).contains($0.units) && (1...366).contains($0.days) }) ?? true
        else {
            throw Problem(
                .invalidRequest, "Those are not terms of an API.",
                remedy: "Frequency: 1 to 1,000,000 calls in 1 to 86,400 seconds. Trial: 1 to 1,000,000 units in 1 to 366 days. Allowance: 0 or more units.")
        }
    }

    /// Whether it takes something from who has `other`: then it needs notice.
    func takesFrom(_ other: OfferTerms) -> Bool {
        frequency.calls * other.frequency.seconds < other.frequency.calls * frequency.seconds || frequency.calls < other.frequency.calls
            || interfaceVersion != other.interfaceVersion || (other.trial?.isFree == true && trial?.isFree == false)
            || (allowance.map { mine in other.allowance.map { mine.units < $0.units || mine.period != $0.period } ?? true } ?? false)
    }
}

package struct Offer: Sendable, Codable {
    package let api: APIName
    /// 0: nothing was offered yet; these are the terms that hold without.
    package let version: Int64
    package let notice: Timestamp
    package let effective: Timestamp
    package let terms: OfferTerms

    init(_ row: SQLRow) throws {
        guard let api = APIName(rawValue: try row.text("api")) else { throw HubStorageError.damaged }
        self.api = api
        version = try row.integer("version")
        notice = try row.time("notice_ms")
        effective = try row.time("effective_ms")
        terms = try JSON.value(OfferTerms.self, from: try row.text("terms"))
    }

    init(standardOf api: APIName) {
        self.api = api
        version = 0
        notice = Timestamp(milliseconds: 0)
        effective = Timestamp(milliseconds: 0)
        terms = OfferTerms()
    }
}

extension Hub {
    static func offer(_ connection: any SQLConnection, _ api: APIName, at time: Timestamp) throws -> Offer {
        // A variant has the terms of what it is a variant of, unless it has its own.
        for name in Set([api, api.base ?? api]).sorted(by: >) {
            let row: SQLRow? = try connection.firstRow(
                "SELECT * FROM offer WHERE api = ? AND effective_ms <= ? ORDER BY version DESC LIMIT 1", [.text(name.rawValue), .integer(time.milliseconds)])
            if let row { return try Offer(row) }
        }
        return Offer(standardOf: api)
    }

    /// - Parameter effective: `nil` means now, which terms that take something away cannot have: those need notice.
    package func setOffer(_ api: APIName, terms: OfferTerms, effective: Timestamp?, by actor: Actor) async throws -> Offer {
        try terms.check()
        return try await act(actor) { connection, trail, now in
            try Self.checkSold(connection, api)
            let effective: Timestamp = effective ?? now
            let last: SQLRow? = try connection.firstRow("SELECT * FROM offer WHERE api = ? ORDER BY version DESC LIMIT 1", [.text(api.rawValue)])
            guard effective >= now, try last.map({ try $0.integer("effective_ms") < effective.milliseconds }) ?? true else {
                throw Problem(
                    .invalidRequest, "Terms take effect now or later, and after those before them.", detail: "\(effective)", remedy: "Name a later time.")
            }
            let before: Offer? = try last.map(Offer.init)
            let isUsed: Bool = try Self.isUsed(connection, api)
            // Without terms of its own an API has the standard's, which may be in use.
            let current: OfferTerms = try before?.terms ?? Self.offer(connection, api, at: now).terms
            if isUsed || before != nil, terms.takesFrom(current) { try Self.checkNotice(connection, effective, now: now) }
            let row: SQLRow = try connection.rows(
                """
                INSERT INTO offer (id, api, version, terms, notice_ms, effective_ms, announced_ms) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *
                """,
                [
                    .text(OfferID(at: now).rawValue), .text(api.rawValue), .integer((before?.version ?? 0) + 1), .text(try JSON.text(terms)),
                    .integer(now.milliseconds), .integer(effective.milliseconds), isUsed || before != nil ? .null : .integer(now.milliseconds),
                ])[0]
            let offer = try Offer(row)
            try trail.record(.offerSet, subject: "\(api)/\(offer.version)", ["effective": effective.description])
            return offer
        }
    }

    /// Whoever uses an API learns in time of what is to their disadvantage (S9).
    static func checkNotice(_ connection: any SQLConnection, _ effective: Timestamp, now: Timestamp) throws {
        let notice: Duration = try Settings(connection).days(.changeNoticeDays)
        guard effective < now.advanced(by: notice) else { return }
        throw Problem(
            .invalidRequest, "That change is to users' disadvantage, and they are not told in time.", detail: "\(effective)",
            remedy: "Name an effective time at least \(notice.components.seconds / 86_400) days ahead (setting change-notice-days).")
    }

    /// - Throws: `invalidRequest` for an API that is neither of the catalogue nor a variant of one.
    static func checkSold(_ connection: any SQLConnection, _ api: APIName) throws {
        guard api.base != nil else {
            throw Problem(
                .invalidRequest, "This version meters no such API.", detail: api.rawValue,
                remedy: "Choose one of: \(APIName.all.map(\.rawValue).joined(separator: ", ")).")
        }
    }
}
