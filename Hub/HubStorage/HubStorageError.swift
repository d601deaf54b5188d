import WireModel

/// What can go wrong with the hub's database.
package enum HubStorageError: Error, Sendable, Hashable {
    /// Locked by another process for longer than the time-out. Retry.
    case busy
    /// No room; the transaction was rolled back whole. Free space, retry.
    case full
    /// Written by a later version; nothing was touched. Upgrade.
    case newer(found: Int, supported: Int)
    /// The engine found the file inconsistent.
    case damaged
    /// The file system or server refused.
    case unavailable(code: Int32)
    /// A unique or foreign key would be broken.
    case constraint
    /// A column held another type than the program expects.
    case unexpectedValue(column: String)
    /// A fault of this program's own statements.
    case statement(code: Int32)
}

extension HubStorageError: ProblemConvertible {
    package var problem: Problem {
        switch self {
        case .busy:
            Problem(.storeBusy, "The hub's database is in use by another process.", remedy: "Try again in a moment.")
        case .full:
            Problem(
                .storeFull, "The hub's disk is full; nothing was changed.",
                remedy: "Free some space on the hub; devices keep what was not acknowledged and send it again.")
        case .newer(let found, let supported):
            Problem(
                .storeNewer, "The hub's database was written by a newer Vultus.", detail: "schema \(found), this program knows \(supported)",
                remedy: "Install the newer version, or name another directory with --data.")
        case .damaged:
            Problem(.storeDamaged, "The hub's database is damaged.", remedy: "Stop the hub, keep a copy of the directory, and restore from a backup.")
        case .unavailable(let code):
            Problem(
                .storeUnavailable, "The hub's database cannot be opened or written.", detail: "code \(code)",
                remedy: "Check that the directory exists, is writable for this user, and that the disk is healthy.")
        case .constraint:
            Problem(.conflict, "Something of that name exists already.", remedy: "Choose another name, or use the one that is there.")
        case .unexpectedValue(let column):
            Problem(
                .storeDamaged, "The hub's database holds a value it should not.", detail: "column \(column)",
                remedy: "Stop the hub, keep a copy, and restore from a backup.")
        case .statement(let code):
            Problem(.internalFault, "The database refused a statement.", detail: "code \(code)", remedy: "Report this with the hub's log.")
        }
    }
}
