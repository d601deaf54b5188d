import EdgeUpdate
import Glibc
import WireModel

/// What the launcher told this program, if one has started it.
package struct LaunchSituation: Sendable {
    /// `nil` without a launcher.
    package let folder: UpdateFolder?
    /// Of what is tried, when something is.
    package let trial: String?
    private let launcher: pid_t

    package init(environment: [String: String]) {
        launcher = environment[Launcher.Variable.launcher].flatMap { pid_t($0) } ?? 0
        let isLaunched: Bool = launcher > 0 && getppid() == launcher
        // A launcher that was killed before this program could ask for its parent has left it alone all the same. One that is there and is
        // not the parent has started an agent whose own child this is, such as a program at a decision: that one nobody has launched.
        let isLeft: Bool = launcher > 0 && !isLaunched && !Machine().isRunning(launcher)
        folder = isLaunched || isLeft ? environment[Launcher.Variable.updates].map { UpdateFolder($0) } : nil
        trial = isLaunched ? environment[Launcher.Variable.trial] : nil
    }

    /// The launcher is gone: whoever decides about this program is not there any more, and another will start one of its own.
    package var isOrphaned: Bool { folder != nil && getppid() != launcher }

    /// While something is tried: why it ends.
    package func tell(_ error: any Error) {
        guard let folder, let trial else { return }
        let problem = Problem(describing: error)
        // Whoever has started this program finds out by its end in any case.
        try? folder.tell(HealthMark(mark: trial, failure: [problem.title, problem.detail].filter { !$0.isEmpty }.joined(separator: " "), checks: []))
    }
}
