import Biometrics

/// Who was decided on lately, so that one passage gives one decision whatever becomes of its tracks.
struct PassageBook<Person: Hashable & Sendable>: Sendable {
    struct Passage: Sendable {
        let id: Int64
        /// `nil` for somebody unknown.
        let person: Person?
        var templates: [Template]
        var lastSeen: ContinuousClock.Instant
        var decided: ContinuousClock.Instant
        /// The journal entry of the last decision; `nil` until it is written.
        var entry: Int64?
    }

    private(set) var passages: [Int64: Passage] = [:]
    private var next: Int64 = 1

    subscript(id: Int64) -> Passage? {
        get { passages[id] }
        set { passages[id] = newValue }
    }

    mutating func open(_ person: Person?, _ templates: [Template], at time: ContinuousClock.Instant) -> Int64 {
        defer { next += 1 }
        if passages.count >= TrackingPolicy.mostPassages, let oldest = passages.values.min(by: { ($0.lastSeen, $0.id) < ($1.lastSeen, $1.id) }) {
            passages[oldest.id] = nil
        }
        passages[next] = Passage(id: next, person: person, templates: templates, lastSeen: time, decided: time)
        return next
    }

    mutating func forget(unseenFor gap: Duration, at time: ContinuousClock.Instant) {
        passages = passages.filter { time - $0.value.lastSeen < gap }
    }

    /// The passage of somebody who is decided on now. Somebody unknown is looked for among all by their templates: a known person's
    /// poor shot is still that passage.
    /// - Parameter threshold: of the decision.
    func find(_ person: Person?, _ templates: [Template], threshold: ComparisonScore) -> Passage? {
        if let person { return passages.values.filter { $0.person == person }.max { ($0.lastSeen, $0.id) < ($1.lastSeen, $1.id) } }
        var best: (passage: Passage, score: ComparisonScore)?
        for passage in passages.values.sorted(by: { $0.id < $1.id }) {
            let score: ComparisonScore? = templates.flatMap { one in passage.templates.compactMap { try? $0.score(against: one) } }.max()
            if let score, score >= threshold, best.map({ score > $0.score }) ?? true { best = (passage, score) }
        }
        return best?.passage
    }
}
