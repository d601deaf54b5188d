import Crypto
import FoundationEssentials
import HubStorage
import ServiceSupport
import WireModel

/// What a backup holds, in a file beside it: enough to check it without opening a hub.
package struct BackupManifest: Sendable, Codable {
    package let created: Timestamp
    package let hubEpoch: Int64
    /// Of the hub's authority: only with those keys is the backup of use.
    package let authority: String
    package let auditSeq: Int64
    package let auditHash: EntryHash
    package let tables: [TableSummary]

    package var rows: Int { tables.reduce(0) { $0 + $1.rows } }
}

extension Hub {
    /// Copies the database, from one consistent view and while the hub serves, into a new SQLite file: whichever engine it
    /// comes from. Both sides are compared before it counts. Keys are not in it: they are backed up once, apart.
    ///
    /// Then devices are told, at their next sync, up to where their journal is safe.
    /// - Throws: `conflict` when the file exists.
    package func backUp(to path: String, by actor: Actor, progress: @escaping @Sendable (String, Int) -> Void = { _, _ in }) async throws -> BackupManifest {
        guard try PrivateFiles.read(path) == nil else {
            throw Problem(.conflict, "A file of that name is there already.", detail: path, remedy: "Name another file: a backup never overwrites one.")
        }
        let draft: String = path + ".part"
        Self.removeDatabase(draft)
        defer { Self.removeDatabase(draft) }
        let (manifest, watermarks): (BackupManifest, [(device: String, epoch: Int64, seq: Int64)]) =
            try await Self.naming(path, isWriting: true) {
                try await DatabaseLocation.sqlite(path: draft).use { copy in
                    let tables: [TableSummary] = try await DatabaseCopy.copy(from: database, to: copy, progress: progress)
                    let manifest: BackupManifest = try await Self.manifest(copy, tables: tables, now: now())
                    return (
                        manifest,
                        try await copy.read { connection in
                            try connection.rows("SELECT id, journal_epoch, head_seq FROM device", []).map {
                                (try $0.text("id"), try $0.integer("journal_epoch"), try $0.integer("head_seq"))
                            }
                        }
                    )
                }
            }
        try PrivateFiles.write(try JSON.bytes(manifest, pretty: true), to: path + ".json")
        try PrivateFiles.move(draft, to: path)
        let summary: String = SHA256.hash(data: try JSON.bytes(manifest)).hexadecimal
        try await act(actor) { connection, trail, _ in
            for mark in watermarks {
                try connection.execute(
                    "UPDATE device SET backed_up_seq = ? WHERE id = ? AND journal_epoch = ? AND backed_up_seq < ?",
                    [.integer(mark.seq), .text(mark.device), .integer(mark.epoch), .integer(mark.seq)])
            }
            try trail.record(.hubBackup, subject: "backup", ["rows": "\(manifest.rows)", "manifest": summary])
        }
        return manifest
    }

    /// What goes wrong with a backup's file is said of that file, not of the hub's database.
    private static func naming<Value>(_ path: String, isWriting: Bool = false, _ work: () async throws -> Value) async throws -> Value {
        do { return try await work() } catch let error as HubStorageError {
            switch error {
            // While one is written, damage and a server that is away are the hub's.
            case .damaged, .statement, .unexpectedValue:
                if isWriting { throw error }
                throw Problem(
                    .storeDamaged, "The backup is damaged, or is no backup.", detail: path, remedy: "Use another backup; the hub itself was not touched.")
            case .full:
                throw Problem(
                    .storeFull, "The disk of the backup is full.", detail: path, remedy: "Free space there, or name a file on another disk; the hub goes on.")
            case .unavailable(_, let state, let server, _):
                guard state.isEmpty, server.isEmpty else { throw error }
                throw Problem(
                    .fileUnreadable, "The backup's file cannot be opened or written.", detail: path,
                    remedy: "Check that its folder exists and may be written to.")
            default: throw error
            }
        }
    }

    private static func manifest(_ copy: any HubDatabase, tables: [TableSummary], now: Timestamp) async throws -> BackupManifest {
        try await copy.read { connection in
            guard let hub = try connection.firstRow("SELECT epoch, authority FROM hub", []),
                let head = try connection.firstRow("SELECT seq, hash FROM audit_head", []), let hash = EntryHash(try head.blob("hash"))
            else { throw HubStorageError.damaged }
            return BackupManifest(
                created: now, hubEpoch: try hub.integer("epoch"), authority: try hub.text("authority"), auditSeq: try head.integer("seq"), auditHash: hash,
                tables: tables)
        }
    }

    static func removeDatabase(_ path: String) {
        for suffix in ["", "-wal", "-shm", "-journal"] { PrivateFiles.remove(path + suffix) }
    }

