import HubStorage
import Synchronization

/// A hub's database that counts what is asked of it, or answers otherwise than it should: a fault planted in the test, not in the program.
final class WatchedDatabase: HubDatabase {
    struct Counts: Equatable {
        var statements: Int = 0
        var rows: Int = 0
    }

    let base: any HubDatabase
    /// What becomes of a statement: another in its place, or `nil` for none at all.
    let rewrite: @Sendable (String) -> String?
    private let state = Mutex<(counts: Counts, scans: [String], isWatching: Bool)>((Counts(), [], false))

    init(_ base: any HubDatabase, rewrite: @escaping @Sendable (String) -> String? = { $0 }) {
        self.base = base
        self.rewrite = rewrite
    }

    var engine: SQLEngine { base.engine }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        try await base.read { try body(WatchedConnection(base: $0, owner: self)) }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) async throws -> Value {
        try await base.write { try body(WatchedConnection(base: $0, owner: self)) }
    }

    func close() async { await base.close() }

    /// - Returns: what `work` asked for, and the plans of its statements that walk through a whole table (SQLite says).
    func watch(_ work: () async throws -> Void) async throws -> (counts: Counts, scans: [String]) {
        state.withLock { $0 = (Counts(), [], true) }
        try await work()
        return state.withLock {
            $0.isWatching = false
            return ($0.counts, $0.scans)
        }
    }

    fileprivate var isWatching: Bool { state.withLock(\.isWatching) }

    fileprivate func count(rows: Int, scans: [String]) {
        state.withLock {
            $0.counts.statements += 1
            $0.counts.rows += rows
            $0.scans += scans
        }
    }
}

private struct WatchedConnection: SQLConnection {
    let base: any SQLConnection
    let owner: WatchedDatabase

    var engine: SQLEngine { base.engine }

    private func count(_ rows: Int, _ sql: String, _ values: [SQLValue]) throws(HubStorageError) {
        guard owner.isWatching else { return }
        var scans: [String] = []
        if engine == .sqlite, !sql.hasPrefix("EXPLAIN") {
            for row in try base.rows("EXPLAIN QUERY PLAN " + sql, values) {
                let step: String = try row.text("detail")
                if step.hasPrefix("SCAN"), !step.contains("CONSTANT ROW") { scans.append("\(step): \(sql.prefix(80))") }
            }
        }
        owner.count(rows: rows, scans: scans)
    }

    func execute(_ sql: String, _ values: [SQLValue]) throws(HubStorageError) -> Int {
        guard let wanted = owner.rewrite(sql) else { return 1 }
        let changed: Int = try base.execute(wanted, values)
        try count(changed, wanted, values)
        return changed
    }

    func rows(_ sql: String, _ values: [SQLValue]) throws(HubStorageError) -> [SQLRow] {
        guard let wanted = owner.rewrite(sql) else { return [] }
        let rows: [SQLRow] = try base.rows(wanted, values)
        try count(rows.count, wanted, values)
        return rows
    }

    func forEachRow(_ sql: String, _ values: [SQLValue], _ body: (SQLRow) throws -> Void) throws {
        guard let wanted = owner.rewrite(sql) else { return }
        var number: Int = 0
        try base.forEachRow(wanted, values) { row in
            number += 1
            try body(row)
        }
        try count(number, wanted, values)
    }
}
