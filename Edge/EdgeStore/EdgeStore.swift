import Crypto
import FoundationEssentials
import GRDB
import Glibc
import ServiceSupport
import WireModel

/// Everything a device keeps: who it is, its sealed gallery, its journal, its leases and its idea of the time,
/// in one SQLite file and one key file under a directory of its own (mode 0700).
///
/// Safe to share between threads and processes: every change is one immediate transaction, `synchronous=FULL`
/// (measured: with `NORMAL`, acknowledged commits are lost on power loss).
package final class EdgeStore: Sendable {
    package let path: String
    let files: StoreFiles
    let queue: DatabaseQueue
    let masterKey: SymmetricKey
    package let clock: any TimeSource
    private let lock: StoreLock?
    package let tally: DecisionTally
    /// Opened keys and proved leases: a decision needs both, and neither changes from one to the next.
    let openedKey = Remembered<Data, P256.Signing.PrivateKey>()
    let provedLeases = Remembered<ProvedLease, Lease?>()
    let keptCopy = Remembered<IdentityCopy, Bool>()

    /// Entries at the end of the journal that are proved when the store is opened: those that a power cut could have met.
    private static let checkedAtOpen: Int64 = 500
    /// A database of fewer bytes is looked through whenever it is opened (20 ms); a larger one after a crash, in the daily check and
    /// by `doctor`.
    private static let checkedWhole: Int64 = 8 << 20

    /// Opens the store under `directory`, making it when it is not there. A damaged one is set aside, and what reads and proves is
    /// carried over into a new one (``StoreRecovery``).
    /// - Parameters:
    ///   - recovers: whether that may be done now; otherwise a damaged store is an error.
    ///   - joinsAnew: a store that was wiped is made new; otherwise it is an error.
    ///   - keepsReadable: a store that what ran before could not use any more is an error: for a program that is tried.
    package convenience init(
        directory: String, clock: any TimeSource = SystemClock(), recovers: Bool = true, joinsAnew: Bool = false, keepsReadable: Bool = false
    ) throws {
        try PrivateFiles.makeDirectory(directory)
        let files = StoreFiles(directory: directory)
        if let mark = try WipedMark.read(files) {
            try Self.removeAll(files)
            guard joinsAnew else { throw mark.error }
            PrivateFiles.remove(files.wiped)
        }
        var sound: EdgeStore?
        do {
            if let suspicion = try Suspicion.read(files) { throw EdgeStoreError.damaged(path: files.database, what: suspicion.reason) }
            sound = try Self.openSound(files, clock, keepsReadable)
        } catch EdgeStoreError.damaged(let path, let what) where recovers && path == files.database {
            try StoreRecovery(files: files, clock: clock).run(reason: what)
            sound = try Self.openSound(files, clock, keepsReadable)
        }
        let store: EdgeStore = sound!
        self.init(files: files, queue: store.queue, masterKey: store.masterKey, clock: clock, lock: store.lock)
    }

    init(files: StoreFiles, queue: DatabaseQueue, masterKey: SymmetricKey, clock: any TimeSource, lock: StoreLock?) {
        self.files = files
        self.queue = queue
        self.masterKey = masterKey
        self.clock = clock
        self.lock = lock
        tally = DecisionTally(started: clock.now().wall)
        path = files.database
    }

    /// A set-aside database, as far as it reads; nothing in it is changed.
    convenience init(readingAside path: String, files: StoreFiles, masterKey: SymmetricKey, clock: any TimeSource) throws {
        var configuration = Configuration()
        configuration.readonly = true
        self.init(files: files, queue: try DatabaseQueue(path: path, configuration: configuration), masterKey: masterKey, clock: clock, lock: nil)
    }

    static func openDatabase(_ file: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.foreignKeysEnabled = true
        configuration.prepareDatabase { database in
            // auto_vacuum: a store gives back what it dropped, a few pages at a time. Before anything is written, or it has no effect.
            // secure_delete: an erased key must not linger in a free page (P5).
            try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON")
        }
        return try DatabaseQueue(path: file, configuration: configuration)
    }

    /// - Throws: `.damaged` when SQLite, the end of the journal or a count says so.
    private static func openSound(_ files: StoreFiles, _ clock: any TimeSource, _ keepsReadable: Bool) throws -> EdgeStore {
        // A log that nobody is using was left by a process that did not end as it should.
        let isDoubtful: Bool = try PrivateFiles.exists(files.database + "-wal") && StoreLock(files.lock, alone: true) != nil
        let lock: StoreLock? = try StoreLock(files.lock, alone: false)
        let queue: DatabaseQueue
        do {
            queue = try openDatabase(files.database)
            // Before anything reads by name: a column that is not there stops the program.
            if let fault = try queue.unsafeRead(EdgeSchema.fault) { throw EdgeStoreError.damaged(path: files.database, what: fault) }
            try EdgeSchema.migrate(queue, path: files.database, keepsReadable: keepsReadable)
        } catch {
            throw EdgeStoreError(error, path: files.database)
        }
        let key: SymmetricKey = try loadMasterKey(files.masterKey, database: queue, path: files.database)
        let store = EdgeStore(files: files, queue: queue, masterKey: key, clock: clock, lock: lock)
        if isDoubtful || fileBytes(files.database) < checkedWhole, let fault = try store.integrityFault() {
            throw EdgeStoreError.damaged(path: files.database, what: fault)
        }
        let mark: JournalMark? = store.journalMarks.newest()
        let fault: String? = try store.read { database in
            guard try database.value(Bool.self, sql: "SELECT EXISTS (SELECT 1 FROM identity WHERE device_id IS NOT NULL)")! else { return nil }
            let identity: DeviceIdentity = try store.identity(database)
            if let fault = try store.fault(behind: mark, database, identity) { return fault }
            let end: Int64 = try store.head(database, identity.journalEpoch).seq
            let first: Int64 = max(try store.watermarks(database).acknowledged, end - checkedAtOpen)
            return try store.chainFault(database, identity, after: nil, from: first)
        }
        if let fault { throw EdgeStoreError.damaged(path: files.database, what: fault) }
        try store.keepIdentityCopy()
        try store.keepJournalMark()
        return store
    }

    /// Whether a store is there, without making one.
    package static func exists(in directory: String) -> Bool {
        (try? PrivateFiles.read(directory + "/master.key")) != nil
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(EdgeStoreError) -> Value {
        do {
            // Not the queue's own reading: it switches `query_only` on and off, at which SQLite compiles every statement anew.
            return try queue.unsafeRead { database in
                var value: Value?
                try database.inTransaction(.deferred) {
                    value = try body(database)
                    return .commit
                }
                return value!  // set on the only path that commits
            }
        } catch {
            throw suspecting(error)
        }
    }

    /// One immediate transaction: it commits when `body` returns, and leaves nothing behind when it throws. Where it moved the journal,
    /// the mark beside the database follows: after the commit, so that it is never ahead of what is on the disk, and before the answer.
    func write<Value>(_ body: (Database) throws -> Value) throws(EdgeStoreError) -> Value {
        do {
            if lock != nil {
                if let suspicion = try Suspicion.read(files) { throw EdgeStoreError.damaged(path: path, what: suspicion.reason) }
                if let mark = try WipedMark.read(files) { throw mark.error }
            }
            return try queue.writeWithoutTransaction { database in
                var value: Value?
                var mark: JournalMark?
                try database.inTransaction(.immediate) {
                    let before: JournalHead? = try lock == nil ? nil : place(database)
                    value = try body(database)
                    if lock != nil, try place(database) != before { mark = try journalMark(database) }
                    return .commit
                }
                if let mark { journalMarks.advance(to: mark) }
                return value!  // set on the only path that commits
            }
        } catch {
            throw suspecting(error)
        }
    }

    /// A damaged database is written no more by anybody, and is set aside when it is next opened. A sealed value that does not open
    /// says nothing of the rest.
    private func suspecting(_ error: any Error) -> EdgeStoreError {
        let known = EdgeStoreError(error, path: path)
        if lock != nil, !(error is SealError), case .damaged(let place, let what) = known, place == path { _ = try? suspect(what) }
        return known
    }

    package var directory: String { files.directory }

    /// Says that the database is damaged: see ``StoreRecovery``.
    package func suspect(_ reason: String) throws { try Suspicion.raise(files, reason, at: clock.now().wall) }

    private static func fileBytes(_ path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// SQLite's own check of the file.
    /// - Returns: `nil` when it is sound, otherwise the first finding.
    package func integrityFault() throws(EdgeStoreError) -> String? {
        let finding: String = try read { try $0.value(String.self, sql: "PRAGMA quick_check(1)") ?? "no answer" }
        return finding == "ok" ? nil : finding
    }

    /// How commits reach the disk, as SQLite itself says: `wal, synchronous 2` is the only right answer.
    package func durability() throws(EdgeStoreError) -> String {
        try read { database in
            "\(try database.value(String.self, sql: "PRAGMA journal_mode") ?? ""), synchronous \(try database.value(Int.self, sql: "PRAGMA synchronous") ?? -1)"
        }
    }

    /// The key that seals the others lives outside the database, so that a stolen database opens nothing.
    private static func loadMasterKey(_ file: String, database: DatabaseQueue, path: String) throws -> SymmetricKey {
        if let bytes = try PrivateFiles.read(file) {
            guard bytes.count == 32 else { throw EdgeStoreError.damaged(path: file, what: "the master key is \(bytes.count) bytes, not 32") }
            return SymmetricKey(data: bytes)
        }
        // Under the database's write lock, so that two first starts agree on one key.
        do {
            return try database.writeWithoutTransaction { connection in
                var key = SymmetricKey(size: .bits256)
                try connection.inTransaction(.immediate) {
                    if let bytes = try PrivateFiles.read(file), bytes.count == 32 {
                        key = SymmetricKey(data: bytes)
                        return .commit
                    }
                    let sealed: Int =
                        try connection.value(Int.self, sql: "SELECT (SELECT count(*) FROM person_key WHERE is_free = 0) + (SELECT count(*) FROM identity)") ?? 0
                    guard sealed == 0 else {
                        throw EdgeStoreError.damaged(path: file, what: "the master key is missing, so nothing sealed can be opened")
                    }
                    try PrivateFiles.write(key.bytes, to: file)
                    return .commit
                }
                return key
            }
        } catch let problem as Problem {
            throw problem
        } catch {
            throw EdgeStoreError(error, path: path)
        }
    }
}
