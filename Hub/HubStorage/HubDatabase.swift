/// Which engine keeps the rows. For the few statements that must be written twice.
package enum SQLEngine: String, Sendable, Hashable, CaseIterable {
    case sqlite, postgres
}

/// Runs statements inside one transaction. Positional parameters are written `?`; every value is bound.
///
/// Once a statement has failed, the transaction is lost on both engines: later statements throw the same error, and nothing
/// is committed even when the body returns. A text that holds U+0000 is refused on both, because PostgreSQL cannot store it.
package protocol SQLConnection {
    var engine: SQLEngine { get }

    /// - Returns: the number of rows changed.
    @discardableResult
    func execute(_ sql: String, _ values: [SQLValue]) throws(HubStorageError) -> Int

    /// All rows of an answer that is known to be small.
    func rows(_ sql: String, _ values: [SQLValue]) throws(HubStorageError) -> [SQLRow]

    /// Rows of a `SELECT` one by one, for answers of any size. `body` may run other statements, but none that changes the rows
    /// still to come: PostgreSQL would not show the change, SQLite might.
    func forEachRow(_ sql: String, _ values: [SQLValue], _ body: (SQLRow) throws -> Void) throws
}

extension SQLConnection {
    package func firstRow(_ sql: String, _ values: [SQLValue]) throws(HubStorageError) -> SQLRow? {
        try rows(sql, values).first
    }
}

/// The hub's database, whichever engine it is. Nothing above this protocol knows.
package protocol HubDatabase: Sendable {
    var engine: SQLEngine { get }

    /// A consistent view; sees no half-done change.
    ///
    /// On PostgreSQL `body` may run more than once.
    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value

    /// One transaction, serialisable: commits when `body` returns, leaves nothing when it throws. On disk when this returns.
    ///
    /// `body` may run more than once, each time on the state as it is then, and only the last run's changes stay: PostgreSQL
    /// refuses one of two transactions that cannot be put in an order. So it has no effect but on the connection it is given.
    ///
    /// However many write the same rows, each gets its turn; `.busy` is for those who have waited ten seconds for theirs.
    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value

    /// Waits for what is under way and lets go of files and connections. Later calls throw.
    func close() async
}
