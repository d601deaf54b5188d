import Biometrics
import PresentationAttack

/// What one shot of a track says: the best of all galleries, and whether that is a match there.
package struct Vote<Person: Hashable & Sendable>: Sendable, Hashable {
    /// `nil` where the galleries are empty.
    package let best: Person?
    package let score: ComparisonScore?
    /// Of the gallery that ``best`` is of.
    package let threshold: ComparisonScore
    /// The measured false-match rate of that threshold, per comparison.
    package let falseMatchRate: Double
    /// Of that gallery: what a presentation must show before it is a match.
    package let presentation: PresentationRequirements

    package init(
        best: Person?, score: ComparisonScore?, threshold: ComparisonScore, falseMatchRate: Double, presentation: PresentationRequirements = []
    ) {
        self.presentation = presentation
        self.best = best
        self.score = score
        self.threshold = threshold
        self.falseMatchRate = falseMatchRate
    }

    /// Whom it names.
    package var match: Person? { if let score, score >= threshold { best } else { nil } }
}

/// Several votes made one answer.
package struct VoteCount<Person: Hashable & Sendable>: Sendable, Hashable {
    package enum Outcome: Sendable, Hashable {
        case match(Person)
        case unknown
        /// They name two persons, or have no majority.
        case disagreement
    }

    package let outcome: Outcome
    /// Mean of those that the answer rests on; `nil` where no gallery has anybody.
    package let score: ComparisonScore?
    /// The vote the answer rests on most: its best score.
    package let leading: Vote<Person>
    package let agreeing: Int
    package let count: Int

    /// A person is named by more than half of the votes, by none against them, and their mean passes too; or more than half name nobody.
    /// - Parameter votes: at least one.
    package init(_ votes: [Vote<Person>]) {
        let named: Set<Person> = Set(votes.compactMap(\.match))
        count = votes.count
        if let person = named.first, named.count == 1 {
            let heard: [Vote<Person>] = votes.filter { $0.match == person }
            // Those that name nobody, but would have named this person first, are heard in the mean.
            let mean: ComparisonScore? = Self.mean(votes.filter { $0.best == person })
            let isMajority: Bool = heard.count * 2 > votes.count
            if isMajority, let mean, let threshold = heard.map(\.threshold).max(), mean >= threshold {
                (outcome, score, leading, agreeing) = (.match(person), mean, Self.leading(heard), heard.count)
                return
            }
        }
        let silent: [Vote<Person>] = votes.filter { $0.match == nil }
        let isUnknown: Bool = named.count <= 1 && silent.count * 2 > votes.count
        outcome = isUnknown ? .unknown : .disagreement
        let heard: [Vote<Person>] = isUnknown ? silent : votes
        (score, leading, agreeing) = (Self.mean(heard), Self.leading(heard), isUnknown ? silent.count : 0)
    }

    private static func mean(_ votes: [Vote<Person>]) -> ComparisonScore? {
        let scores: [Float] = votes.compactMap { $0.score?.rawValue }
        return scores.isEmpty ? nil : ComparisonScore(rawValue: scores.reduce(0, +) / Float(scores.count))
    }

    private static func leading(_ votes: [Vote<Person>]) -> Vote<Person> {
        votes.max { ($0.score?.rawValue ?? -2) < ($1.score?.rawValue ?? -2) }!
    }
}
