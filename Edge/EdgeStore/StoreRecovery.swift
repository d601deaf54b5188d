import Crypto
import FoundationEssentials
import GRDB
import Glibc
import ServiceSupport
import WireModel

/// Sets a damaged database aside and puts a new one in its place, with everything in it that reads and proves.
///
/// | step | on disk afterwards | a crash before the next one |
/// |---|---|---|
/// | mark | `edge.sqlite.suspect` | the next open begins here |
/// | set aside | `edge.sqlite.damaged-…`, its log; no `edge.sqlite` | the rest is moved, then as below |
/// | rebuild | `edge.sqlite.new`, `master.key.new` | both are made anew |
/// | install | `edge.sqlite`, `master.key` | a new key that is still there takes the old one's place |
/// | unmark | no `edge.sqlite.suspect` | done |
///
/// The master key is another afterwards: nobody who is erased from the new store can be opened in the old files.
struct StoreRecovery {
    enum Step: Int, CaseIterable, Comparable {
        case mark, setAside, rebuild, install, unmark

        static func < (left: Step, right: Step) -> Bool { left.rawValue < right.rawValue }
    }

    let files: StoreFiles
    let clock: any TimeSource

    /// Takes up what an earlier run began.
    /// - Parameter last: where a test cuts the power.
    /// - Throws: `.damaged` when another process has the store open, or when nothing says who the device is although it had joined.
    func run(reason: String, through last: Step = .unmark) throws {
        guard let lock = try StoreLock(files.lock, alone: true) else {
            throw EdgeStoreError.damaged(path: files.database, what: "\(reason); another process has it open, and must end first")
        }
        defer { withExtendedLifetime(lock) {} }
        try Suspicion.raise(files, reason, at: clock.now().wall)
        guard last > .mark, let suspicion = try Suspicion.read(files) else { return }
        let aside: String = files.aside(suspicion)
        let isInstalled: Bool = try PrivateFiles.exists(aside) && PrivateFiles.exists(files.database)
        if !isInstalled {
            try setAside(as: aside)
            guard last > .setAside else { return }
            try rebuild(from: aside, suspicion)
            guard last > .rebuild else { return }
            try PrivateFiles.move(files.draft, to: files.database)
        }
        if try PrivateFiles.exists(files.draftKey) { try PrivateFiles.move(files.draftKey, to: files.masterKey) }
        guard last > .install else { return }
        PrivateFiles.remove(files.suspicion)
    }

    /// The log first: a database whose log is elsewhere would look older than it is.
    private func setAside(as aside: String) throws {
        PrivateFiles.remove(files.database + "-shm")
        for suffix in ["-wal", ""] where try PrivateFiles.exists(files.database + suffix) {
            try PrivateFiles.move(files.database + suffix, to: aside + suffix)
        }
    }

    private func rebuild(from aside: String, _ suspicion: Suspicion) throws {
        for suffix in ["", "-wal", "-shm"] { PrivateFiles.remove(files.draft + suffix) }
        guard let bytes = try PrivateFiles.read(files.masterKey), bytes.count == 32 else {
            throw EdgeStoreError.damaged(path: files.masterKey, what: "the master key is missing, so nothing sealed can be opened")
        }
        let (old, new): (SymmetricKey, SymmetricKey) = (SymmetricKey(data: bytes), SymmetricKey(size: .bits256))
        let repair = SchemaRepair(files: files)
        defer { repair.remove() }
        let readable: String = (try? repair.run(on: aside)) ?? aside
        let source: EdgeStore? = try? EdgeStore(readingAside: readable, files: files, masterKey: old, clock: clock)
        let queue: DatabaseQueue = try EdgeStore.openDatabase(files.draft)
        try EdgeSchema.migrate(queue, path: files.draft)
        let target = EdgeStore(files: files, queue: queue, masterKey: new, clock: clock, lock: nil)
        let report = DamageReport(found: suspicion.found, reason: suspicion.reason, aside: aside)
        let mark: JournalMark? = JournalMarkFile(path: files.journalHead, masterKey: old).newest()
        try Salvage(source: source, target: target, copy: IdentityCopy.read(files, old), mark: mark).run(report)
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        try queue.close()
        try? source?.queue.close()
        PrivateFiles.remove(aside + "-shm")
        try PrivateFiles.write(new.bytes, to: files.draftKey)
    }
}
