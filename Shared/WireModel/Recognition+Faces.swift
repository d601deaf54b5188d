/// One person that a search found.
package struct CandidateResult: Sendable, Codable, Hashable {
    package let person: PersonID
    /// The caller's own reference of the person.
    package let label: String?
    /// The best comparison score of the person's templates, −1…1.
    package let score: Float

    package init(person: PersonID, label: String?, score: Float) {
        self.person = person
        self.label = label
        self.score = score
    }
}

/// A place in a picture, in pixels of the upright picture from its top left.
package struct FacePoint: Sendable, Codable, Hashable {
    package let x: Float
    package let y: Float

    package init(x: Float, y: Float) {
        self.x = x
        self.y = y
    }
}

/// "Right" and "left" are the person's own.
package struct LandmarksResult: Sendable, Codable, Hashable {
    package let rightEye: FacePoint
    package let leftEye: FacePoint
    package let nose: FacePoint
    package let rightMouth: FacePoint
    package let leftMouth: FacePoint

    package init(rightEye: FacePoint, leftEye: FacePoint, nose: FacePoint, rightMouth: FacePoint, leftMouth: FacePoint) {
        self.rightEye = rightEye
        self.leftEye = leftEye
        self.nose = nose
        self.rightMouth = rightMouth
        self.leftMouth = leftMouth
    }
}

/// The answer of `face.detect`.
package struct DetectionResult: Sendable, Codable, Hashable {
    package struct Face: Sendable, Codable, Hashable {
        package let box: FaceArea
        package let landmarks: LandmarksResult
        /// 0…1
        package let detectionScore: Float
        package let quality: QualityResult

        package init(box: FaceArea, landmarks: LandmarksResult, detectionScore: Float, quality: QualityResult) {
            self.box = box
            self.landmarks = landmarks
            self.detectionScore = detectionScore
            self.quality = quality
        }
    }

    /// Pixels of the picture, upright.
    package let width: Int
    package let height: Int
    /// The detector.
    package let model: String
    /// Largest first; empty when the picture holds no face.
    package let faces: [Face]

    package init(width: Int, height: Int, model: String, faces: [Face]) {
        self.width = width
        self.height = height
        self.model = model
        self.faces = faces
    }
}

/// The answer of `face.quality`: what each face may be used for, and what to do where it may not.
package struct AssessmentResult: Sendable, Codable, Hashable {
    package struct Refusal: Sendable, Codable, Hashable {
        package let code: ProblemCode
        /// What was measured, and what is asked for.
        package let detail: String
        package let remedy: String

        package init(code: ProblemCode, detail: String, remedy: String) {
            self.code = code
            self.detail = detail
            self.remedy = remedy
        }
    }

    package struct Use: Sendable, Codable, Hashable {
        package let accepted: Bool
        /// Gravest first; empty when accepted.
        package let refusals: [Refusal]

        package init(refusals: [Refusal]) {
            accepted = refusals.isEmpty
            self.refusals = refusals
        }
    }

    package struct Face: Sendable, Codable, Hashable {
        package let box: FaceArea
        package let detectionScore: Float
        package let quality: QualityResult
        /// As the probe of a search or comparison.
        package let search: Use
        /// As a reference that is kept.
        package let enrolment: Use

        package init(box: FaceArea, detectionScore: Float, quality: QualityResult, search: Use, enrolment: Use) {
            self.box = box
            self.detectionScore = detectionScore
            self.quality = quality
            self.search = search
            self.enrolment = enrolment
        }
    }

    package let width: Int
    package let height: Int
    /// The detector.
    package let model: String
    package let faces: [Face]

    package init(width: Int, height: Int, model: String, faces: [Face]) {
        self.width = width
        self.height = height
        self.model = model
        self.faces = faces
    }
}

/// The answer of `face.compare`.
package struct FaceComparisonResult: Sendable, Codable, Hashable {
    /// The face of a side that was a picture.
    package struct Side: Sendable, Codable, Hashable {
        package let box: FaceArea
        package let quality: QualityResult

        package init(box: FaceArea, quality: QualityResult) {
            self.box = box
            self.quality = quality
        }
    }

    /// `match` or `unknown`.
    package let outcome: DecisionOutcome
    /// −1…1; against a person, that of the most similar of the person's templates.
    package let score: Float
    package let threshold: Float
    /// The measured false-match rate of that threshold, per comparison.
    package let falseMatchRate: Double
    package let model: String
    package let probe: Side?
    package let reference: Side?
    /// The journal entry that records this decision; only where an edge agent answers.
    package var entry: Int64?

    package init(
        outcome: DecisionOutcome, score: Float, threshold: Float, falseMatchRate: Double, model: String, probe: Side?, reference: Side?, entry: Int64? = nil
    ) {
        self.outcome = outcome
        self.score = score
        self.threshold = threshold
        self.falseMatchRate = falseMatchRate
        self.model = model
        self.probe = probe
        self.reference = reference
        self.entry = entry
    }
}
