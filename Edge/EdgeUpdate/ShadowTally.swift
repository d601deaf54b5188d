/// What one set of models says of a face that is good enough to be decided on.
package struct ShadowAnswer<Person: Hashable & Sendable>: Sendable, Hashable {
    /// `nil`: unknown.
    package let match: Person?
    /// How far the best score lies above its threshold; `nil` where the galleries are empty.
    package let margin: Double?

    package init(match: Person?, margin: Double?) {
        self.match = match
        self.margin = margin
    }
}

/// One face of a picture that both sets of models have looked at.
package enum ShadowedFace<Person: Hashable & Sendable>: Sendable, Hashable {
    /// An answer is `nil` where the face was too poor to be decided on.
    /// - Parameter areAlike: whether the two templates of this face are of one person, by the threshold that decides.
    case both(deciding: ShadowAnswer<Person>?, shadow: ShadowAnswer<Person>?, areAlike: Bool)
    /// Found by both; what decides made no template of it, so there is nothing to compare.
    case bothUndecided
    /// - Parameter isDecided: it was good enough to be decided on.
    case decidingAlone(isDecided: Bool)
    case shadowAlone(isDecided: Bool)
}

/// What two sets of models were found to say of the same faces: numbers alone, nothing of any face.
package struct ShadowTally: Sendable, Codable, Hashable {
    package private(set) var pictures: Int64 = 0
    /// Faces found, good enough or not.
    package private(set) var foundByBoth: Int64 = 0
    package private(set) var foundByDecidingAlone: Int64 = 0
    package private(set) var foundByShadowAlone: Int64 = 0
    /// Faces that either set decides on: those on which they can differ.
    package private(set) var compared: Int64 = 0
    /// Decided on; not by the shadow, which does not find the face or finds it too poor.
    package private(set) var missed: Int64 = 0
    /// The other way.
    package private(set) var added: Int64 = 0
    /// Matched; unknown to the shadow.
    package private(set) var lost: Int64 = 0
    /// Unknown; matched by the shadow.
    package private(set) var gained: Int64 = 0
    /// Matched with one person, and by the shadow with another.
    package private(set) var exchanged: Int64 = 0
    /// The same answer, but the shadow's template of the face is not one of the same person: it will not match what is enrolled.
    package private(set) var unlike: Int64 = 0
    /// Of all compared, matched by both with the same person.
    package private(set) var matched: Int64 = 0
    /// Faces on which both have a score, and the sums of its distances to the threshold.
    package private(set) var scored: Int64 = 0
    package private(set) var decidingMargins: Double = 0
    package private(set) var shadowMargins: Double = 0

    package init() {}

    package var disagreements: Int64 { missed + added + lost + gained + exchanged + unlike }

    package mutating func note<Person>(_ faces: [ShadowedFace<Person>]) {
        pictures += 1
        for face in faces { note(face) }
    }

    private mutating func note<Person>(_ face: ShadowedFace<Person>) {
        switch face {
        case .bothUndecided: foundByBoth += 1
        case .decidingAlone(let isDecided):
            foundByDecidingAlone += 1
            if isDecided { (compared, missed) = (compared + 1, missed + 1) }
        case .shadowAlone(let isDecided):
            foundByShadowAlone += 1
            if isDecided { (compared, added) = (compared + 1, added + 1) }
        case .both(let deciding, let shadow, let areAlike):
            foundByBoth += 1
            guard deciding != nil || shadow != nil else { return }
            compared += 1
            guard let deciding else { return added += 1 }
            guard let shadow else { return missed += 1 }
            if let one = deciding.margin, let other = shadow.margin {
                (scored, decidingMargins, shadowMargins) = (scored + 1, decidingMargins + one, shadowMargins + other)
            }
            switch (deciding.match, shadow.match) {
            case (.some, nil): lost += 1
            case (nil, .some): gained += 1
            case (let one, let other) where one != other: exchanged += 1
            case (let one, _):
                if one != nil { matched += 1 }
                if !areAlike { unlike += 1 }
            }
        }
    }

    /// For people: how many differ, and how.
    package var words: String {
        var kinds: [String] = []
        for (count, kind) in [
            (missed, "not found or too poor"), (added, "found by the new models alone"), (lost, "unknown in place of a match"),
            (gained, "matched in place of unknown"), (exchanged, "matched with another"), (unlike, "unlike the template that decides"),
        ] where count > 0 { kinds.append("\(count) \(kind)") }
        var text: String = "\(disagreements) of \(compared) faces decided on otherwise"
        if !kinds.isEmpty { text += " (\(kinds.joined(separator: ", ")))" }
        if scored > 0 { text += "; above the threshold by \(Self.mean(decidingMargins, scored)) on average, new \(Self.mean(shadowMargins, scored))" }
        return text
    }

    private static func mean(_ sum: Double, _ count: Int64) -> String { "\((sum / Double(count) * 1_000).rounded() / 1_000)" }
}
