import WireModel

/// What can go wrong with the hub's database.
package enum HubStorageError: Error, Sendable, Hashable {
    /// Locked, or changed by others again and again, for longer than the time-out. Retry.
    case busy
    /// No room; the transaction was rolled back whole. Free space, retry.
    case full
    /// Written by a later version; nothing was touched. Upgrade.
    case newer(found: Int, supported: Int)
    /// The engine found its files inconsistent.
    case damaged
    /// The file system or server refused or went away.
    /// - Parameters:
    ///   - code: SQLite's extended result code, or 0.
    ///   - state: PostgreSQL's SQLSTATE. `08007`: the connection broke during the commit, so the change may or may not stand.
    ///   - server: which PostgreSQL, without the password.
    ///   - reason: why it could not be reached, in the words of the connection's library.
    case unavailable(code: Int32, state: String = "", server: String = "", reason: String = "")
    /// A unique or foreign key would be broken.
    case constraint
    /// A text holds U+0000, which PostgreSQL cannot store.
    case nulInText
    /// The target of a copy holds rows already.
    case notEmpty(table: String)
    /// A copied table is not what it was copied from.
    case copyDiffers(table: String)
    /// A column held another type than the program expects.
    case unexpectedValue(column: String)
    /// A fault of this program's own statements.
    /// - Parameters:
    ///   - code: SQLite's extended result code, or 0.
    ///   - state: PostgreSQL's SQLSTATE.
    case statement(code: Int32, state: String = "")
}

extension HubStorageError: ProblemConvertible {
    package var problem: Problem {
        switch self {
        case .busy:
            Problem(.storeBusy, "The hub's database is in use by others.", remedy: "Try again in a moment.")
        case .full:
            Problem(
                .storeFull, "The hub's disk is full; nothing was changed.",
                remedy: "Free some space on the hub; devices keep what was not acknowledged and send it again.")
        case .newer(let found, let supported):
            Problem(
                .storeNewer, "The hub's database was written by a newer Vultus.", detail: "schema \(found), this program knows \(supported)",
                remedy: "Install the newer version, or name another directory with --data.")
        case .damaged:
            Problem(.storeDamaged, "The hub's database is damaged.", remedy: "Stop the hub, keep a copy of the database, and restore from a backup.")
        case .unavailable(_, "08007", let server, _):
            Problem(
                .storeUnavailable, "The connection to the database broke while a change was being committed.", detail: server,
                remedy: "Look whether the change is there before you make it again.")
        case .unavailable(let code, let state, let server, let reason) where !state.isEmpty || !server.isEmpty:
            Problem(
                .storeUnavailable, reason.isEmpty ? "The PostgreSQL server went away or refused." : "The PostgreSQL server cannot be reached.",
                detail: [server, reason, state.isEmpty ? "code \(code)" : "SQLSTATE \(state)"].filter { !$0.isEmpty }.joined(separator: ": "),
                remedy: "Check that the server runs, that host, database, user and password are right, and that it has connections to spare.")
        case .unavailable(let code, _, _, _):
            Problem(
                .storeUnavailable, "The hub's database cannot be opened or written.", detail: "code \(code)",
                remedy: "Check that the directory exists, is writable for this user, and that the disk is healthy.")
        case .constraint:
            Problem(.conflict, "Something of that name exists already.", remedy: "Choose another name, or use the one that is there.")
        case .nulInText:
            Problem(.invalidRequest, "A text holds the character U+0000.", remedy: "Leave the character out.")
        case .notEmpty(let table):
            Problem(
                .conflict, "The database to copy into is not empty; nothing was changed.", detail: "table \(table)",
                remedy: "Name a new file, or a new PostgreSQL database.")
        case .copyDiffers(let table):
            Problem(
                .storeDamaged, "A copied table differs from its original; the copy was undone.", detail: "table \(table)",
                remedy: "Check the disks of both sides, then copy again.")
        case .unexpectedValue(let column):
            Problem(
                .storeDamaged, "The hub's database holds a value it should not.", detail: "column \(column)",
                remedy: "Stop the hub, keep a copy, and restore from a backup.")
        case .statement(let code, let state):
            Problem(
                .internalFault, "The database refused a statement.", detail: state.isEmpty ? "code \(code)" : "SQLSTATE \(state)",
                remedy: "Report this with the hub's log.")
        }
    }
}
