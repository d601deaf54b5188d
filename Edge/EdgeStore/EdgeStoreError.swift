import GRDB
import WireModel

/// What can go wrong with the device's store, and how to recover.
package enum EdgeStoreError: Error, Sendable {
    /// Another process held the store for longer than the time-out. Retry.
    case busy(path: String)
    /// No room for another page; the transaction was rolled back whole. Free space, retry.
    case full(path: String)
    /// The store has reached the size allowed and nothing is left to drop; nothing was overwritten. Sync.
    case journalFull(used: Int64, limit: Int64)
    /// Written by a later version of Vultus; nothing was touched. Upgrade.
    case newer(path: String, found: Int, supported: Int)
    /// This program is tried, and the one before could not use the store afterwards; nothing was touched.
    case oneWay(path: String, found: Int, oldest: Int)
    /// SQLite found the file inconsistent, or a sealed value did not open. Fatal for this file.
    case damaged(path: String, what: String)
    /// The file system refused (permissions, read-only, input/output error).
    case unavailable(path: String, code: Int32)
    /// The device has not joined a hub.
    case notJoined
    /// The device belongs to a hub already.
    case alreadyJoined(hub: String)
    /// The hub ordered the device to erase itself, and it has.
    case wiped(at: Timestamp, hub: String)
    /// There is no such thing in the store.
    case absent(String)
    /// The gallery has a person of that label.
    case labelTaken
    /// The import takes no more rows.
    case importClosed
    /// No use is allowed: see the ground.
    case refused(LeaseGround)
    /// Something bars spending until it is resolved.
    case halted(ConditionState)
    /// A fault of this program's own statements.
    case statement(code: Int32)

    init(_ error: any Error, path: String) {
        if let known = error as? EdgeStoreError {
            self = known
        } else if let sealing = error as? SealError {
            self = .damaged(path: path, what: sealing.what)
        } else if let database = error as? DatabaseError {
            self =
                switch database.resultCode {
                case .SQLITE_BUSY, .SQLITE_LOCKED: .busy(path: path)
                case .SQLITE_FULL: .full(path: path)
                case .SQLITE_CORRUPT, .SQLITE_NOTADB: .damaged(path: path, what: "the database file")
                // SQLite says "input/output error" when it cannot make its shared-memory file on a full disk.
                case .SQLITE_CANTOPEN,
                    .SQLITE_IOERR where DiskSpace.isExhausted(at: path):
                    .full(path: path)
                case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_IOERR, .SQLITE_PERM:
                    .unavailable(path: path, code: database.extendedResultCode.rawValue)
                default: .statement(code: database.extendedResultCode.rawValue)
                }
        } else {
            self = .damaged(path: path, what: "a stored value (\(type(of: error)))")
        }
    }
}

/// Why a lease does not cover a use.
package enum LeaseGround: Error, Sendable, Hashable {
    case missing(APIName)
    case spent(APIName, ceiling: Int64, spent: Int64)
    case expired(APIName, notAfter: Timestamp)
    case notYetValid(APIName, notBefore: Timestamp)
    /// The stored lease is not this hub's, this device's, or this journal's.
    case invalid(APIName)
}
