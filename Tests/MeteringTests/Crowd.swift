import HubDomain
import HubStorage
import ServiceSupport
import Synchronization
import WireModel

/// What came of many calls at once.
struct CrowdResult: Sendable {
    var granted: Int = 0
    var settled: Int = 0
    var repeated: Int = 0
    var refused: [ProblemCode: Int] = [:]
}

extension MeteredHubs {
    /// What a call's work comes to.
    enum Work: Sendable {
        /// Units of those claimed.
        case done(Int64)
        case failed
    }

    /// So many calls, all begun at once, spread over the hubs: each claims, works and settles or releases.
    /// - Parameters:
    ///   - units: that each claims.
    ///   - key: of a call's repetitions; `nil` for one that is not repeated.
    ///   - work: of the call with this number; `nil` never comes to an end.
    func crowd(
        _ calls: Int, units: Int64 = 1, key: @escaping @Sendable (Int) -> Int? = { _ in nil }, work: @escaping @Sendable (Int) -> Work? = { _ in .done(1) }
    ) async throws -> CrowdResult {
        try await withThrowingTaskGroup(of: CrowdResult.self) { group in
            for number in 0..<calls {
                group.addTask { [self] in
                    let hub: Hub = hubs[number % hubs.count]
                    var result = CrowdResult()
                    switch try await hub.claim(claim(units: units, key: key(number))) {
                    case .refused(let refusal): result.refused[refusal.code] = 1
                    case .repeated: result.repeated = 1
                    case .granted(let id, _):
                        result.granted = 1
                        switch work(number) {
                        case nil: break
                        case .failed: try await hub.release(id, fault: .notFound)
                        case .done(let used):
                            let answer = KeptAnswer(status: 200, mediaType: "application/json", body: [0x7B, 0x7D])
                            if try await hub.settle(id, units: used, answer: key(number).map { _ in answer }) { result.settled = 1 }
                        }
                    }
                    return result
                }
            }
            return try await group.reduce(into: CrowdResult()) { sum, one in
                sum.granted += one.granted
                sum.settled += one.settled
                sum.repeated += one.repeated
                sum.refused.merge(one.refused, uniquingKeysWith: +)
            }
        }
    }
}
