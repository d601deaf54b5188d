import HubStorage
import TestKit
import Testing

@Suite("Duplicates among writers, on each engine")
struct DuplicateTests {
    @Test(
        "of many who look whether a name is there and add it if not, one adds it and the others find it: nobody meets a duplicate",
        arguments: TestEngine.available)
    func lookThenAdd(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let database: any HubDatabase = try await test.location.open()
        for round in 0..<10 {
            let name: String = "account-\(round)"
            let added: Int = try await withThrowingTaskGroup(of: Bool.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        try await database.write { connection in
                            guard try connection.firstRow("SELECT id FROM account WHERE name = ?", [.text(name)]) == nil else { return false }
                            try connection.execute(
                                "INSERT INTO account (id, name, kind, standing, created_ms) VALUES (?, ?, 'individual', 'pending', 1)",
                                [.text("acc_\(round)_\(writer)"), .text(name)])
                            return true
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(added == 1)
        }
        // What is a duplicate for whoever comes alone, too, is one.
        await #expect(throws: HubStorageError.constraint) {
            try await database.write {
                _ = try $0.execute("INSERT INTO account (id, name, kind, standing, created_ms) VALUES ('x', 'account-0', 'individual', 'pending', 1)", [])
            }
        }
        await database.close()
    }

    @Test("of many who take the next number and then move it on, each gets one of its own: nobody meets another's", arguments: TestEngine.available)
    func nextNumber(_ engine: TestEngine) async throws {
        let test = try TestDatabase(engine)
        let database: any HubDatabase = try await test.location.open()
        _ = try await database.write { try $0.execute("INSERT INTO setting (name, value, changed_ms) VALUES ('next', 'n', 0)", []) }
        // The number is read in one table and its row made in another, before the first is moved: PostgreSQL then sees a duplicate
        // and not a conflict.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<10 {
                        try await database.write { connection in
                            let number: Int64 = try connection.rows("SELECT changed_ms FROM setting WHERE name = 'next'", [])[0].integer("changed_ms")
                            try connection.execute(
                                "INSERT INTO account (id, name, kind, standing, created_ms) VALUES (?, ?, 'individual', 'pending', 1)",
                                [.text("acc_\(number)"), .text("account \(number)")])
                            try connection.execute("UPDATE setting SET changed_ms = changed_ms + 1 WHERE name = 'next'", [])
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let count: Int64 = try await database.read { try $0.rows("SELECT count(*) AS n FROM account", [])[0].integer("n") }
        #expect(count == 80)
        await database.close()
    }
}
