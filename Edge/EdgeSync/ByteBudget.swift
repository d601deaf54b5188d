import WireModel

/// What a day's bytes still allow.
package struct ByteBudget: Sendable, Hashable {
    package enum Allowance: Sendable, Hashable {
        case unlimited
        /// A contact with everything, until so many bytes are used.
        case upTo(Int64)
        /// Only changes are asked for, for the sake of those who must be erased: no journal goes up, no lease comes down.
        case erasuresOnly(upTo: Int64)
        case nothing

        var coversJournal: Bool {
            switch self {
            case .unlimited, .upTo: true
            case .erasuresOnly, .nothing: false
            }
        }

        /// `nil`: as many as needed.
        var bytes: Int64? {
            switch self {
            case .unlimited: nil
            case .upTo(let bytes), .erasuresOnly(let bytes): bytes
            case .nothing: 0
            }
        }
    }

    /// Between two contacts from the reserve.
    package static let reserveInterval: Duration = .seconds(3_600)

    package let perDay: Int64?

    package init(perDay: Int64?) { self.perDay = perDay }

    /// Beyond the budget, for revocations: a tenth of it, and at least what a day of hourly contacts takes.
    package static func reserve(of perDay: Int64) -> Int64 { max(perDay / 10, 24 * 8_192) }

    /// - Parameter sinceReserve: since the last contact from the reserve; `nil`: none today.
    package func allowance(used: Int64, sinceReserve: Duration?) -> Allowance {
        guard let perDay else { return .unlimited }
        if used < perDay { return .upTo(perDay - used) }
        guard used < perDay + Self.reserve(of: perDay), sinceReserve.map({ $0 >= Self.reserveInterval }) ?? true else { return .nothing }
        return .erasuresOnly(upTo: perDay + Self.reserve(of: perDay) - used)
    }
}
