import Glibc

/// Where a program keeps its state when nobody says otherwise.
package enum DataDirectory {
    /// - Parameters:
    ///   - program: `vultus-edge` or `vultus-hub`.
    ///   - variable: an environment variable that names the directory.
    /// - Returns: the variable's value, `/var/lib/<program>` for root, or the user's XDG state directory.
    package static func standard(program: String, variable: String) -> String {
        if let value = environment(variable) { return value }
        if geteuid() == 0 { return "/var/lib/\(program)" }
        let state: String = environment("XDG_STATE_HOME") ?? (environment("HOME") ?? ".") + "/.local/state"
        return "\(state)/\(program)"
    }

    private static func environment(_ name: String) -> String? {
        guard let pointer = getenv(name), pointer.pointee != 0 else { return nil }
        return String(cString: pointer)
    }
}
