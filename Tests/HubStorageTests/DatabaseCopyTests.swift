import HubStorage
import TestKit
import Testing

@Suite("Copies, on each engine")
struct DatabaseCopyTests {
    /// More rows than a piece holds, with NULLs, blobs and texts of every size.
    private static func fill(_ database: any HubDatabase) async throws {
        try await database.write { connection in
            try connection.execute("INSERT INTO hub (only_row, epoch, created_ms) VALUES (1, 3, 42)", [])
            for id in 0..<650 {
                try connection.execute(
                    "INSERT INTO account (id, name, kind, standing, created_ms) VALUES (?, ?, 'individual', 'active', ?)",
                    [.text("\(id % 2 == 0 ? "A" : "a")-\(id)"), .text("Zoë \(id) 漢"), .integer(Int64(id))])
            }
            for id in 0..<30 {
                try connection.execute(
                    """
                    INSERT INTO device (id, account_id, label, public_key, key_thumbprint, certificate_pem, certificate_serial, revoked_ms, journal_epoch,
                        created_ms, agent_version, clock_skew_ms, head_seq, head_hash, head_signature)
                    VALUES (?, 'A-0', '', ?, 't', ?, ?, ?, 1, 1, '1', -5, 0, ?, ?)
                    """,
                    [
                        .text("d\(id)"), .blob([UInt8](repeating: UInt8(id), count: id * 4_000)), .text(String(repeating: "p", count: id * 5_000)),
                        .text("s\(id)"), id % 2 == 0 ? .null : .integer(Int64(id)), .blob([]), id % 3 == 0 ? .null : .blob([0, 1]),
                    ])
            }
        }
    }

    @Test("from one engine to another and back, everything is the same", arguments: TestEngine.available, TestEngine.available)
    func roundTrip(_ first: TestEngine, _ second: TestEngine) async throws {
        let tests = [try TestDatabase(first), try TestDatabase(second), try TestDatabase(first)]
        var databases: [any HubDatabase] = []
        for test in tests { databases.append(try await test.location.open(poolSize: 2)) }
        try await Self.fill(databases[0])
        // What opening a hub leaves there.
        _ = try await databases[1].write { try $0.execute("INSERT INTO hub (only_row, epoch, created_ms) VALUES (1, 1, 7)", []) }
        let original: [TableSummary] = try await DatabaseCopy.summaries(of: databases[0])
        #expect(original.map(\.name) == HubSchema.tables)
        #expect(original[0].rows == 1 && (original.first { $0.name == "account" }?.rows ?? 0) == 650)
        #expect(try await DatabaseCopy.copy(from: databases[0], to: databases[1]) == original)
        #expect(try await DatabaseCopy.copy(from: databases[1], to: databases[2]) == original)
        for database in databases {
            #expect(try await DatabaseCopy.summaries(of: database) == original)
            #expect(try await DatabaseCopy.integrity(of: database) == [])
        }
        for database in databases { await database.close() }
    }

    @Test("a target that holds rows is refused and left alone", arguments: TestEngine.available)
    func notEmpty(_ engine: TestEngine) async throws {
        let tests = [try TestDatabase(engine), try TestDatabase(engine)]
        let (source, target) = (try await tests[0].location.open(), try await tests[1].location.open())
        try await Self.fill(source)
        _ = try await target.write {
            try $0.execute("INSERT INTO account (id, name, kind, standing, created_ms) VALUES ('x', 'X', 'individual', 'active', 1)", [])
        }
        let before = try await DatabaseCopy.summaries(of: target)
        await #expect(throws: HubStorageError.notEmpty(table: "account")) { try await DatabaseCopy.copy(from: source, to: target) }
        #expect(try await DatabaseCopy.summaries(of: target) == before)
        await source.close()
        await target.close()
    }

    @Test("a value that was flipped shows in the summary of its table and of no other", arguments: TestEngine.available)
    func flipped(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let database = try await test.location.open()
        try await Self.fill(database)
        let before = try await DatabaseCopy.summaries(of: database)
        for change in [
            "UPDATE account SET created_ms = created_ms + 1 WHERE id = 'a-649'", "UPDATE account SET name = '' WHERE id = 'A-0'",
            "UPDATE account SET standing = 'ended' WHERE id = 'A-2'",
        ] {
            _ = try await database.write { try $0.execute(change, []) }
            let after = try await DatabaseCopy.summaries(of: database)
            #expect(zip(before, after).filter { $0 != $1 }.map(\.0.name) == ["account"])
        }
        await database.close()
    }

    @Test("a source that fails half way leaves the target empty, and the source's error is the one thrown", arguments: TestEngine.available)
    func sourceFails(_ engine: TestEngine) async throws {
        let tests = [try TestDatabase(engine), try TestDatabase(engine)]
        let (source, target) = (try await tests[0].location.open(), try await tests[1].location.open())
        try await Self.fill(source)
        _ = try await source.write { try $0.execute("DROP TABLE fork_alarm", []) }
        let error = await #expect(throws: HubStorageError.self) { try await DatabaseCopy.copy(from: source, to: target) }
        guard case .statement? = error else { throw try #require(error) }
        #expect(try await DatabaseCopy.summaries(of: target).allSatisfy { $0.rows == 0 })
        await source.close()
        await target.close()
    }
}
