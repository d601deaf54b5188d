import Dispatch
import HubStorage
import Synchronization
import TestKit
import Testing

/// A database with two tables that are only this suite's.
/// - Parameter more: migrations that come after.
func openTestDatabase(_ test: TestDatabase, poolSize: Int = 8, and more: [Migration] = []) async throws -> any HubDatabase {
    let things = Migration(
        name: "9999-things",
        sql: """
            CREATE TABLE thing (id BIGINT PRIMARY KEY, label TEXT, bytes BYTEA, number BIGINT);
            CREATE TABLE part (id BIGINT PRIMARY KEY, thing_id BIGINT NOT NULL REFERENCES thing (id))
            """)
    return try await test.location.open(poolSize: poolSize, migrations: HubSchema.migrations + [things] + more)
}

extension HubDatabase {
    func number(of id: Int64) async throws -> Int64 {
        try await read { try $0.rows("SELECT number FROM thing WHERE id = ?", [.integer(id)])[0].integer("number") }
    }

    func put(_ id: Int64, number: Int64 = 0) async throws {
        _ = try await write { try $0.execute("INSERT INTO thing (id, number) VALUES (?, ?)", [.integer(id), .integer(number)]) }
    }

    func count(_ table: String = "thing") async throws -> Int64 {
        try await read { try $0.rows("SELECT count(*) AS n FROM \(table)", [])[0].integer("n") }
    }
}

struct Refusal: Error {}

/// Counts down across threads that block; waits are bounded, and what was not met in time simply goes on.
final class Meeting: Sendable {
    private let left: Mutex<Int>
    private let done: DispatchSemaphore

    init(of count: Int) {
        left = Mutex(count)
        done = DispatchSemaphore(value: 0)
    }

    /// For blocking threads only.
    func arriveAndWait(seconds: Int = 10) {
        arrive()
        _ = done.wait(timeout: .now() + .seconds(seconds))
        done.signal()
    }

    func arrive() {
        let isLast: Bool = left.withLock { left in
            left -= 1
            return left == 0
        }
        if isLast { done.signal() }
    }
}
