/// The answer of an identification: the same shape whether an edge agent or the hub gives it.
package struct IdentificationResult: Sendable, Codable, Hashable {
    /// Pixels of the picture, upright.
    package let width: Int
    package let height: Int
    /// One per face found, largest first; empty when the picture holds no face.
    package let faces: [FaceResult]

    package init(width: Int, height: Int, faces: [FaceResult]) {
        self.width = width
        self.height = height
        self.faces = faces
    }
}

package enum DecisionOutcome: String, Sendable, Codable, CaseIterable {
    /// A person of the gallery, at or above the threshold.
    case match
    /// A usable face that is nobody of the gallery: a full answer, not a failure.
    case unknown
    /// A face too poor to decide on, or a presentation that is not bona fide; `refusals` say why. Not charged.
    case undecided
}

package struct FaceResult: Sendable, Codable, Hashable {
    package let box: FaceArea
    package let outcome: DecisionOutcome
    /// Only for `match`.
    package let person: PersonID?
    /// The gallery of the hub's that the answer rests on; absent for the gallery that was asked for, and for a device's own.
    package let gallery: GalleryID?
    /// The best comparison score of the gallery, −1…1; absent when undecided or the gallery is empty.
    package let score: Float?
    package let threshold: Float
    /// The measured false-match rate of that threshold, per comparison.
    package let falseMatchRate: Double
    package let model: String
    package let quality: QualityResult
    /// For `undecided`: what was wrong with the face.
    package let refusals: [ProblemCode]
    /// The persons most like the face, best first, where they were asked for; those below the threshold are no answer.
    package let candidates: [CandidateResult]?
    /// What was found of the presentation; absent where nothing was asked of it.
    package let pad: PADRecord?
    /// The journal entry that records this decision, once it is written; only where an edge agent answers.
    package var entry: Int64?

    package init(
        box: FaceArea, outcome: DecisionOutcome, person: PersonID?, gallery: GalleryID? = nil, score: Float?, threshold: Float, falseMatchRate: Double,
        model: String, quality: QualityResult, refusals: [ProblemCode], candidates: [CandidateResult]? = nil, pad: PADRecord? = nil, entry: Int64? = nil
    ) {
        self.pad = pad
        self.gallery = gallery
        self.box = box
        self.outcome = outcome
        self.person = person
        self.score = score
        self.threshold = threshold
        self.falseMatchRate = falseMatchRate
        self.model = model
        self.quality = quality
        self.refusals = refusals
        self.candidates = candidates
        self.entry = entry
    }
}

/// Pixels of the upright picture, origin top left.
package struct FaceArea: Sendable, Codable, Hashable {
    package let x: Float
    package let y: Float
    package let width: Float
    package let height: Float

    package init(x: Float, y: Float, width: Float, height: Float) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }
}

package struct QualityResult: Sendable, Codable, Hashable {
    /// Distance of the eyes in pixels of the picture.
    package let eyeDistance: Float
    package let sharpness: Float
    /// Degrees; 0 looks at the camera.
    package let yaw: Float
    package let pitch: Float
    package let roll: Float
    /// Mean brightness of the face, 0…1.
    package let brightness: Float

    package init(eyeDistance: Float, sharpness: Float, yaw: Float, pitch: Float, roll: Float, brightness: Float) {
        self.eyeDistance = eyeDistance
        self.sharpness = sharpness
        self.yaw = yaw
        self.pitch = pitch
        self.roll = roll
        self.brightness = brightness
    }
}

/// The body of a journal entry of kind `decision`: everything the answer rested on, no face, no name.
package struct DecisionRecord: Sendable, Codable, Hashable {
    package let outcome: DecisionOutcome
    package let person: PersonID?
    /// The gallery of the hub's that the decision rests on; `nil` for a device's own.
    package let gallery: GalleryID?
    package let score: Float?
    package let threshold: Float
    package let falseMatchRate: Double
    package let model: String
    package let refusals: [ProblemCode]
    /// Spent beyond the lease under `continue-and-flag`.
    package let overdraft: Bool
    /// Spent in the lease's grace, after its end; `nil`: not.
    package let late: Bool?
    /// What was found of the presentation; `nil` where nothing was asked of it.
    package let pad: PADRecord?

    package init(
        outcome: DecisionOutcome, person: PersonID?, gallery: GalleryID? = nil, score: Float?, threshold: Float, falseMatchRate: Double, model: String,
        refusals: [ProblemCode], overdraft: Bool, late: Bool? = nil, pad: PADRecord? = nil
    ) {
        self.pad = pad
        self.gallery = gallery
        self.outcome = outcome
        self.person = person
        self.score = score
        self.threshold = threshold
        self.falseMatchRate = falseMatchRate
        self.model = model
        self.refusals = refusals
        self.overdraft = overdraft
        self.late = late
    }
}
