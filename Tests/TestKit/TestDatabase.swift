import Foundation
import HubStorage

/// The engines a storage test runs on.
package enum TestEngine: String, CaseIterable, Sendable {
    case sqlite, postgres

    /// PostgreSQL only where `VULTUS_TEST_POSTGRES` holds a URI; `deploy/postgres start DIR` prints one.
    package static let available: [TestEngine] = {
        if server != nil { return allCases }
        print("NOTICE: VULTUS_TEST_POSTGRES is not set: nothing is tested on PostgreSQL. `deploy/postgres start DIR` prints what to set it to.")
        return [.sqlite]
    }()

    /// What tests of anything above storage run on: `VULTUS_TEST_ENGINE`, or SQLite.
    package static let current: TestEngine = ProcessInfo.processInfo.environment["VULTUS_TEST_ENGINE"].flatMap(TestEngine.init) ?? .sqlite

    /// The URI of the server that tests may make schemas on.
    package static let server: String? = ProcessInfo.processInfo.environment["VULTUS_TEST_POSTGRES"].flatMap { $0.isEmpty ? nil : $0 }
}

/// A database nobody else uses: a file in a folder of its own, or a schema of its own on the test server. Gone with this object.
package final class TestDatabase: Sendable {
    package let location: DatabaseLocation
    private let folder: String?
    private let schema: (name: String, server: String)?

    package init(_ engine: TestEngine = .current) throws {
        let name: String = UUID().uuidString.lowercased().replacing("-", with: "")
        switch engine {
        case .sqlite:
            let folder: String = FileManager.default.temporaryDirectory.appending(path: "vultus-database-\(name)").path
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            self.folder = folder
            schema = nil
            location = .sqlite(path: folder + "/hub.sqlite")
        case .postgres:
            guard let server = TestEngine.server else { throw NoTestServer() }
            let schema: String = "t_" + name
            try PostgresDatabase.execute(script: "CREATE SCHEMA \(schema)", at: server)
            self.schema = (schema, server)
            folder = nil
            location = .postgres(uri: server + (server.contains("?") ? "&" : "?") + "options=-csearch_path%3D\(schema)")
        }
    }

    /// Changes the database behind the hub's back, as whoever has it in hand could.
    package func execute(_ sql: String, _ values: [SQLValue] = []) async throws {
        try await location.use { database in _ = try await database.write { try $0.execute(sql, values) } }
    }

    package func rows(_ sql: String, _ values: [SQLValue] = []) async throws -> [SQLRow] {
        try await location.use { database in try await database.read { try $0.rows(sql, values) } }
    }

    /// How somebody's password is kept, as whoever reads the database sees it.
    package func passwordHash(of email: String) async throws -> String {
        try await rows("SELECT password_hash FROM principal WHERE email = ?", [.text(email)]).first?.textOrNil("password_hash") ?? ""
    }

    /// SQLite in a file that somebody else makes and removes.
    package init(file path: String) {
        location = .sqlite(path: path)
        folder = nil
        schema = nil
    }

    package struct NoTestServer: Error, CustomStringConvertible {
        package var description: String { "VULTUS_TEST_POSTGRES is not set; `deploy/postgres start DIR` prints what to set it to." }
    }

    /// What SQLite's path or PostgreSQL's URI is, as a hub's option takes it.
    package var argument: String {
        switch location {
        case .sqlite(let path): path
        case .postgres(let uri): uri
        }
    }

    /// A folder for the keys of a hub on this database, gone with it.
    package let folderForKeys: String = FileManager.default.temporaryDirectory.appending(path: "vultus-keys-\(UUID().uuidString)").path

    deinit {
        try? FileManager.default.removeItem(atPath: folderForKeys)
        // Whatever stays behind is in a temporary folder or on a server for tests.
        if let folder { try? FileManager.default.removeItem(atPath: folder) }
        if let schema { try? PostgresDatabase.execute(script: "DROP SCHEMA \(schema.name) CASCADE", at: schema.server) }
    }
}
