import Biometrics

/// What `vultus-edge bench accuracy` prints; encodes to its `--json`.
package struct AccuracyReport: Codable, Hashable, Sendable {
    /// Mean of the folds, a fraction.
    package let accuracy: Double
    /// Sample standard deviation over the folds.
    package let accuracyStandardDeviation: Double
    /// Standard deviation / √folds.
    package let accuracyStandardError: Double
    package let folds: Int
    /// Pairs judged in folds.
    package let pairs: Int
    package let images: Int
    package let failuresToAcquire: Int
    /// Over all pairs of the pictures.
    package let genuinePairs: Int
    package let impostorPairs: Int
    /// True accepts over all pairs at false-match rates 1e-3 and 1e-4; `nil` without pairs of both kinds.
    package let trueAcceptRateAt1e3: Double?
    package let trueAcceptRateAt1e4: Double?

    enum CodingKeys: String, CodingKey {
        case accuracy
        case accuracyStandardDeviation = "accuracy_std"
        case accuracyStandardError = "accuracy_standard_error"
        case folds, pairs, images
        case failuresToAcquire = "failures_to_acquire"
        case genuinePairs = "genuine_pairs"
        case impostorPairs = "impostor_pairs"
        case trueAcceptRateAt1e3 = "tar_at_fmr_1e-3"
        case trueAcceptRateAt1e4 = "tar_at_fmr_1e-4"
    }

    init(_ verdict: VerificationProtocol, scores: PairScores, images: Int, failuresToAcquire: Int, pairs: Int) {
        accuracy = verdict.accuracy
        accuracyStandardDeviation = verdict.standardDeviation
        accuracyStandardError = verdict.standardError
        folds = verdict.foldAccuracies.count
        self.pairs = pairs
        self.images = images
        self.failuresToAcquire = failuresToAcquire
        genuinePairs = scores.genuine.total
        impostorPairs = scores.impostor.total
        trueAcceptRateAt1e3 = scores.trueAcceptRate(at: .oneInAThousand)
        trueAcceptRateAt1e4 = scores.trueAcceptRate(at: .oneInTenThousand)
    }
}
