import Glibc
import ReleaseFiles
import ServiceSupport
import WireModel

/// Starts the agent, and decides whether a release that is tried stays. It is the installed program's, and no release replaces it: so
/// there is always one that decides, also when what is tried cannot even start.
///
/// What is tried has to say of itself that it works (``HealthMark``) within a set time; if it ends before, it is started again a few
/// times. Then what ran before runs again.
package struct Launcher {
    /// What a launched program finds in its environment.
    package enum Variable {
        /// The launcher's process: whoever finds another above itself has lost it.
        package static let launcher: String = "VULTUS_LAUNCHER"
        package static let updates: String = "VULTUS_UPDATES"
        /// ``Trial/mark``, while something is tried.
        package static let trial: String = "VULTUS_TRIAL"
    }

    private let folder: UpdateFolder
    private let installed: String
    private let arguments: [String]
    private let models: String?
    private let trialTime: Duration
    private let say: (String) -> Void
    /// From SIGTERM to SIGKILL.
    private static let patience: Duration = .seconds(15)

    /// - Parameters:
    ///   - installed: the program that runs where no release does.
    ///   - arguments: of the agent, after the program's name.
    ///   - models: of the installed program, where no release of models is in use.
    ///   - trialTime: in which what is tried has to say that it works.
    ///   - say: told of every decision, with the reason.
    package init(folder: UpdateFolder, installed: String, arguments: [String], models: String?, trialTime: Duration, say: @escaping (String) -> Void) {
        self.folder = folder
        self.installed = installed
        self.arguments = arguments
        self.models = models
        self.trialTime = trialTime
        self.say = say
    }

    /// Runs until the agent ends, or this program is asked to.
    /// - Returns: the agent's exit code.
    /// - Throws: `conflict` while another launcher runs an agent there.
    package func run() throws -> Int32 {
        try folder.prepare()
        let lock: CInt = open(folder.root + "/launch.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw Problem(
                .conflict, "Another launcher runs the agent there.", detail: folder.root, remedy: "Stop it first, or name another directory with --data.")
        }
        defer { close(lock) }
        StopRequest.listen()
        var told: [ReleaseKind: KindRecord.Outcome] = [:]
        for kind in ReleaseKind.allCases { told[kind] = try folder.record(kind).outcome }
        while true {
            let start: Start = try folder.next()
            for kind in ReleaseKind.allCases {
                guard let outcome = try folder.record(kind).outcome, outcome != told.updateValue(outcome, forKey: kind), outcome.state == .rolledBack else {
                    continue
                }
                say("\(kind.rawValue): \(folder.current(kind)?.rawValue ?? "what was installed") runs again: \(outcome.reason ?? "")")
            }
            if let trial = start.trial { say("trying \(trial.title): start \(trial.attempts) of \(UpdateFolder.attempts)") }
            var process: pid_t = 0
            let program: String = start.program ?? installed
            let cause: CInt = LaunchedProgram.spawn(&process, program, arguments, environment(start))
            let end: End = cause == 0 ? try watch(process, start.trial) : .ended("\(program) cannot be started: \(String(cString: strerror(cause)))", 126)
            switch end {
            case .stopped(let code):
                if let trial = start.trial { try folder.giveBack(trial) }
                return code
            case .ended(let reason, let code):
                if let trial = start.trial, try folder.trial() != nil {
                    say("\(trial.title): \(reason)")
                    try folder.note(trial, reason)
                    if cause == 0 { usleep(500_000) }
                } else if try folder.trial() == nil {
                    guard cause == 0 || start.program == nil else {
                        try folder.setAside(.agent, reason)
                        continue
                    }
                    return code
                }
            case .failed(let reason):
                if let trial = start.trial { try folder.rollBack(trial, reason) }
            }
        }
    }

    private enum End {
        /// By whoever asked this program to end.
        case stopped(Int32)
        case ended(String, Int32)
        /// What is tried does not work: no further start of it.
        case failed(String)
    }

    private func watch(_ process: pid_t, _ started: Trial?) throws -> End {
        let deadline: ContinuousClock.Instant = .now + trialTime
        var trial: Trial? = started
        var asked: (at: ContinuousClock.Instant, for: End?)?
        while true {
            var status: CInt = 0
            if waitpid(process, &status, WNOHANG) == process {
                let (reason, code): (String, Int32) = LaunchedProgram.words(status)
                if let asked { return asked.for ?? .stopped(code) }
                // It may have said so just before.
                if let current = trial, try confirms(current) { trial = nil }
                if let current = trial, let health = try folder.health(), health.mark == current.mark, let failure = health.failure {
                    return .ended("\(reason): \(failure)", code)
                }
                return .ended(reason, code)
            }
            if asked == nil, StopRequest.isMade { asked = ask(process, for: nil) }
            if let asked, ContinuousClock.now - asked.at > Self.patience { kill(process, SIGKILL) }
            if asked == nil, let current = trial {
                if try confirms(current) {
                    trial = nil
                } else if let health = try folder.health(), health.mark == current.mark, let failure = health.failure {
                    asked = ask(process, for: .failed(failure))
                } else if ContinuousClock.now > deadline {
                    asked = ask(process, for: .failed("it did not say that it works within \(trialTime / .seconds(1)) s"))
                }
            }
            usleep(trial == nil ? 200_000 : 50_000)
        }
    }

    private func ask(_ process: pid_t, for end: End?) -> (at: ContinuousClock.Instant, for: End?) {
        kill(process, SIGTERM)
        return (.now, end)
    }

    private func confirms(_ trial: Trial) throws -> Bool {
        guard let health = try folder.health(), health.mark == trial.mark, health.failure == nil else { return false }
        try folder.confirm(trial)
        say("\(trial.title) works (\(health.checks.joined(separator: ", "))): it stays")
        return true
    }

    private func environment(_ start: Start) -> [String: String?] {
        var variables: [String: String?] = [
            Variable.launcher: "\(getpid())", Variable.updates: folder.root, Variable.trial: start.trial?.mark,
        ]
        if let models = start.models ?? models { variables["VULTUS_MODELS"] = models }
        return variables
    }
}
