import HubStorage
import TestKit
import Testing
import WireModel

@Suite("Statements and values, on each engine")
struct ValueTests {
    private static let values: [[SQLValue]] = [
        [.integer(.min), "", .blob([]), .null],
        [.integer(.max), "Zoë 👩‍🚀 ß 漢字 \u{301}", .blob([0, 255, 0, 1]), 0],
        [0, .text(String(repeating: "é", count: 500_000)), .blob([UInt8](repeating: 7, count: 1_000_000)), -1],
        [1, .null, .null, .integer(Int64(Int32.max) + 1)],
        [2, "'; DROP TABLE thing; -- ? $1 \\ \"", .null, .null],
    ]

    @Test("gives back every value as it was put in", arguments: TestEngine.available)
    func roundTrip(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let database = try await openTestDatabase(test)
        #expect(database.engine.rawValue == engine.rawValue)
        for values in Self.values {
            let changed: Int = try await database.write { try $0.execute("INSERT INTO thing (id, label, bytes, number) VALUES (?, ?, ?, ?)", values) }
            #expect(changed == 1)
            let row = try await database.read { connection in
                #expect(connection.engine == database.engine)
                return try connection.firstRow("SELECT id, label, bytes, number FROM thing WHERE id = ?", [values[0]])
            }
            #expect(row?.columns == ["id", "label", "bytes", "number"])
            #expect(row?.values == values)
        }
        let row = try await database.read { try $0.rows("SELECT * FROM thing WHERE id = 1", [])[0] }
        #expect(try row.blobOrNil("bytes") == nil)
        #expect(try row.textOrNil("label") == nil)
        #expect(throws: HubStorageError.unexpectedValue(column: "label")) { try row.text("label") }
        #expect(throws: HubStorageError.unexpectedValue(column: "absent")) { try row.integer("absent") }
        await database.close()
    }

    @Test("sums, counts and comparisons are integers", arguments: TestEngine.available)
    func numbers(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let database = try await openTestDatabase(test)
        for (id, number) in [(1, Int64.max - 20_000), (2, 12_345), (3, 0), (4, -9_000_000_000_000_000_000)] {
            try await database.put(Int64(id), number: number)
        }
        func sum(_ ids: ClosedRange<Int64>) async throws -> SQLValue {
            try await database.read {
                try $0.rows("SELECT sum(number) AS n FROM thing WHERE id BETWEEN ? AND ?", [.integer(ids.lowerBound), .integer(ids.upperBound)])[0].values[0]
            }
        }
        #expect(try await sum(1...2) == .integer(.max - 20_000 + 12_345))
        #expect(try await sum(2...2) == 12_345)
        #expect(try await sum(3...3) == 0)
        #expect(try await sum(4...4) == .integer(-9_000_000_000_000_000_000))
        #expect(try await sum(8...9) == .null)
        let row = try await database.read { try $0.rows("SELECT count(*) AS n, max(id) AS top, 1 = 1 AS yes, CAST(? AS BIGINT) AS given FROM thing", [7])[0] }
        #expect(row.values == [4, 4, 1, 7])
        #expect(SQLValue(true) == 1 && SQLValue(false) == 0 && SQLValue([1] as [UInt8]?) == .blob([1]))
        await database.close()
    }

    @Test("RETURNING, ON CONFLICT and counts of changes agree", arguments: TestEngine.available)
    func changes(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let database = try await openTestDatabase(test)
        try await database.write { connection in
            #expect(try connection.execute("INSERT INTO thing (id, number) VALUES (1, 10), (2, 20), (3, 30)", []) == 3)
            #expect(try connection.execute("SELECT id FROM thing", []) == 0)
            #expect(try connection.execute("INSERT INTO thing (id, number) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", [1, 5]) == 0)
            #expect(try connection.execute("INSERT INTO thing (id, number) VALUES (?, ?) ON CONFLICT DO NOTHING", [1, 5]) == 0)
            #expect(
                try connection.execute("INSERT INTO thing (id, number) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET number = excluded.number", [1, 6]) == 1)
            #expect(try connection.execute("UPDATE thing SET number = number + 1 WHERE id = ?", [99]) == 0)
            let rows = try connection.rows("UPDATE thing SET number = number + ? WHERE id < ? RETURNING id, number", [1, 3])
            #expect(Set(rows.map(\.values)) == [[1, 7], [2, 21]])
            #expect(try connection.execute("UPDATE thing SET number = 0 WHERE id > 0 RETURNING id", []) == 3)
            #expect(try connection.execute("DELETE FROM thing WHERE id <> ?", [2]) == 2)
        }
        #expect(try await database.count() == 1)
        await database.close()
    }

    @Test("a question mark in quotes or a comment is no parameter", arguments: TestEngine.available)
    func questionMarks(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let database = try await openTestDatabase(test)
        let sql: String = """
            SELECT 'a?''?' AS "what?", -- is this one? it's not
                CAST(? AS TEXT) /* nor this? */ AS given, CAST(? AS BIGINT) AS next
            """
        let row = try await database.read { try $0.rows(sql, ["one", 2])[0] }
        #expect(row.columns == ["what?", "given", "next"])
        #expect(row.values == ["a?'?", "one", 2])
        await database.close()
    }

    @Test("texts are ordered by their bytes", arguments: TestEngine.available)
    func order(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let database = try await openTestDatabase(test)
        let labels: [String] = ["b", "A", "_", "a", "Z", "é", "zz", "", "a b", "ab", "10", "9", "漢", "👩"]
        try await database.write { connection in
            for (id, label) in labels.enumerated() {
                try connection.execute("INSERT INTO thing (id, label) VALUES (?, ?)", [.integer(Int64(id)), .text(label)])
            }
        }
        let sorted: [String] = labels.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        #expect(try await database.read { try $0.rows("SELECT label FROM thing ORDER BY label", []).map { try $0.text("label") } } == sorted)
        let above: Int64 = try await database.read { try $0.rows("SELECT count(*) AS n FROM thing WHERE label > ?", ["Z"])[0].integer("n") }
        #expect(above == Int64(sorted.count - 1 - sorted.firstIndex(of: "Z")!))
        await database.close()
    }

    @Test("a text with U+0000 is refused, and the transaction with it", arguments: TestEngine.available)
    func nul(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let database = try await openTestDatabase(test)
        for text in ["\0", "a\0b", "ab\0"] {
            await #expect(throws: HubStorageError.nulInText) {
                try await database.write { connection in
                    try connection.execute("INSERT INTO thing (id, label) VALUES (1, 'fine')", [])
                    _ = try? connection.execute("INSERT INTO thing (id, label) VALUES (2, ?)", [.text(text)])
                }
            }
        }
        #expect(HubStorageError.nulInText.problem.code == .invalidRequest)
        #expect(try await database.count() == 0)
        await database.close()
    }

    @Test("a fault of ours is a statement's, with its code", arguments: TestEngine.available)
    func faults(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let database = try await openTestDatabase(test)
        for (sql, values) in [("SELECT nothing FROM nowhere", []), ("SELECT id FROM thing WHERE id = ?", []), ("SELECT id FROM thing", [1])]
            as [(String, [SQLValue])]
        {
            let error = await #expect(throws: HubStorageError.self) { _ = try await database.read { try $0.rows(sql, values) } }
            guard case .statement(let code, let state)? = error else {
                Issue.record("\(String(describing: error)) for \(sql)")
                continue
            }
            #expect(engine == .sqlite ? code != 0 && state.isEmpty : code == 0 && state.count == 5)
        }
        #expect(try await database.count() == 0)
        await database.close()
    }
}
