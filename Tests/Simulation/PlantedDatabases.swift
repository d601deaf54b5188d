import HubStorage
import Synchronization

/// A database that answers a journal's intake and then rolls it back, every third time.
struct ForgetfulDatabase: HubDatabase {
    private final class Count: Sendable {
        let writes = Mutex(0)
    }

    private struct RolledBack: Error {
        let value: any Sendable
    }

    let base: any HubDatabase
    private let count = Count()

    init(base: any HubDatabase) { self.base = base }

    var engine: SQLEngine { base.engine }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value { try await base.read(body) }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        let number: Int = count.writes.withLock { writes in
            writes += 1
            return writes
        }
        guard number.isMultiple(of: 3) else { return try await base.write(body) }
        do {
            return try await base.write { connection -> Value in throw RolledBack(value: try body(connection)) }
        } catch let lost as RolledBack {
            guard let value = lost.value as? Value else { throw lost }
            return value
        }
    }

    func close() async { await base.close() }
}

/// A database that says that no lease is out.
struct BlindDatabase: HubDatabase {
    let base: any HubDatabase

    var engine: SQLEngine { base.engine }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value { try await base.read(body) }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        try await base.write { try body(BlindConnection(base: $0)) }
    }

    func close() async { await base.close() }
}

private struct BlindConnection: SQLConnection {
    let base: any SQLConnection

    var engine: SQLEngine { base.engine }

    func execute(_ sql: String, _ values: [SQLValue]) throws(HubStorageError) -> Int { try base.execute(sql, values) }

    func rows(_ sql: String, _ values: [SQLValue]) throws(HubStorageError) -> [SQLRow] {
        guard sql.contains("FROM leased_use WHERE account_id") else { return try base.rows(sql, values) }
        return try base.rows("SELECT 0 AS units, 0 AS held", [])
    }

    func forEachRow(_ sql: String, _ values: [SQLValue], _ body: (SQLRow) throws -> Void) throws { try base.forEachRow(sql, values, body) }
}
