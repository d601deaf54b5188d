/// Runs statements inside one transaction. Positional parameters are written `?`; every value is bound.
package protocol SQLConnection {
    /// - Returns: the number of rows changed.
    @discardableResult
    func execute(_ sql: String, _ values: [SQLValue]) throws(HubStorageError) -> Int

    /// All rows of an answer that is known to be small.
    func rows(_ sql: String, _ values: [SQLValue]) throws(HubStorageError) -> [SQLRow]

    /// Rows one by one, for answers of any size.
    func forEachRow(_ sql: String, _ values: [SQLValue], _ body: (SQLRow) throws -> Void) throws
}

extension SQLConnection {
    package func firstRow(_ sql: String, _ values: [SQLValue]) throws(HubStorageError) -> SQLRow? {
        try rows(sql, values).first
    }
}

/// The hub's database, whichever engine it is. Nothing above this protocol knows.
package protocol HubDatabase: Sendable {
    /// A consistent view; sees no half-done change.
    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value

    /// One transaction: commits when `body` returns, leaves nothing when it throws. On disk when this returns.
    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value
}
