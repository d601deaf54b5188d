/// What was found of one presentation.
package struct PresentationReport: Sendable, Hashable {
    package enum Outcome: String, Sendable, Hashable {
        case bonaFide
        case attack
        /// Too little was seen, nobody answered, or there is no network to ask: no answer, so not bona fide either.
        case undetermined
    }

    package let outcome: Outcome
    package let requirements: PresentationRequirements
    package let score: PresentationScore
    /// Of ``score``: from it on an attack.
    package let threshold: Double
    /// `nil` where none was asked for.
    package let challenge: HeadChallenge.Result?
}

/// What is needed to tell, and the rule that tells.
package struct PresentationRule: Sendable, Hashable {
    /// Sights, and from the first to the last of them, before cues are heard.
    package var leastSights: Int = 8
    package var leastSpan: Duration = .milliseconds(700)
    /// So many scores of the operator's network.
    package var leastScores: Int = 3
    package var threshold: Double = PresentationScore.standardThreshold
    /// Of the operator's network, where there is one.
    package var modelThreshold: Double = PresentationScore.standardThreshold

    package init() {}

    /// - Parameter isOver: nothing more will be seen.
    /// - Returns: `nil` while more has to be seen.
    package func report(
        _ requirements: PresentationRequirements, _ evidence: PresentationEvidence, _ challenge: HeadChallenge.Result?, isOver: Bool
    ) -> PresentationReport? {
        let score: PresentationScore = evidence.score(modelThreshold: modelThreshold)
        func report(_ outcome: PresentationReport.Outcome) -> PresentationReport {
            PresentationReport(outcome: outcome, requirements: requirements, score: score, threshold: threshold, challenge: challenge)
        }
        let isSeen: Bool = evidence.count >= leastSights && evidence.span >= leastSpan
        if isSeen || isOver, score.value >= threshold { return report(.attack) }
        if case .failed = challenge { return report(.attack) }
        if challenge == .notDone { return report(.undetermined) }
        let isScored: Bool = !requirements.contains(.model) || evidence.scoreCount >= leastScores
        let isAnswered: Bool = !requirements.contains(.challenge) || challenge == .passed
        guard isSeen, isScored, isAnswered else { return isOver ? report(.undetermined) : nil }
        return report(.bonaFide)
    }
}
