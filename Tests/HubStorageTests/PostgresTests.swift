import Foundation
import HubStorage
import Synchronization
import TestKit
import Testing
import WireModel

/// Who was in a transaction's body.
private final class Census: Sendable {
    private let state = Mutex((now: 0, most: 0, entered: 0, backends: Set<Int64>()))

    func enter() {
        state.withLock {
            $0.now += 1
            $0.entered += 1
            $0.most = max($0.most, $0.now)
        }
    }

    func leave() { state.withLock { $0.now -= 1 } }

    func note(_ backend: Int64) { state.withLock { _ = $0.backends.insert(backend) } }

    var most: Int { state.withLock { $0.most } }
    var entered: Int { state.withLock { $0.entered } }
    var backends: Int { state.withLock { $0.backends.count } }
}

@Suite("PostgreSQL's connections", .enabled(if: TestEngine.server != nil))
struct PostgresTests {
    @Test("fifty writers share three connections")
    func bound() async throws {
        let test = try TestDatabase(.postgres)
        let database = try await openTestDatabase(test, poolSize: 3)
        let census = Census()
        try await withThrowingTaskGroup { group in
            for id: Int64 in 0..<50 {
                group.addTask {
                    try await database.write { connection in
                        census.enter()
                        defer { census.leave() }
                        let backend: Int64 = try connection.rows("SELECT pg_backend_pid() AS pid", [])[0].integer("pid")
                        census.note(backend)
                        try connection.execute("INSERT INTO thing (id) VALUES (?)", [.integer(id)])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await database.count() == 50)
        #expect(census.most <= 3)
        #expect(census.backends <= 3)
        await database.close()
    }

    /// A server that the test may stop, unlike the one all tests share.
    private func withServer(_ body: (_ folder: String, _ uri: String, _ manage: (String) async throws -> Void) async throws -> Void) async throws {
        let folder: String = FileManager.default.temporaryDirectory.appending(path: "vultus-pg-\(UUID().uuidString.prefix(8))").path
        func manage(_ command: String) async throws -> String {
            let outcome = try await Program.runSystem(Program.repository + "/deploy/postgres", [command, folder])
            try #require(outcome.status == 0, "\(outcome.errors)")
            return outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        do {
            try await body(folder, try await manage("start")) { _ = try await manage($0) }
        } catch {
            _ = try await manage("stop")
            throw error
        }
        _ = try await manage("stop")
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test("a server started anew between two transactions goes unnoticed; one that is gone is named")
    func restart() async throws {
        try await withServer { folder, uri, manage in
            let database = try await PostgresDatabase.open(uri: uri)
            let add: @Sendable (any SQLConnection) throws -> Void = {
                try $0.execute("INSERT INTO account (id, name, kind, standing, created_ms) VALUES (?, ?, 'individual', 'active', 1)", ["a", "A"])
                try $0.execute("DELETE FROM account WHERE id = ?", ["a"])
            }
            try await database.write(add)
            try await manage("restart")
            try await database.write(add)
            #expect(try await database.count("account") == 0)

            try await manage("stop")
            let gone = await #expect(throws: HubStorageError.self) { try await database.write(add) }
            guard case .unavailable? = gone else { throw try #require(gone) }
            await database.close()
            let unopened = await #expect(throws: HubStorageError.self) { _ = try await PostgresDatabase.open(uri: uri) }
            #expect(unopened?.problem.code == .storeUnavailable)
            #expect(unopened?.problem.detail.contains(folder) == true)
        }
    }

    @Test("a transaction whose connection is cut throws, leaves nothing, and the next one works")
    func killed() async throws {
        let test = try TestDatabase(.postgres)
        let server: String = try #require(TestEngine.server)
        let database = try await openTestDatabase(test, poolSize: 1)
        let error = await #expect(throws: HubStorageError.self) {
            try await database.write { connection in
                try connection.execute("INSERT INTO thing (id) VALUES (1)", [])
                let backend: Int64 = try connection.rows("SELECT pg_backend_pid() AS pid", [])[0].integer("pid")
                try PostgresDatabase.execute(script: "SELECT pg_terminate_backend(\(backend), 5000)", at: server)
                try connection.execute("INSERT INTO thing (id) VALUES (2)", [])
            }
        }
        guard case .unavailable? = error else { throw try #require(error) }
        #expect(try await database.count() == 0)
        await database.close()
    }

    @Test("a connection cut before its commit leaves the outcome open, and the body is not run again")
    func cutAtCommit() async throws {
        let test = try TestDatabase(.postgres)
        let server: String = try #require(TestEngine.server)
        let database = try await openTestDatabase(test, poolSize: 1)
        let census = Census()
        let error = await #expect(throws: HubStorageError.self) {
            try await database.write { connection in
                census.enter()
                try connection.execute("INSERT INTO thing (id) VALUES (1)", [])
                let backend: Int64 = try connection.rows("SELECT pg_backend_pid() AS pid", [])[0].integer("pid")
                try PostgresDatabase.execute(script: "SELECT pg_terminate_backend(\(backend), 5000)", at: server)
            }
        }
        guard case .unavailable(_, "08007", _, _)? = error else { throw try #require(error) }
        #expect(census.entered == 1)
        try await database.put(1)
        await database.close()
    }

    @Test("a table altered beside a running hub does not break its prepared statements")
    func altered() async throws {
        let test = try TestDatabase(.postgres)
        let database = try await openTestDatabase(test, poolSize: 1)
        let read: @Sendable (any SQLConnection) throws -> [String]? = { try $0.firstRow("SELECT * FROM thing WHERE id = ?", [1])?.columns }
        try await database.put(1)
        #expect(try await database.read(read)?.count == 4)
        try PostgresDatabase.execute(script: "ALTER TABLE thing ADD COLUMN more TEXT", at: test.argument)
        #expect(try await database.read(read)?.count == 5)
        await database.close()
    }

    @Test("more statements than are kept prepared still work")
    func manyStatements() async throws {
        let test = try TestDatabase(.postgres)
        let database = try await openTestDatabase(test, poolSize: 1)
        for round in 0..<2 {
            let sum: Int64 = try await database.read { connection in
                try (0..<300).reduce(0) { $0 + (try connection.rows("SELECT CAST(? AS BIGINT) + \($1) AS n", [1])[0].integer("n")) }
            }
            #expect(sum == 300 + 299 * 150, "round \(round)")
        }
        let kept: Int64 = try await database.read { try $0.rows("SELECT count(*) AS n FROM pg_prepared_statements", [])[0].integer("n") }
        #expect(kept <= 256)
        await database.close()
    }

    @Test("sessions are set up: time limits, commits on disk, name, encoding")
    func settings() async throws {
        let test = try TestDatabase(.postgres)
        let database = try await openTestDatabase(test)
        for (name, value) in [
            ("statement_timeout", "1min"), ("lock_timeout", "10s"), ("idle_in_transaction_session_timeout", "1min"), ("synchronous_commit", "on"),
            ("application_name", "vultus-hub"), ("client_encoding", "UTF8"),
        ] {
            let found: String = try await database.read { try $0.rows("SELECT current_setting(?) AS value", [.text(name)])[0].text("value") }
            #expect(found == value, "\(name)")
        }
        let level: @Sendable (any SQLConnection) throws -> String = {
            try $0.rows("SELECT current_setting('transaction_isolation') AS value", [])[0].text("value")
        }
        #expect(try await database.write(level) == "serializable")
        #expect(try await database.read(level) == "repeatable read")
        await database.close()
    }

    @Test("a server that cannot be reached is named, its password is not")
    func unreachable() async throws {
        let error = await #expect(throws: HubStorageError.self) {
            _ = try await PostgresDatabase.open(uri: "postgres://vultus:s3cret@127.0.0.1:1/hub")
        }
        let problem: Problem = try #require(error).problem
        #expect(problem.code == .storeUnavailable)
        #expect(problem.detail.contains("vultus@127.0.0.1:1/hub") && problem.detail.contains("refused"))
        #expect(!"\(problem)".contains("s3cret"))
    }
}
