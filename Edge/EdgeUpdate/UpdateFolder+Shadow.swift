import ReleaseFiles
import ServiceSupport
import WireModel

/// Whether models that were compared with those that decide may be tried.
package enum ShadowVerdict: Sendable, Hashable {
    /// More has to be compared.
    case more
    case passed
    case failed(String)
}

/// How the models of one roll-out did beside those that decide.
package struct ShadowRecord: Sendable, Codable, Hashable {
    package let rollout: RolloutID
    package let policy: ShadowPolicy
    package var tally = ShadowTally()
    /// For so long the agent has compared, or waited for faces: time that it did not run is not counted, nor does any clock matter.
    package var milliseconds: Int64 = 0
    /// Why there is nothing to compare.
    package var failure: String?

    package init(rollout: RolloutID, policy: ShadowPolicy) {
        self.rollout = rollout
        self.policy = policy
    }

    package var progress: ShadowProgress { ShadowProgress(compared: tally.compared, faces: policy.faces, disagreements: tally.disagreements) }

    /// As soon as nothing that may still come would change it.
    package var verdict: ShadowVerdict {
        if let failure { return .failed("shadowed: \(failure)") }
        let count: Int64 = max(policy.faces, tally.compared)
        guard tally.disagreements * 1_000 <= policy.disagreementPermille * count else {
            return .failed("shadowed: \(tally.words), more than \(policy.disagreementPermille) in 1000 of \(count)")
        }
        if tally.compared >= policy.faces { return .passed }
        if let limit = policy.milliseconds, milliseconds >= limit {
            let minutes: Int64 = limit / 60_000
            let time: String = minutes % 60 == 0 ? (minutes / 60).counted("hour") : minutes.counted("minute")
            return .failed("shadowed: \(tally.compared) of \(policy.faces) faces came in \(time)")
        }
        return .more
    }

    /// For people, while it goes on.
    package var words: String {
        tally.pictures == 0 ? "waits for faces: nothing was looked at here since it began" : "\(tally.words); \(policy.faces) are wanted"
    }
}

/// Models that the hub wants shadowed are compared between their staging and their trial: `shadow.json` has what came of it so far.
extension UpdateFolder {
    private static let shadowName: String = "shadow.json"

    /// - Returns: `nil` where nothing was shadowed for that roll-out.
    package func shadow(of rollout: RolloutID?) throws -> ShadowRecord? {
        try read(ShadowRecord.self, Self.shadowName).flatMap { $0.rollout == rollout ? $0 : nil }
    }

    package func note(_ record: ShadowRecord) throws {
        disk.enter("shadow")
        try save(record, Self.shadowName)
    }

    /// Whether a release that is in its place may be tried; begins its shadow when nothing was compared yet.
    package func shadowed(_ wanted: WantedRelease) throws -> ShadowVerdict {
        guard let policy = wanted.shadow, wanted.kind == .models, !wanted.goesBack else { return .passed }
        if let record = try shadow(of: wanted.rollout) { return record.verdict }
        try note(ShadowRecord(rollout: wanted.rollout, policy: policy))
        return .more
    }

    /// What is to be compared now; `nil` while nothing is, and while something is tried.
    package func dueShadow() throws -> DueShadow? {
        guard try trial() == nil,
            let wanted = try wanted().first(where: { $0.kind == .models && !$0.goesBack && $0.shadow != nil }),
            try record(.models).outcome?.rollout != wanted.rollout, isStaged(.models, wanted.version, wanted.release),
            let record = try shadow(of: wanted.rollout), record.verdict == .more
        else { return nil }
        return DueShadow(wanted: wanted, record: record)
    }

    /// What is wrong with the files of a release that is in its place, or `nil`.
    package func fault(of wanted: WantedRelease) -> String? { fault(wanted.kind, wanted.version) }
}

/// Models that are to be compared, and what came of it so far.
package struct DueShadow: Sendable, Hashable {
    package let wanted: WantedRelease
    package let record: ShadowRecord
}
