/// Keeps one candidate per face.
enum NonMaximumSuppression {
    /// - Parameters:
    ///   - threshold: candidates that overlap a better one by more than this (IoU) are dropped.
    ///   - limit: at most so many are kept.
    /// - Returns: best score first; of equal scores, the one that came first.
    static func apply(_ candidates: [DetectedFace], threshold: Double, limit: Int) -> [DetectedFace] {
        let order = candidates.indices.sorted {
            (-candidates[$0].score, $0) < (-candidates[$1].score, $1)
        }
        var kept: [DetectedFace] = []
        for index in order where kept.count < limit {
            let candidate = candidates[index]
            if !kept.contains(where: { $0.box.intersectionOverUnion(candidate.box) > threshold }) {
                kept.append(candidate)
            }
        }
        return kept
    }
}
