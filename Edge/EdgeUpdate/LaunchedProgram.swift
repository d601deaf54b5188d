import Glibc

/// A program started with this process's standard input and outputs, and nothing else of it.
enum LaunchedProgram {
    /// - Parameter environment: over this process's own; `nil` takes a variable away.
    /// - Returns: 0, or why it could not be started.
    static func spawn(_ process: inout pid_t, _ program: String, _ arguments: [String], _ environment: [String: String?]) -> CInt {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The launcher handles signals in ways of its own, which the agent would inherit.
        var (all, none) = (sigset_t(), sigset_t())
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var variables: [UnsafeMutablePointer<CChar>?] = []
        var own: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = environ
        while let entry = own?.pointee {
            let name: Substring = String(cString: entry).prefix { $0 != "=" }
            if !environment.keys.contains(String(name)) { variables.append(strdup(entry)) }
            own = own?.advanced(by: 1)
        }
        for (name, value) in environment { if let value { variables.append(strdup("\(name)=\(value)")) } }
        var texts: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
        defer { for text in variables + texts { free(text) } }
        variables.append(nil)
        texts.append(nil)
        return posix_spawn(&process, program, nil, &attributes, &texts, &variables)
    }

    /// - Parameter status: of wait(2).
    /// - Returns: how it ended, and what a shell would call that.
    static func words(_ status: CInt) -> (String, Int32) {
        let signal: CInt = status & 0x7F
        return signal == 0 ? ("it ended with exit code \(status >> 8 & 0xFF)", status >> 8 & 0xFF) : ("it was ended by signal \(signal)", 128 + signal)
    }
}
