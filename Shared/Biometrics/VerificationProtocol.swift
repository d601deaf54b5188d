/// The 10-fold protocol of Labelled Faces in the Wild (Huang et al., 2007, "image-restricted" training): each fold is
/// judged with the threshold that does best on all the other folds.
package struct VerificationProtocol: Sendable, Equatable {
    /// One scored pair.
    package struct Trial: Sendable, Hashable {
        package let score: Float
        package let isGenuine: Bool
        package let fold: Int

        package init(score: Float, isGenuine: Bool, fold: Int) {
            self.score = score
            self.isGenuine = isGenuine
            self.fold = fold
        }
    }

    /// The share of right decisions in each fold, 0…1.
    package let foldAccuracies: [Double]
    /// The threshold each fold was judged with.
    package let foldThresholds: [ComparisonScore]

    /// - Parameter trials: scores of pairs; folds without a trial are left out. With one fold only, it is judged by its own
    ///   best threshold.
    package init(trials: [Trial]) {
        let folds = Set(trials.map(\.fold)).sorted()
        var accuracies: [Double] = []
        var thresholds: [ComparisonScore] = []
        for fold in folds {
            let training = folds.count > 1 ? trials.filter { $0.fold != fold } : trials
            let threshold = Self.bestThreshold(of: training)
            let test = trials.filter { $0.fold == fold }
            let right = test.count { ($0.score >= threshold) == $0.isGenuine }
            accuracies.append(Double(right) / Double(test.count))
            thresholds.append(ComparisonScore(rawValue: threshold))
        }
        foldAccuracies = accuracies
        foldThresholds = thresholds
    }

    /// Mean of the folds, 0…1; 0 without trials.
    package var accuracy: Double {
        foldAccuracies.isEmpty ? 0 : foldAccuracies.reduce(0, +) / Double(foldAccuracies.count)
    }

    /// Sample standard deviation over the folds (n − 1); 0 with fewer than two.
    package var standardDeviation: Double {
        guard foldAccuracies.count > 1 else { return 0 }
        let mean = accuracy
        let squares = foldAccuracies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(foldAccuracies.count - 1)).squareRoot()
    }

    /// Standard error of the mean, as LFW's results page reports it: standard deviation / √folds.
    package var standardError: Double {
        foldAccuracies.isEmpty ? 0 : standardDeviation / Double(foldAccuracies.count).squareRoot()
    }

    /// The threshold that decides most trials rightly; of several, the middle one, which is farthest from the
    /// scores around it.
    static func bestThreshold(of trials: [Trial]) -> Float {
        let sorted = trials.sorted { $0.score < $1.score }
        guard let lowest = sorted.first, let highest = sorted.last else { return 0 }
        // Below all scores everything is accepted: all genuine pairs are right.
        var right = sorted.count(where: \.isGenuine)
        var best = right
        var candidates = [lowest.score]
        for index in sorted.indices {
            right += sorted[index].isGenuine ? -1 : 1
            let next = index + 1 < sorted.count ? sorted[index + 1].score : highest.score.nextUp
            // Equal scores cannot be told apart by any threshold.
            guard next > sorted[index].score else { continue }
            let threshold = index + 1 < sorted.count ? Self.between(sorted[index].score, next) : next
            if right > best { (best, candidates) = (right, []) }
            if right == best { candidates.append(threshold) }
        }
        return candidates[candidates.count / 2]
    }

    /// The middle of two scores, above the lower and at most the higher.
    private static func between(_ low: Float, _ high: Float) -> Float {
        let middle = low + (high - low) / 2
        return middle > low ? middle : high
    }
}
