import HubStorage

/// A database between the hub and its own, in which a fault is planted: a statement is changed or left out, or a write is answered
/// and then undone.
struct PlantedDatabase: HubDatabase {
    /// - Returns: what is run in place of a statement; `nil`: nothing.
    typealias Change = @Sendable (_ sql: String, _ values: [SQLValue]) -> (String, [SQLValue])?

    private struct Undone: Error {
        let value: any Sendable
    }

    let base: any HubDatabase
    var change: Change = { ($0, $1) }
    /// Whether a write that returned this is undone.
    var forgets: @Sendable (any Sendable) -> Bool = { _ in false }

    var engine: SQLEngine { base.engine }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value { try await base.read(body) }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        do {
            return try await base.write { connection -> Value in
                let value: Value = try body(PlantedConnection(base: connection, change: change))
                if forgets(value) { throw Undone(value: value) }
                return value
            }
        } catch let undone as Undone {
            guard let value = undone.value as? Value else { throw undone }
            return value
        }
    }

    func close() async { await base.close() }
}

private struct PlantedConnection: SQLConnection {
    let base: any SQLConnection
    let change: PlantedDatabase.Change

    var engine: SQLEngine { base.engine }

    func execute(_ sql: String, _ values: [SQLValue]) throws(HubStorageError) -> Int {
        guard let (sql, values) = change(sql, values) else { return 1 }
        return try base.execute(sql, values)
    }

    func rows(_ sql: String, _ values: [SQLValue]) throws(HubStorageError) -> [SQLRow] {
        guard let (sql, values) = change(sql, values) else { return [] }
        return try base.rows(sql, values)
    }

    func forEachRow(_ sql: String, _ values: [SQLValue], _ body: (SQLRow) throws -> Void) throws { try base.forEachRow(sql, values, body) }
}
