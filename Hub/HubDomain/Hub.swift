import HubAccess
import HubOutbound
import HubStorage
import ServiceSupport
import WireModel

/// The hub as the domain sees it: its database, its keys, the time, and the few ways it reaches outside. Subjects
/// extend it, each in a folder of its own.
package struct Hub: Sendable {
    package let database: any HubDatabase
    package let keys: HubKeys
    /// Keys and anchors, and the database too when it is SQLite.
    package let directory: String
    let clock: any TimeSource
    let hasher: PasswordHasher
    let sealer: SecretSealer
    let resolver: any DomainResolver
    let meter: Meter
    /// What this hub holds of galleries in memory, opened.
    let galleryMemory = GalleryMemory()
    /// How much of the changes a device is told at once.
    package var feedRoom = FeedRoom()
    let syncPace = SyncPace()

    /// Opens the hub under `directory`, making it when `mayMake`.
    /// - Parameters:
    ///   - database: `nil` is SQLite in that directory.
    ///   - passwords: what new passwords are hashed with.
    /// - Throws: `keysForeign` when the database belongs to other keys than those of the directory.
    package static func open(
        directory: String, database location: DatabaseLocation? = nil, mayMake: Bool, clock: any TimeSource = SystemClock(),
        passwords: PasswordParameters = .current, resolver: (any DomainResolver)? = nil
    ) async throws -> Hub {
        let hasKeys: Bool = try PrivateFiles.read(directory + "/keys/authority.pem") != nil
        if !mayMake, !hasKeys {
            throw Problem(.notFound, "There is no hub in that directory.", detail: directory, remedy: "Make one with `vultus-hub init --data \(directory)`.")
        }
        if !mayMake, case .sqlite(let path)? = location, try !PrivateFiles.exists(path) {
            throw Problem(
                .notFound, "There is no such database.", detail: path, remedy: "Check the path; `vultus-hub database copy --to` makes one, and so does `serve`."
            )
        }
        try PrivateFiles.makeDirectory(directory)
        // The database first: one that is newer than this program must be refused before anything is made beside it.
        let database: any HubDatabase = try await (location ?? .sqlite(path: directory + "/hub.sqlite")).open()
        return try await open(directory: directory, on: database, clock: clock, passwords: passwords, resolver: resolver)
    }

    /// The same over a database that is open.
    package static func open(
        directory: String, on database: any HubDatabase, clock: any TimeSource, passwords: PasswordParameters = .current,
        resolver: (any DomainResolver)? = nil
    ) async throws -> Hub {
        let hasKeys: Bool = try PrivateFiles.read(directory + "/keys/authority.pem") != nil
        let recorded: String? = try await database.read { try $0.firstRow("SELECT authority FROM hub", [])?.text("authority") }
        guard hasKeys || (recorded ?? "").isEmpty else { throw foreign(directory, recorded ?? "") }
        // A hub that has audited under its keys has all of them: none of them is made anew, which would hide that one was lost.
        let hub = try Hub(
            directory: directory, database: database, clock: clock, passwords: passwords, resolver: try resolver ?? SystemDomainResolver(),
            mayMakeKeys: (recorded ?? "").isEmpty)
        try await hub.prepare()
        return hub
    }

    private init(
        directory: String, database: any HubDatabase, clock: any TimeSource, passwords: PasswordParameters, resolver: any DomainResolver, mayMakeKeys: Bool
    )
        throws
    {
        self.directory = directory
        self.database = database
        self.clock = clock
        self.resolver = resolver
        meter = Meter(database: database, clock: clock)
        keys = try HubKeys(directory: directory + "/keys", now: clock.now().wall, mayMake: mayMakeKeys)
        hasher = PasswordHasher(parameters: passwords)
        sealer = SecretSealer(key: keys.sealingKey)
    }

    /// The rows without which nothing works; does nothing when they are there.
    private func prepare() async throws {
        let fingerprint: String = keys.fingerprint
        let directory: String = directory
        try await act(.system("open")) { connection, trail, now in
            try connection.execute(
                "INSERT INTO hub (only_row, epoch, created_ms, authority) VALUES (1, 1, ?, ?) ON CONFLICT (only_row) DO NOTHING",
                [.integer(now.milliseconds), .text(fingerprint)])
            let recorded: String = try connection.rows("SELECT authority FROM hub", [])[0].text("authority")
            if recorded.isEmpty {
                try connection.execute("UPDATE hub SET authority = ?", [.text(fingerprint)])
            } else if recorded != fingerprint {
                throw Self.foreign(directory, recorded)
            }
            try connection.execute(
                "INSERT INTO audit_head (only_row, seq, hash) VALUES (1, 0, ?) ON CONFLICT (only_row) DO NOTHING", [.blob(EntryHash.genesis.bytes)])
            try ShippedAgreements.publish(connection, trail: trail, now: now)
            let isFirst: Bool =
                try connection.execute(
                    "INSERT INTO hub_presence (only_row, seen_ms, resumed_ms) VALUES (1, ?, ?) ON CONFLICT (only_row) DO NOTHING",
                    [.integer(now.milliseconds), .integer(now.milliseconds)]) == 1
            if isFirst { for rule in AlertRuleDraft.shipped { _ = try Self.add(rule, connection, trail, now) } }
        }
    }

    private static func foreign(_ directory: String, _ recorded: String) -> Problem {
        Problem(
            .keysForeign, "This database belongs to a hub with other keys.", detail: "\(directory)/keys; the database names authority \(recorded.prefix(16))…",
            remedy: "Copy the keys directory of the hub that made the database into this data directory: devices trust only that authority.")
    }

    package func now() -> Timestamp { clock.now().wall }

    /// Returns when no statement runs any more and every connection is closed.
    package func close() async { await database.close() }

    static func epoch(_ connection: any SQLConnection) throws -> Int64 {
        guard let row = try connection.firstRow("SELECT epoch FROM hub", []) else { throw HubStorageError.damaged }
        return try row.integer("epoch")
    }
}
