import HubStorage
import TestKit
import Testing

@Suite("Schema steps, on each engine")
struct SchemaTests {
    private static let step = Migration(
        name: "9998-step", sql: "ALTER TABLE account ADD COLUMN remark TEXT; CREATE TABLE extra (id TEXT PRIMARY KEY, bytes BYTEA NOT NULL)",
        sqliteSQL: "INSERT INTO extra (id, bytes) VALUES (CAST('sqlite;?' AS TEXT), x'01')",
        postgresSQL: "INSERT INTO extra (id, bytes) VALUES (CAST('postgres;?' AS TEXT), '\\x01')")

    private static let account = "INSERT INTO account (id, name, kind, standing, created_ms) VALUES ('a', 'Acme', 'enterprise', 'active', 1)"

    @Test("a database of the first schema comes up to the newest with its rows", arguments: TestEngine.available)
    func upgrade(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let old = try await test.location.open(migrations: Array(HubSchema.migrations.prefix(1)))
        _ = try await old.write { try $0.execute(Self.account, []) }
        await old.close()
        for _ in 1...2 {
            let new = try await test.location.open(migrations: HubSchema.migrations + [Self.step])
            let row = try await new.read { try $0.rows("SELECT name, remark FROM account", [])[0] }
            #expect(row.values == ["Acme", .null])
            let extra = try await new.read { try $0.rows("SELECT id, bytes FROM extra", []) }
            #expect(extra.map(\.values) == [[.text("\(engine.rawValue);?"), .blob([1])]])
            await new.close()
        }
    }

    @Test("a database that is newer is refused and left alone", arguments: TestEngine.available)
    func newer(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let new = try await test.location.open(migrations: HubSchema.migrations + [Self.step])
        await new.close()
        let known: Int = HubSchema.migrations.count
        await #expect(throws: HubStorageError.newer(found: known + 1, supported: known)) { _ = try await test.location.open() }
        let again = try await test.location.open(migrations: HubSchema.migrations + [Self.step])
        #expect(try await again.count("extra") == 1)
        await again.close()
    }

    @Test("a step that fails leaves the schema before it", arguments: TestEngine.available)
    func failing(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let broken = Migration(name: "9998-broken", sql: "CREATE TABLE half (id BIGINT PRIMARY KEY); CREATE TABLE account (id BIGINT)")
        await #expect(throws: HubStorageError.self) { _ = try await test.location.open(migrations: HubSchema.migrations + [broken]) }
        let database = try await test.location.open()
        #expect(try await database.count("account") == 0)
        await #expect(throws: HubStorageError.self) { _ = try await database.count("half") }
        await database.close()
    }

    @Test("eight hubs that start at once migrate once", arguments: TestEngine.available)
    func together(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        try await withThrowingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    let database = try await test.location.open(poolSize: 1, migrations: HubSchema.migrations + [Self.step])
                    #expect(try await database.count("extra") == 1)
                    await database.close()
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("every table of the schema is listed, and only those", arguments: TestEngine.available)
    func tables(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let database = try await test.location.open()
        let sql: String =
            engine == .sqlite
            ? "SELECT name FROM sqlite_schema WHERE type = 'table'"
            : "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'schema_version'"
        let found: [String] = try await database.read { try $0.rows(sql, []).map { try $0.text("name") } }
        #expect(found.sorted() == HubSchema.tables.sorted())
        await database.close()
    }

    @Test("an argument is a path or a PostgreSQL URI, and its password is never shown")
    func locations() {
        #expect(DatabaseLocation(argument: "/var/lib/vultus/hub.sqlite") == .sqlite(path: "/var/lib/vultus/hub.sqlite"))
        #expect(DatabaseLocation(argument: "") == nil)
        #expect(DatabaseLocation(argument: "mysql://host/x") == nil)
        for (uri, shown) in [
            ("postgres://vultus:s3cret@db.example:5433/hub?sslmode=require", "postgres://vultus@db.example:5433/hub"),
            ("postgresql:///hub?host=/run/postgresql&user=vultus&password=s3cret", "postgres://vultus@/hub?host=/run/postgresql"),
            ("postgres://vultus:s3cret@one,two/hub", "postgres://vultus@one,two/hub"), ("postgres://u:s3cret@host:%zz/hub", "postgres://…"),
        ] {
            #expect(DatabaseLocation(argument: uri) == .postgres(uri: uri))
            #expect(DatabaseLocation(argument: uri)?.redacted == shown)
        }
    }
}
