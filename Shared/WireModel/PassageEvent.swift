/// Something that happened to a track of a live source.
package struct PassageEvent: Sendable, Codable, Hashable {
    package enum Kind: String, Sendable, Codable {
        /// Decided on: journaled, and charged unless undecided.
        case decided
        /// Found to be of a passage that was decided on already: nothing was journaled or charged. `face.entry` is the decision that holds.
        case returned
        /// Asked to turn the head before it can be a match: `challenge` says what. Nothing was journaled.
        case asked
        /// Lost from sight.
        case left
    }

    package let kind: Kind
    /// Counts the tracks of its source since the agent started.
    package let track: Int64
    /// The answer, with the place and quality of the best shot; absent for `left` and `asked`.
    package let face: FaceResult?
    /// Shots that were voted on, and those that agree with the answer.
    package let votes: Int?
    package let agreeing: Int?
    /// Whether somebody who stayed was decided on again.
    package let isRepeat: Bool?
    /// From the arrival of the first good frame to the journaled decision.
    package let latencyMilliseconds: Int64?
    /// The exit zone that the track was lost in.
    package let zone: String?
    /// Only for `asked`.
    package let challenge: ChallengeRequest?

    package init(
        _ kind: Kind, track: Int64, face: FaceResult? = nil, votes: Int? = nil, agreeing: Int? = nil, isRepeat: Bool? = nil, latencyMilliseconds: Int64? = nil,
        zone: String? = nil, challenge: ChallengeRequest? = nil
    ) {
        self.challenge = challenge
        self.kind = kind
        self.track = track
        self.face = face
        self.votes = votes
        self.agreeing = agreeing
        self.isRepeat = isRepeat
        self.latencyMilliseconds = latencyMilliseconds
        self.zone = zone
    }
}
