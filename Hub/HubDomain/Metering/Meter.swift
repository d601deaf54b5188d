import HubAccess
import HubStorage
import ServiceSupport
import WireModel

/// Gathers what calls ask of the meter at the same time into one transaction: under load a commit serves many calls, at rest
/// one. Whoever comes while none is under way leads: writes for all who wait, then hands the lead on.
package actor Meter {
    enum Order: Sendable {
        case claim(ClaimRequest)
        case settle(Settlement)
        case release(MeteringRecordID, ProblemCode?)
    }

    enum Result: Sendable {
        case claimed(ClaimOutcome)
        /// Whether the claim was still there.
        case done(Bool)
    }

    private struct Waiting {
        let order: Order
        let continuation: CheckedContinuation<Turn, Never>
    }

    private enum Turn: Sendable {
        case done(Swift.Result<Result, any Error>)
        case lead
    }

    /// Orders of one transaction, at most: what a commit can take in without keeping the last one waiting long.
    private static let most: Int = 256

    private let database: any HubDatabase
    private let clock: any TimeSource
    private var waiting: [Waiting] = []
    private var isLed: Bool = false

    init(database: any HubDatabase, clock: any TimeSource) {
        self.database = database
        self.clock = clock
    }

    func submit(_ order: Order) async throws -> Result {
        if isLed {
            let turn: Turn = await withCheckedContinuation { waiting.append(Waiting(order: order, continuation: $0)) }
            if case .done(let result) = turn { return try result.get() }
        }
        isLed = true
        let others: [Waiting] = Array(waiting.prefix(Self.most - 1))
        waiting.removeFirst(others.count)
        let results: [Swift.Result<Result, any Error>] = await write([order] + others.map(\.order))
        for (other, result) in zip(others, results.dropFirst()) { other.continuation.resume(returning: .done(result)) }
        if waiting.isEmpty {
            isLed = false
        } else {
            // Who has waited longest goes on with the lead, and its own order first.
            waiting.removeFirst().continuation.resume(returning: .lead)
        }
        return try results[0].get()
    }

    /// One transaction for all; when that fails by something in one of them, one for each, so that nobody fails by another's fault.
    private func write(_ orders: [Order]) async -> [Swift.Result<Result, any Error>] {
        switch await transact(orders) {
        case .success(let results): return results.map { .success($0) }
        case .failure(let error):
            guard orders.count > 1, !Self.isOfAll(error) else { return orders.map { _ in .failure(error) } }
            var results: [Swift.Result<Result, any Error>] = []
            for order in orders { results.append(await transact([order]).map { $0[0] }) }
            return results
        }
    }

    /// Whether the database is at fault, and each order by itself would fail as well.
    private static func isOfAll(_ error: any Error) -> Bool {
        switch error as? HubStorageError {
        case .busy?, .full?, .unavailable?, .damaged?: true
        default: false
        }
    }

    /// In a task of its own: a caller who goes away must not take along what others ask for.
    private func transact(_ orders: [Order]) async -> Swift.Result<[Result], any Error> {
        let (database, now): (any HubDatabase, Timestamp) = (database, clock.now().wall)
        return await Task {
            try await database.write { connection in
                let batch = MeterBatch(connection: connection, now: now)
                let results: [Result] = try orders.map { try batch.take($0) }
                try batch.flush()
                return results
            }
        }.result
    }
}

extension MeterBatch {
    fileprivate func take(_ order: Meter.Order) throws -> Meter.Result {
        switch order {
        case .claim(let request): return .claimed(try claim(request))
        case .release(let id, let fault):
            try release(id.rawValue, fault: fault)
            return .done(true)
        case .settle(let settlement):
            guard let record = try settle(settlement.id.rawValue, units: settlement.units) else { return .done(false) }
            if let answer = settlement.sealedAnswer { keptAnswers.append((record.id, answer)) }
            try settlement.besides?(connection, record, now)
            return .done(true)
        }
    }
}

/// What is written when a call's work is done.
struct Settlement: Sendable {
    let id: MeteringRecordID
    let units: Int64
    /// For repetitions of the call.
    let sealedAnswer: KeptAnswer?
    /// What must exist exactly if the charge does: a delivery of the result, say.
    let besides: (@Sendable (any SQLConnection, MeteringRecord, Timestamp) throws -> Void)?
}

extension Hub {
    private static func context(_ id: MeteringRecordID) -> String { "answer:\(id)" }

    /// Reserves what a call may use; durable when this returns.
    package func claim(_ request: ClaimRequest) async throws -> ClaimOutcome {
        guard case .claimed(let outcome) = try await meter.submit(.claim(request)) else { throw HubStorageError.damaged }
        guard case .repeated(let kept) = outcome else { return outcome }
        let body: [UInt8] = try sealer.open(kept.body, context: Self.context(request.id))
        return .repeated(KeptAnswer(status: kept.status, mediaType: kept.mediaType, body: body))
    }

    /// Charges what a call used and keeps its answer for repetitions.
    /// - Parameters:
    ///   - answer: kept when the call may be repeated; `nil` otherwise.
    ///   - besides: written in the same transaction.
    /// - Returns: whether the claim was still there; a claim of ten minutes ago counts as abandoned, and is not charged.
    @discardableResult
    package func settle(
        _ id: MeteringRecordID, units: Int64, answer: KeptAnswer?,
        besides: (@Sendable (any SQLConnection, MeteringRecord, Timestamp) throws -> Void)? = nil
    ) async throws -> Bool {
        let sealed: KeptAnswer? = try answer.map {
            KeptAnswer(status: $0.status, mediaType: $0.mediaType, body: try sealer.seal($0.body, context: Self.context(id)))
        }
        guard case .done(let isThere) = try await meter.submit(.settle(Settlement(id: id, units: units, sealedAnswer: sealed, besides: besides)))
        else { throw HubStorageError.damaged }
        return isThere
    }

    /// The call failed: nothing is charged.
    package func release(_ id: MeteringRecordID, fault: ProblemCode?) async throws { _ = try await meter.submit(.release(id, fault)) }

    /// Releases claims whose call never came to an end: a hub that was killed, mostly. Nothing is charged for them.
    /// - Returns: how many.
    @discardableResult
    package func releaseAbandonedClaims() async throws -> Int {
        let now: Timestamp = now()
        let before: SQLValue = .integer(now.advanced(by: .zero - MeterBatch.claimTerm).milliseconds)
        let ids: [MeteringRecordID] = try await database.read {
            try $0.rows("SELECT id FROM metering_record WHERE state = 'claimed' AND used_ms <= ? ORDER BY used_ms LIMIT 500", [before]).compactMap {
                MeteringRecordID(rawValue: try $0.text("id"))
            }
        }
        for id in ids { try await release(id, fault: .interrupted) }
        return ids.count
    }
}
