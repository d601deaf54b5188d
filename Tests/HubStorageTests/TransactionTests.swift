import Dispatch
import HubStorage
import TestKit
import Testing

@Suite("Transactions, on each engine")
struct TransactionTests {
    @Test("what throws leaves nothing", arguments: TestEngine.available)
    func rollback(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let database = try await openTestDatabase(test)
        await #expect(throws: Refusal.self) {
            try await database.write { connection in
                try connection.execute("INSERT INTO thing (id) VALUES (1)", [])
                throw Refusal()
            }
        }
        #expect(try await database.count() == 0)
        await database.close()
    }

    @Test("closed twice, at once or one after the other, it is closed, and all is there when it is opened again", arguments: TestEngine.available)
    func closedTwice(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let database = try await openTestDatabase(test)
        try await database.put(1)
        await withTaskGroup { group in
            for _ in 0..<3 { group.addTask { await database.close() } }
        }
        await database.close()
        let again = try await openTestDatabase(test)
        #expect(try await again.count() == 1)
        await again.close()
    }

    @Test("a broken key, reference or check is a constraint", arguments: TestEngine.available)
    func constraints(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let database = try await openTestDatabase(test)
        try await database.put(1)
        for sql in [
            "INSERT INTO thing (id) VALUES (1)", "INSERT INTO part (id, thing_id) VALUES (1, 9)", "INSERT INTO part (id) VALUES (1)",
            "INSERT INTO hub (only_row, epoch, created_ms) VALUES (2, 1, 1)",
        ] {
            await #expect(throws: HubStorageError.constraint, "\(sql)") { _ = try await database.write { try $0.execute(sql, []) } }
        }
        #expect(try await database.count() == 1)
        await database.close()
    }

    @Test("a transaction whose statement failed commits nothing, whatever its body makes of it", arguments: TestEngine.available)
    func failed(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let database = try await openTestDatabase(test)
        await #expect(throws: HubStorageError.constraint) {
            try await database.write { connection in
                try connection.execute("INSERT INTO thing (id) VALUES (1)", [])
                _ = try? connection.execute("INSERT INTO thing (id) VALUES (1)", [])
                #expect(throws: HubStorageError.constraint) { try connection.rows("SELECT id FROM thing", []) }
            }
        }
        #expect(try await database.count() == 0)
        await database.close()
    }

    @Test("a read cannot write", arguments: TestEngine.available)
    func readOnly(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let database = try await openTestDatabase(test)
        await #expect(throws: HubStorageError.self) { _ = try await database.read { try $0.execute("INSERT INTO thing (id) VALUES (1)", []) } }
        #expect(try await database.count() == 0)
        await database.close()
    }

    @Test("a read sees one state from beginning to end", arguments: TestEngine.available)
    func snapshot(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let database = try await openTestDatabase(test)
        try await database.put(1)
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let written = DispatchSemaphore(value: 0)
        async let counts: [Int64] = database.read { connection in
            let before: Int64 = try connection.rows("SELECT count(*) AS n FROM thing", [])[0].integer("n")
            begin.finish()
            #expect(written.wait(timeout: .now() + 10) == .success)
            return [before, try connection.rows("SELECT count(*) AS n FROM thing", [])[0].integer("n")]
        }
        for await _ in begun {}
        try await database.put(2)
        written.signal()
        #expect(try await counts == [1, 1])
        #expect(try await database.count() == 2)
        await database.close()
    }

    @Test("ten counters that read, add and write lose nothing", arguments: TestEngine.available)
    func counters(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let database = try await openTestDatabase(test)
        try await database.put(1)
        try await withThrowingTaskGroup { group in
            for _ in 0..<10 {
                group.addTask {
                    for _ in 0..<50 {
                        try await database.write { connection in
                            let number: Int64 = try connection.rows("SELECT number FROM thing WHERE id = 1", [])[0].integer("number")
                            try connection.execute("UPDATE thing SET number = ? WHERE id = 1", [.integer(number + 1)])
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await database.number(of: 1) == 500)
        await database.close()
    }

    @Test("two that each read both rows and change one cannot both go by what they saw", arguments: TestEngine.available)
    func writeSkew(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let database = try await openTestDatabase(test)
        try await database.put(1, number: 1)
        try await database.put(2, number: 1)
        // On SQLite the second cannot begin before the first has ended.
        let meeting: Meeting? = engine == .postgres ? Meeting(of: 2) : nil
        try await withThrowingTaskGroup { group in
            for id: Int64 in [1, 2] {
                group.addTask {
                    try await database.write { connection in
                        let sum: Int64 = try connection.rows("SELECT sum(number) AS n FROM thing", [])[0].integer("n")
                        meeting?.arriveAndWait()
                        if sum == 2 { try connection.execute("UPDATE thing SET number = 0 WHERE id = ?", [.integer(id)]) }
                    }
                }
            }
            try await group.waitForAll()
        }
        let (first, second) = (try await database.number(of: 1), try await database.number(of: 2))
        #expect(first + second == 1)
        await database.close()
    }

    @Test("streams 5,000 rows, with other statements run meanwhile", arguments: TestEngine.available)
    func streaming(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let database = try await openTestDatabase(test)
        try await database.write { connection in
            for id: Int64 in 1...5_000 { try connection.execute("INSERT INTO thing (id, number) VALUES (?, ?)", [.integer(id), .integer(id * 2)]) }
        }
        let seen: [Int64] = try await database.write { connection in
            var seen: [Int64] = []
            try connection.forEachRow("SELECT id, number FROM thing WHERE id > ? ORDER BY id", [0]) { row in
                let id: Int64 = try row.integer("id")
                seen.append(id)
                guard id % 1_000 == 0 else { return }
                try connection.execute("INSERT INTO part (id, thing_id) VALUES (?, ?)", [.integer(id), .integer(id)])
                var inner: Int = 0
                try connection.forEachRow("SELECT id, number FROM thing WHERE id > ? ORDER BY id", [4_000]) { _ in inner += 1 }
                #expect(inner == 1_000)
            }
            return seen
        }
        #expect(seen == Array(1...5_000))
        #expect(try await database.count("part") == 5)
        await #expect(throws: Refusal.self) {
            try await database.read { try $0.forEachRow("SELECT id FROM thing", []) { _ in throw Refusal() } }
        }
        #expect(try await database.count() == 5_000)
        await database.close()
    }

    @Test("a closed database throws", arguments: TestEngine.available)
    func closed(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let database = try await openTestDatabase(test)
        await database.close()
        await #expect(throws: HubStorageError.self) { _ = try await database.count() }
        await #expect(throws: HubStorageError.self) { try await database.put(1) }
    }
}
