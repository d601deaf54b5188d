import CSpawn
import Glibc
import WireModel

/// A program that is started with a decision on its standard input: by its path, with no shell between.
package struct HookProgram: Sendable {
    package enum End: Sendable, Hashable {
        case exited(Int32)
        case killed(signal: Int32)
        case timedOut
        case notStarted(errno: CInt)
    }

    package let path: String
    /// Then it is asked to end, and killed a second later, with whatever it started.
    package let timeout: Duration
    /// Whether its standard error is the agent's.
    let showsErrors: Bool

    /// - Throws: `file_unreadable` when nobody could start it.
    package init(path: String, timeout: Duration = .seconds(10), showsErrors: Bool = true) throws(Problem) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, access(path, X_OK) == 0 else {
            throw Problem(
                .fileUnreadable, "That program cannot be started.", detail: path,
                remedy: "Name a file with its path that this user may execute (chmod +x); options for it go into a script.")
        }
        self.path = path
        self.timeout = timeout
        self.showsErrors = showsErrors
    }

    /// Runs to the end. Blocks the calling thread, for the time-out and a second at most.
    /// - Parameters:
    ///   - input: given on standard input, 60 kB at most.
    ///   - environment: beside the agent's own.
    ///   - started: told the process, which leads a group of its own.
    func run(input: String, environment: [String: String], started: (pid_t) -> Void = { _ in }) -> End {
        var ends: [CInt] = [0, 0]
        guard pipe(&ends) == 0 else { return .notStarted(errno: errno) }
        defer { close(ends[0]) }
        // All of it fits into the pipe: nobody has to read it.
        let bytes: [UInt8] = Array(input.utf8.prefix(60_000))
        let isWritten: Bool = bytes.withUnsafeBytes { write(ends[1], $0.baseAddress, $0.count) } == bytes.count
        close(ends[1])
        guard isWritten else { return .notStarted(errno: EIO) }
        var process: pid_t = 0
        let cause: CInt = spawn(&process, standardInput: ends[0], environment)
        guard cause == 0 else { return .notStarted(errno: cause) }
        started(process)
        return wait(for: process)
    }

    private func spawn(_ process: inout pid_t, standardInput: CInt, _ environment: [String: String]) -> CInt {
        var (actions, attributes) = (posix_spawn_file_actions_t(), posix_spawnattr_t())
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, standardInput, STDIN_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        if !showsErrors { posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) }
        // Neither the store nor a camera is its business.
        vultus_spawn_close_from(&actions, 3)
        // The agent waits for signals in ways of its own, which a program would inherit.
        var (all, none) = (sigset_t(), sigset_t())
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        var variables: [UnsafeMutablePointer<CChar>?] = []
        var own: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = environ
        while let entry = own?.pointee {
            if strncmp(entry, "VULTUS_", 7) != 0 { variables.append(strdup(entry)) }
            own = own?.advanced(by: 1)
        }
        for (name, value) in environment { variables.append(strdup("\(name)=\(value)")) }
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(path), nil]
        defer { for text in variables + arguments { free(text) } }
        variables.append(nil)
        return posix_spawn(&process, path, &actions, &attributes, &arguments, &variables)
    }

    private func wait(for process: pid_t) -> End {
        let deadline: ContinuousClock.Instant = .now + timeout
        var (status, isAsked): (CInt, Bool) = (0, false)
        while true {
            let ended: pid_t = waitpid(process, &status, WNOHANG)
            if ended == process { break }
            if ended < 0, errno != EINTR { return .exited(0) }
            if !isAsked, ContinuousClock.now >= deadline {
                kill(-process, SIGTERM)
                isAsked = true
            } else if isAsked, ContinuousClock.now >= deadline + .seconds(1) {
                kill(-process, SIGKILL)
            }
            usleep(5_000)
        }
        if isAsked {
            // What it started and left behind goes with it.
            kill(-process, SIGKILL)
            return .timedOut
        }
        // As WIFEXITED, WEXITSTATUS and WTERMSIG read it (wait(2)), which Swift cannot import.
        return status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal: status & 0x7F)
    }
}
