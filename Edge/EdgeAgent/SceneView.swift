import FrameCapture
import WireModel

/// What is known of one frame of a source, for people to look at. Names and places of faces, no template.
package struct SceneView: Sendable, Encodable {
    package struct Face: Sendable, Encodable {
        /// `nil` in pictures that are not of a film.
        package let track: Int64?
        /// Pixels of the upright picture; of a frame that was not looked at, where the face should be.
        package let box: FaceArea
        /// `nil` while it is looked at and not decided on.
        package let outcome: DecisionOutcome?
        /// Of a match.
        package let label: String?
        /// Of the decision, or of the newest shot before there is one.
        package let score: Float?
        package let threshold: Float?
        /// What is wrong with the face as it was seen last.
        package let refusals: [ProblemCode]

        package init(
            track: Int64? = nil, box: FaceArea, outcome: DecisionOutcome?, label: String?, score: Float?, threshold: Float?, refusals: [ProblemCode]
        ) {
            (self.track, self.box, self.outcome, self.label) = (track, box, outcome, label)
            (self.score, self.threshold, self.refusals) = (score, threshold, refusals)
        }
    }

    /// Milliseconds.
    package struct Timings: Sendable, Encodable {
        package let decode: Double
        package let detect: Double
        package let align: Double
        package let embed: Double
        /// From the frame's arrival until everything about it was known.
        package let answer: Double
        /// From the first good frame of the last passage to its decision; `nil` before there was one.
        package var decision: Int64?

        package init(decode: Double, detect: Double, align: Double, embed: Double, answer: Double, decision: Int64? = nil) {
            (self.decode, self.detect, self.align, self.embed, self.answer, self.decision) = (decode, detect, align, embed, answer, decision)
        }
    }

    /// Of the upright picture; 0 before anything was looked at.
    package let width: Int
    package let height: Int
    package let faces: [Face]
    /// Of the last frame that was looked at.
    package let timings: Timings?
    /// Whether this very frame was looked at: most of a film are not.
    package let isLookedAt: Bool

    package init(width: Int, height: Int, faces: [Face], timings: Timings?, isLookedAt: Bool) {
        (self.width, self.height, self.faces, self.timings, self.isLookedAt) = (width, height, faces, timings, isLookedAt)
    }
}

/// The newest frame of a source and what is known of it.
package struct Scene: Sendable {
    /// Counts the frames that were shown.
    package let number: Int64
    package let frame: Frame
    package let view: SceneView
    /// Frames a second that came, and that were looked at, over the last two seconds.
    package let rate: Double
    package let lookedRate: Double
}
