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
}
