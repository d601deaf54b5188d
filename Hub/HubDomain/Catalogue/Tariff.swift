import WireModel

/// What the units of one month cost: some free ones, then steps by volume. Counted anew with each month and each version of a
/// price, so that a bill does not depend on the order in which uses arrive.
package struct Tariff: Sendable, Codable, Hashable {
    /// A price that holds up to a place.
    package struct Step: Sendable, Codable, Hashable {
        /// The last unit of the month it holds for, free ones counted; `nil` for all that follow.
        package let through: Int64?
        /// Millionths per unit.
        package let price: Int64

        package init(through: Int64?, price: Int64) {
            self.through = through
            self.price = price
        }
    }

    /// Units of a month that cost nothing.
    package let free: Int64
    /// Ascending; the last one holds for all that follow.
    package let steps: [Step]

    /// 10,000 of the currency's unit: dearer is a slip, and sums stay far from what 64 bits hold.
    package static let highestPrice: Int64 = 10_000_000_000
    private static let mostSteps: Int = 20

    /// - Throws: `invalidRequest` for steps that do not ascend, or of which the last one ends.
    package init(free: Int64 = 0, steps: [Step]) throws(Problem) {
        guard let last = steps.last, last.through == nil, steps.dropLast().allSatisfy({ $0.through != nil }), steps.count <= Self.mostSteps,
            (0...1_000_000_000_000).contains(free), steps.allSatisfy({ (0...Self.highestPrice).contains($0.price) })
        else {
            throw Problem(
                .invalidRequest, "That is not a tariff.",
                remedy: "Give 1 to \(Self.mostSteps) steps of at most 10000 per unit, the last one without an end, and free units of 0 or more.")
        }
        let ends: [Int64] = [free] + steps.compactMap(\.through)
        guard zip(ends, ends.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw Problem(
                .invalidRequest, "The steps of a tariff ascend, and begin after the free units.", detail: ends.map(String.init).joined(separator: ", "),
                remedy: "Sort the steps by where they end.")
        }
        self.free = free
        self.steps = steps
    }

    /// One price for every unit.
    package init(flat price: Int64) { (free, steps) = (0, [Step(through: nil, price: price)]) }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(free: try container.decodeIfPresent(Int64.self, forKey: .free) ?? 0, steps: try container.decode([Step].self, forKey: .steps))
    }

    /// Millionths, of the first `units` units of a month. What `n` units from place `k` on cost is `cost(k + n) - cost(k)`:
    /// however uses are grouped, their amounts add up to the month's.
    package func cost(_ units: Int64) -> Int64 {
        var (sum, from): (Int64, Int64) = (0, free)
        for step in steps where units > from {
            let end: Int64 = min(units, step.through ?? .max)
            if end > from { sum = sum.addingClamped(step.price.multipliedClamped(end - from)) }
            from = max(from, end)
        }
        return sum
    }

    /// The dearest unit among the places `first...last` of a month.
    package func highest(_ places: ClosedRange<Int64>) -> Int64 {
        var (highest, from): (Int64, Int64) = (0, free)
        for step in steps {
            let end: Int64 = step.through ?? .max
            if from < places.upperBound, end >= places.lowerBound { highest = max(highest, step.price) }
            from = end
        }
        return highest
    }

    /// Whether any unit costs something.
    var isCharged: Bool { steps.contains { $0.price > 0 } }

    /// Whether some volume costs more than by `other`.
    package func isDearer(than other: Tariff) -> Bool {
        let places: [Int64] = [free, other.free] + (steps + other.steps).compactMap(\.through)
        let probes: Set<Int64> = Set(places.flatMap { [$0, $0 + 1] } + [1, 1_000_000_000])
        return probes.contains { cost($0) > other.cost($0) } || steps.last!.price > other.steps.last!.price  // never empty: see init
    }
}

extension Int64 {
    /// Sums and products that no account reaches stay at the end of the range instead of wrapping round.
    func multipliedClamped(_ other: Int64) -> Int64 {
        let (value, isOver) = multipliedReportingOverflow(by: other)
        return isOver ? .max : value
    }

    func addingClamped(_ other: Int64) -> Int64 {
        let (value, isOver) = addingReportingOverflow(other)
        return isOver ? .max : value
    }
}
