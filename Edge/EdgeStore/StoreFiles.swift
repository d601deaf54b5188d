import Glibc
import ServiceSupport
import WireModel

/// What lies in a device's directory.
struct StoreFiles: Sendable {
    let directory: String

    var database: String { directory + "/edge.sqlite" }
    var masterKey: String { directory + "/master.key" }
    /// Who the device is, sealed: with it a device whose database is lost can still speak to its hub.
    var identityCopy: String { directory + "/identity.json" }
    /// How far the journal went: ``JournalMarkFile``.
    var journalHead: String { directory + "/journal-head" }
    /// Says that the database is to be set aside: ``Suspicion``.
    var suspicion: String { directory + "/edge.sqlite.suspect" }
    /// The store that takes its place, and its key, while they are made.
    var draft: String { directory + "/edge.sqlite.new" }
    var draftKey: String { directory + "/master.key.new" }
    /// A copy of the set-aside database whose schema was put right, for as long as it is read: ``SchemaRepair``.
    var repaired: String { directory + "/edge.sqlite.repaired" }
    var lock: String { directory + "/store.lock" }

    /// Says that the device was wiped: ``WipedMark``.
    var wiped: String { directory + "/wiped.json" }

    /// Of a directory's files those that hold something of the device's. The lock and the mark stay.
    func isOurs(_ name: String) -> Bool {
        ["edge.sqlite", "master.key", "identity.json", "journal-head"].contains { name.hasPrefix($0) } || name.hasSuffix(".token")
    }

    func aside(_ suspicion: Suspicion) -> String { directory + "/edge.sqlite.damaged-\(suspicion.found.milliseconds)" }
}

/// Why a database is to be set aside.
struct Suspicion: Codable, Sendable {
    /// By the wall clock; names the set-aside files.
    let found: Timestamp
    let reason: String

    static func read(_ files: StoreFiles) throws -> Suspicion? {
        try PrivateFiles.read(files.suspicion).map { bytes in
            // A suspicion that cannot be read is one all the same.
            (try? JSON.value(Suspicion.self, from: bytes)) ?? Suspicion(found: Timestamp(milliseconds: 0), reason: "unknown")
        }
    }

    /// The first one stays.
    static func raise(_ files: StoreFiles, _ reason: String, at now: Timestamp) throws {
        guard try !PrivateFiles.exists(files.suspicion) else { return }
        try PrivateFiles.write(try JSON.bytes(Suspicion(found: now, reason: reason)), to: files.suspicion)
    }
}

/// Held by every process that has the store open, shared; alone by the one that recovers it.
final class StoreLock: Sendable {
    private let descriptor: CInt

    /// - Returns: `nil` when it is held alone by another, or, to hold it alone, by anybody.
    init?(_ path: String, alone: Bool) throws(Problem) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Problem(
                errno == ENOSPC ? .storeFull : .storeUnavailable, "The store's lock cannot be made.", detail: "\(path): \(String(cString: strerror(errno)))",
                remedy: "Check that the directory is writable for this user and that the disk has room.")
        }
        guard flock(descriptor, alone ? LOCK_EX | LOCK_NB : LOCK_SH) == 0 else { return nil }
    }

    deinit { close(descriptor) }
}
