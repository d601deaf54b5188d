import FaceTracking
import PresentationAttack
import WireModel

extension PADPolicy {
    var requirements: PresentationRequirements {
        switch self {
        case .off: []
        case .passive: .cues
        case .active: [.cues, .challenge]
        case .model: [.cues, .model]
        }
    }
}

extension PADRecord {
    /// - Parameter model: the operator's network, where there is one.
    package init(_ report: PresentationReport, model: String?) {
        let outcome: Outcome =
            switch report.outcome {
            case .bonaFide: .bonaFide
            case .attack: .attack
            case .undetermined: .undetermined
            }
        let challenge: Challenge? =
            switch report.challenge {
            case .passed: .passed
            case .failed: .failed
            case .notDone: .notDone
            case nil: report.requirements.contains(.challenge) ? .notDone : nil
            }
        var policies: [PADPolicy] = [.active, .model].filter { report.requirements.isSuperset(of: $0.requirements) }
        if policies.isEmpty { policies = [.passive] }
        let cues: [String: Double] = report.score.readings.reduce(into: [:]) { $0[$1.cue.rawValue] = Self.rounded($1.suspicion) }
        self.init(
            outcome: outcome, policies: policies, score: Self.rounded(report.score.value), threshold: report.threshold, cues: cues, challenge: challenge,
            model: report.requirements.contains(.model) ? model : nil)
    }

    /// To a thousandth: what goes into the journal is read by people too. A score is never rounded over its threshold.
    private static func rounded(_ value: Double) -> Double { (value * 1_000).rounded(.down) / 1_000 }

    /// Why a match is none.
    var refusal: ProblemCode? {
        switch (outcome, challenge) {
        case (.bonaFide, _): nil
        case (.attack, .failed) where score < threshold: .challengeFailed
        case (.attack, _): .presentationAttackSuspected
        case (.undetermined, _): .presentationUndetermined
        }
    }
}

extension ChallengeRequest {
    init(_ request: HeadChallenge.Request) {
        let prompt: Prompt =
            switch request.prompt {
            case .left: .left
            case .right: .right
            case .up: .up
            case nil: .straight
            }
        self.init(prompt: prompt, step: request.step, steps: request.steps, milliseconds: request.left.wholeMilliseconds)
    }
}
