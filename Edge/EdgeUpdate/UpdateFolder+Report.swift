import ReleaseFiles
import WireModel

extension UpdateFolder {
    /// What the hub is told, of each kind.
    package func reports() throws -> [UpdateReport] {
        let (trial, wanted): (Trial?, [WantedRelease]) = (try trial(), try wanted())
        return try ReleaseKind.allCases.map { kind in
            let runs: ReleaseNumber? = current(kind)
            if let trial, trial.kind == kind, trial.phase == .marked {
                let isTried: Bool = trial.attempts > 0
                // What is tried does not count as what the device has before it is confirmed.
                return try report(
                    kind, isTried ? trial.from : runs, trial.rollout, isTried ? .trying : .staged, reason: trial.reason, goesBack: trial.goesBack)
            }
            let outcome: KindRecord.Outcome? = try record(kind).outcome
            guard let due = wanted.first(where: { $0.kind == kind }), outcome?.rollout != due.rollout || outcome?.goesBack != due.goesBack else {
                return try report(kind, runs, outcome?.rollout, outcome?.state, reason: outcome?.reason, goesBack: outcome?.goesBack)
            }
            if !due.goesBack, let incoming = try? incomingRelease(due.release) {
                return try report(
                    kind, runs, due.rollout, try holdReason(due.rollout) == nil ? .downloading : .waiting, reason: try holdReason(due.rollout),
                    goesBack: false, bytes: (incoming.received, incoming.manifest.bytes))
            }
            let isStaged: Bool = !due.goesBack && isStaged(kind, due.version, due.release)
            if isStaged, due.shadow != nil, let shadow = try shadow(of: due.rollout), shadow.verdict == .more {
                return try report(kind, runs, due.rollout, .shadowing, reason: shadow.words, goesBack: false)
            }
            return try report(kind, runs, due.rollout, isStaged ? .staged : .waiting, reason: try holdReason(due.rollout), goesBack: due.goesBack)
        }
    }

    private func report(
        _ kind: ReleaseKind, _ version: ReleaseNumber?, _ rollout: RolloutID?, _ state: UpdateState?, reason: String?, goesBack: Bool?,
        bytes: (done: Int64, total: Int64)? = nil
    ) throws -> UpdateReport {
        UpdateReport(
            kind: kind, platform: Platform.current, version: version, rollout: rollout, state: state, doneBytes: bytes?.done, totalBytes: bytes?.total,
            reason: reason, goesBack: goesBack, shadow: kind == .models && goesBack != true ? try shadow(of: rollout)?.progress : nil,
            canShadow: kind == .models ? true : nil)
    }
}
