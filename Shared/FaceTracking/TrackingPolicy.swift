import Biometrics
import FacePipeline
import PresentationAttack

/// How faces are followed over the frames of a live source, and when a track is decided on.
package struct TrackingPolicy: Sendable, Hashable {
    /// Shorter side of a face's box, pixels of the picture; smaller faces are followed and not decided on.
    package var minimumFace: Double = 40
    /// Detections before a track counts: what was found once may be no face.
    package var confirmations: Int = 2
    /// Best shots that are voted on; more, up to ``mostShots``, where they disagree.
    package var shots: Int = 3
    package var mostShots: Int = 5
    /// After its first good frame a track is decided on with the shots there are.
    package var patience: Duration = .seconds(1)
    /// For so long a track that is not decided on is looked at more often than others.
    package var attention: Duration = .seconds(5)
    /// Between two shots: neighbours of a film show the same and would only vote twice.
    package var shotSpacing: Duration = .milliseconds(80)
    /// A track ends when it was not found for so long, and at so many looks.
    package var lostAfter: Duration = .seconds(1)
    package var lostLooks: Int = 3
    /// Who was not seen for so long has left: coming back is another passage.
    package var passageGap: Duration = .seconds(30)
    /// Who stays is decided on again after so long; `nil`: never in one passage.
    package var redecideAfter: Duration? = .seconds(600)
    /// Templates made of one frame at most; the rest have their turn in the next ones.
    package var embeddingsPerFrame: Int = 4
    /// What could not be journaled is tried again after so long, until ``passageGap`` has passed.
    package var retryAfter: Duration = .seconds(2)
    /// From here on two templates are taken for one person's where tracks may have been mixed up. About FMR 1e-3: see Shared's README.
    package var sameScore = ComparisonScore(rawValue: 0.36)
    /// What a shot must measure.
    package var quality: QualityPolicy = .identification
    package var zones: [Zone] = []
    /// Whether faces are examined for presentation attacks at all: some gallery asks for it.
    package var examinesPresentations: Bool = false
    /// When a presentation is bona fide.
    package var presentation = PresentationRule()

    package init() {}

    /// Passages that are remembered; with more, the longest unseen is forgotten.
    static let mostPassages: Int = 1_000
}
