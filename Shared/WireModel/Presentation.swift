/// What a gallery asks of a live presentation before its match is one (presentation attack detection, ISO/IEC 30107). It concerns live
/// sources, where there is something to see; a picture that somebody sends is judged by who sends it.
package enum PADPolicy: String, Sendable, Codable, CaseIterable {
    case off
    /// Watched for what betrays prints, screens and fed-in films.
    case passive
    /// Passive, and the head is turned as asked.
    case active
    /// Passive, and a network that the operator of the device supplies finds it bona fide.
    case model
}

/// What was found of a presentation: on record with the decision.
package struct PADRecord: Sendable, Codable, Hashable {
    package enum Outcome: String, Sendable, Codable, CaseIterable {
        case bonaFide = "bona_fide"
        case attack
        /// Too little was seen, nobody did what was asked, or there was no network to ask.
        case undetermined
    }

    package enum Challenge: String, Sendable, Codable, CaseIterable {
        case passed, failed
        case notDone = "not_done"
    }

    package let outcome: Outcome
    /// What had to be shown; several where gallery and device ask for different things.
    package let policies: [PADPolicy]
    /// 0…1, higher is more like an attack.
    package let score: Double
    /// An attack from here on.
    package let threshold: Double
    /// What could tell, 0 nothing … 1 as clear as it can be: `parallax`, `flicker`, `moire`, `specular`, `repetition`, `model`.
    package let cues: [String: Double]
    package let challenge: Challenge?
    /// The operator's network, where one was asked.
    package let model: String?

    package init(
        outcome: Outcome, policies: [PADPolicy], score: Double, threshold: Double, cues: [String: Double], challenge: Challenge?, model: String?
    ) {
        self.outcome = outcome
        self.policies = policies
        self.score = score
        self.threshold = threshold
        self.cues = cues
        self.challenge = challenge
        self.model = model
    }
}

/// What a person before the camera is asked to do, for a screen to show.
package struct ChallengeRequest: Sendable, Codable, Hashable {
    package enum Prompt: String, Sendable, Codable, CaseIterable {
        /// Turn the head to the person's own left.
        case left
        case right
        case up
        /// Look at the camera.
        case straight
    }

    package let prompt: Prompt
    /// From 1.
    package let step: Int
    package let steps: Int
    /// Left for this step.
    package let milliseconds: Int64

    package init(prompt: Prompt, step: Int, steps: Int, milliseconds: Int64) {
        self.prompt = prompt
        self.step = step
        self.steps = steps
        self.milliseconds = milliseconds
    }
}