    /// Reads a backup whole and holds it against its manifest.
    package static func checkBackup(_ path: String) async throws -> BackupManifest {
        guard let bytes = try PrivateFiles.read(path + ".json"), try PrivateFiles.exists(path) else {
            throw Problem(
                .fileUnreadable, "That is not a backup: the database or its manifest is missing.", detail: "\(path), \(path).json",
                remedy: "Keep both files of a backup together.")
        }
        let manifest: BackupManifest
        do { manifest = try JSON.value(BackupManifest.self, from: bytes) } catch {
            throw Problem(.storeDamaged, "The backup's manifest cannot be read.", detail: path + ".json", remedy: "Use another backup.")
        }
        let found: [TableSummary] = try await naming(path) {
            try await DatabaseLocation.sqlite(path: path).use { try await DatabaseCopy.summaries(of: $0) }
        }
        // A backup of an older schema was brought up to date by being opened: what it had must still be the same.
        let differing: [String] = manifest.tables.filter { table in !found.contains(table) }.map(\.name)
        let isOlder: Bool = manifest.tables.count < found.count
        guard differing.isEmpty || isOlder else {
            throw Problem(
                .storeDamaged, "The backup is not what its manifest says.", detail: "tables \(differing.joined(separator: ", "))",
                remedy: "Use another backup.")
        }
        return manifest
    }

    /// Makes a hub's empty database from a backup, under a new epoch: devices see it and send what the backup does not
    /// hold. Sessions and mailed tokens do not come back, since they may have been ended after the backup.
    /// - Throws: `keysForeign` when the keys in `directory` are not those of the backup.
    package static func restore(
        from path: String, directory: String, database location: DatabaseLocation?, by actor: Actor, clock: any TimeSource = SystemClock(),
        progress: @escaping @Sendable (String, Int) -> Void = { _, _ in }
    ) async throws -> BackupManifest {
        let manifest: BackupManifest = try await checkBackup(path)
        guard try PrivateFiles.read(directory + "/keys/authority.pem") != nil else {
            throw Problem(
                .keysForeign, "The hub's keys are not in that directory.", detail: directory + "/keys",
                remedy: "Put the keys directory back first; it was backed up apart.")
        }
        let keys = try HubKeys(directory: directory + "/keys", now: clock.now().wall, mayMake: false)
        guard keys.fingerprint == manifest.authority else {
            throw Problem(
                .keysForeign, "The backup is of a hub with other keys.", detail: "authority \(manifest.authority.prefix(16))…",
                remedy: "Put the keys of that hub into \(directory)/keys.")
        }
        try await (location ?? .sqlite(path: directory + "/hub.sqlite")).use { target in
            let now: Timestamp = clock.now().wall
            let anchors = AuditAnchorFile(directory: directory)
            // Never an epoch that was there before: devices would not see that the hub was restored once more from the same backup.
            let known: Int64 = max(manifest.hubEpoch, try anchors.read().map(\.hubEpoch).max() ?? 0)
            // One transaction: a hub that is half restored would serve under the old epoch.
            let finish: @Sendable (any SQLConnection) throws -> Void = { connection in
                let epoch: Int64 = try connection.rows("UPDATE hub SET epoch = ? RETURNING epoch", [.integer(known + 1)])[0].integer("epoch")
                try connection.execute("DELETE FROM session", [])
                try connection.execute("DELETE FROM mail_token", [])
                try connection.execute("UPDATE mail SET state = 'failed', sealed = NULL, fault = 'the hub was restored' WHERE state = 'queued'", [])
                let seq: Int64 = try AuditTrail(connection: connection, actor: actor, now: now).record(
                    .hubRestore, subject: "backup", ["epoch": "\(epoch)", "created": manifest.created.description])
                guard let hash = EntryHash(try connection.rows("SELECT hash FROM audit_head", [])[0].blob("hash")) else { throw HubStorageError.damaged }
                // Before the commit: a line for a restore that was cut off harms nothing, a restore without its line would look like tampering.
                try anchors.append(try AuditAnchor(seq: seq, hash: hash, hubEpoch: epoch, time: now, isRestore: true, signedBy: keys.auditKey))
            }
            _ = try await DatabaseLocation.sqlite(path: path).use {
                try await DatabaseCopy.copy(from: $0, to: target, finish: finish, progress: progress)
            }
        }
        return manifest
    }

    /// Copies a hub to another database, an empty one, and compares every table's count and hash. The keys stay where they are.
    package static func copyDatabase(
        directory: String, from: DatabaseLocation?, to: DatabaseLocation, by actor: Actor,
        progress: @escaping @Sendable (String, Int) -> Void = { _, _ in }
    ) async throws -> [TableSummary] {
        let hub: Hub = try await open(directory: directory, database: from, mayMake: false)
        do {
            let tables: [TableSummary] = try await to.use { target in
                _ = try await hub.act(actor) { _, trail, _ in try trail.record(.hubCopy, subject: to.engine.rawValue) }
                return try await DatabaseCopy.copy(from: hub.database, to: target, progress: progress)
            }
            await hub.close()
            return tables
        } catch {
            await hub.close()
            throw error
        }
    }
}
