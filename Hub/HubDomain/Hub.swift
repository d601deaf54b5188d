import HubStorage
import ServiceSupport
import WireModel

/// The hub as the domain sees it: its database, its keys and the time. Subjects extend it, each in a folder of its own.
package struct Hub: Sendable {
    package let database: any HubDatabase
    package let keys: HubKeys
    let clock: any TimeSource

    /// Opens the hub under `directory`, making it when `mayMake`.
    package static func open(directory: String, mayMake: Bool, clock: any TimeSource = SystemClock()) async throws -> Hub {
        let hub = try Hub(directory: directory, mayMake: mayMake, clock: clock)
        let now: Int64 = hub.now().milliseconds
        _ = try await hub.database.write { connection in
            try connection.execute("INSERT INTO hub (only_row, epoch, created_ms) VALUES (1, 1, ?) ON CONFLICT (only_row) DO NOTHING", [.integer(now)])
        }
        return hub
    }

    // Apart from `open`, because the optimiser of Swift 6.3.1 crashes on an asynchronous initialiser here.
    private init(directory: String, mayMake: Bool, clock: any TimeSource) throws {
        if !mayMake, try PrivateFiles.read(directory + "/keys/authority.pem") == nil {
            throw Problem(.notFound, "There is no hub in that directory.", detail: directory, remedy: "Make one with `vultus-hub init --data \(directory)`.")
        }
        try PrivateFiles.makeDirectory(directory)
        self.clock = clock
        // The database first: one that is newer than this program must be refused before anything is made beside it.
        database = try SQLiteDatabase(path: directory + "/hub.sqlite")
        keys = try HubKeys(directory: directory + "/keys", now: clock.now().wall)
    }

    package func now() -> Timestamp { clock.now().wall }

    static func epoch(_ connection: any SQLConnection) throws -> Int64 {
        guard let row = try connection.firstRow("SELECT epoch FROM hub", []) else { throw HubStorageError.damaged }
        return try row.integer("epoch")
    }
}
