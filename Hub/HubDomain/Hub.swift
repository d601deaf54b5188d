import HubStorage
import ServiceSupport
import WireModel

/// The hub as the domain sees it: its database, its keys and the time. Subjects extend it, each in a folder of its own.
package struct Hub: Sendable {
    package let database: any HubDatabase
    package let keys: HubKeys
    let clock: any TimeSource

    /// Opens the hub under `directory`, making it when `mayMake`.
    package init(directory: String, mayMake: Bool, clock: any TimeSource = SystemClock()) async throws {
        let file: String = directory + "/hub.sqlite"
        if !mayMake, try PrivateFiles.read(directory + "/keys/authority.pem") == nil {
            throw Problem(.notFound, "There is no hub in that directory.", detail: directory, remedy: "Make one with `vultus-hub init --data \(directory)`.")
        }
        try PrivateFiles.makeDirectory(directory)
        self.clock = clock
        let now: Timestamp = clock.now().wall
        // The database first: one that is newer than this program must be refused before anything is made beside it.
        database = try SQLiteDatabase(path: file)
        keys = try HubKeys(directory: directory + "/keys", now: now)
        _ = try await database.write { connection in
            try connection.execute(
                "INSERT INTO hub (only_row, epoch, created_ms) VALUES (1, 1, ?) ON CONFLICT (only_row) DO NOTHING", [.integer(now.milliseconds)])
        }
    }

    package func now() -> Timestamp { clock.now().wall }

    static func epoch(_ connection: any SQLConnection) throws -> Int64 {
        guard let row = try connection.firstRow("SELECT epoch FROM hub", []) else { throw HubStorageError.damaged }
        return try row.integer("epoch")
    }
}
