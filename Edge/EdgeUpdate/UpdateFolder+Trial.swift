import ReleaseFiles
import ServiceSupport
import WireModel

/// What is to be started now.
package struct Start: Sendable, Hashable {
    /// `nil`: the installed program.
    package let program: String?
    /// `nil`: as the program finds them.
    package let models: String?
    /// What is tried with it.
    package let trial: Trial?
}

/// The order in which a release comes to run, and goes. Each step is on the disk before the next, and each may be done again: whoever
/// starts after a power cut goes on from what is there.
///
/// | step | what is on the disk then | whoever starts next |
/// |---|---|---|
/// | mark | `trial.json`, no attempt | counts the first |
/// | count | one attempt more | rolls back when they were too many |
/// | switch | the link names the new one | tries it again |
/// | confirm | the trial is confirmed; then what ran before is on record; then no trial | finishes, runs the new one |
/// | roll back | the trial rolls back; the link names the old one; the reason is on record; then no trial | finishes, runs the old one |
extension UpdateFolder {
    /// What ran comes back after so many starts of the new one that came to nothing.
    package static let attempts: Int = 3

    /// Marks what is in its place to be tried at the next start.
    /// - Throws: `conflict` while another is tried.
    package func mark(_ kind: ReleaseKind, to version: ReleaseNumber?, rollout: RolloutID?, goesBack: Bool = false) throws {
        disk.enter("mark")
        guard try trial() == nil else { throw Problem(.conflict, "Another release is being tried.", remedy: "Wait until it is confirmed or rolled back.") }
        try save(Trial(kind: kind, to: version, from: current(kind), rollout: rollout, goesBack: goesBack))
    }

    /// What is to be started now; finishes what was under way when the power went, and counts an attempt of what is tried.
    package func next() throws -> Start {
        while var trial = try trial() {
            switch trial.phase {
            case .confirmed: try finishConfirming(trial)
            case .rollingBack: try finishRollingBack(trial)
            case .marked:
                if let version = trial.to, let fault = fault(trial.kind, version) {
                    try rollBack(trial, "its files are not as signed: \(fault)")
                } else if trial.attempts >= Self.attempts {
                    try rollBack(trial, trial.reason ?? "it did not say that it works in \(trial.attempts) starts")
                } else {
                    disk.enter("count")
                    trial.attempts += 1
                    trial.mark = SystemRandom.bytes(8).hexadecimal
                    try save(trial)
                    disk.enter("switch")
                    try point(trial.kind, to: trial.to)
                    return start(trial)
                }
            }
        }
        for kind in ReleaseKind.allCases { try setAsideDamaged(kind) }
        try clean()
        return start(nil)
    }

    private func start(_ trial: Trial?) -> Start {
        Start(
            program: current(.agent).map { place(.agent, $0) + "/" + ReleaseManifest.program }, models: current(.models).map { place(.models, $0) },
            trial: trial)
    }

    /// A release whose files the disk has lost since does not run: what ran before does, or what was installed.
    private func setAsideDamaged(_ kind: ReleaseKind) throws {
        guard let version = current(kind), let fault = fault(kind, version) else { return }
        try setAside(kind, "\(version) was damaged on the disk: \(fault)")
    }

    /// What runs is not to run any more, outside of a trial.
    func setAside(_ kind: ReleaseKind, _ reason: String) throws {
        disk.enter("set aside")
        let former: ReleaseNumber? = try record(kind).previous?.version
        try change(kind) {
            $0.outcome = .init(rollout: nil, goesBack: false, state: .rolledBack, reason: reason)
            $0.previous = nil
        }
        try point(kind, to: former.flatMap { self.fault(kind, $0) == nil ? $0 : nil })
    }

    /// The attempt has come to nothing; the next start is another, or rolls back.
    package func note(_ trial: Trial, _ reason: String) throws {
        guard var now = try self.trial(), now.mark == trial.mark else { return }
        now.reason = reason
        try save(now)
    }

    /// The attempt was ended from outside: it does not count.
    package func giveBack(_ trial: Trial) throws {
        guard var now = try self.trial(), now.mark == trial.mark, now.phase == .marked else { return }
        now.attempts = max(0, now.attempts - 1)
        try save(now)
    }

    package func confirm(_ trial: Trial) throws {
        disk.enter("confirm")
        var trial: Trial = trial
        trial.phase = .confirmed
        try save(trial)
        try finishConfirming(trial)
    }

    private func finishConfirming(_ trial: Trial) throws {
        disk.enter("confirm")
        try point(trial.kind, to: trial.to)
        try change(trial.kind) {
            $0.previous = .init(version: trial.from)
            $0.outcome = .init(rollout: trial.rollout, goesBack: trial.goesBack, state: .confirmed, reason: nil)
        }
        try removeTrial()
    }

    package func rollBack(_ trial: Trial, _ reason: String) throws {
        disk.enter("roll back")
        var trial: Trial = trial
        (trial.phase, trial.reason) = (.rollingBack, reason)
        try save(trial)
        try finishRollingBack(trial)
    }

    private func finishRollingBack(_ trial: Trial) throws {
        disk.enter("roll back")
        try point(trial.kind, to: trial.from)
        try change(trial.kind) { $0.outcome = .init(rollout: trial.rollout, goesBack: trial.goesBack, state: .rolledBack, reason: trial.reason) }
        try removeTrial()
    }

    /// The release is not begun with, and why.
    package func refuse(_ kind: ReleaseKind, rollout: RolloutID, goesBack: Bool = false, _ reason: String) throws {
        try change(kind) { $0.outcome = .init(rollout: rollout, goesBack: goesBack, state: .refused, reason: reason) }
    }

    /// Removes releases that neither run, nor ran before, nor are wanted. Nothing is tried meanwhile.
    func clean() throws {
        disk.enter("clean")
        let wanted: [WantedRelease] = try wanted()
        for kind in ReleaseKind.allCases {
            let record: KindRecord = try record(kind)
            let kept: [ReleaseNumber?] =
                [current(kind), record.previous?.version]
                // What is wanted and was not tried yet is in its place for that.
                + wanted.filter { $0.kind == kind && !$0.goesBack && record.outcome?.rollout != $0.rollout }.map(\.version)
            for name in try Self.names(in: "\(root)/\(kind.rawValue)")
            where !kept.contains(ReleaseNumber(rawValue: name)) || ReleaseNumber(rawValue: name) == nil {
                try disk.removeTree("\(root)/\(kind.rawValue)/\(name)")
            }
        }
        try disk.remove(path("current-agent.new"))
        try disk.remove(path("current-models.new"))
    }
}
