/// What one argon2id hash costs. One lane of parallelism always: libsodium knows no other.
package struct PasswordParameters: Hashable, Sendable {
    /// Memory in KiB; libsodium refuses less than 8.
    package let memoryKiB: Int
    /// Passes over that memory (`t`), at least 1.
    package let passes: Int

    package init(memoryKiB: Int, passes: Int) {
        self.memoryKiB = memoryKiB
        self.passes = passes
    }

    /// 19 MiB and two passes, the minimum of OWASP's Password Storage Cheat Sheet
    /// (cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html). About 14 ms on the development machine.
    package static let current = PasswordParameters(memoryKiB: 19 * 1024, passes: 2)
}
