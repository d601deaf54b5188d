import Synchronization
import WireModel

/// Copies a hub's database to another, whichever their engines, and looks into one.
package enum DatabaseCopy {
    private enum Piece: Sendable {
        case table(TableLayout)
        case rows([SQLRow])
        case end(TableSummary)
    }

    /// A piece is whole at either.
    private static let pieceRows: Int = 200
    private static let pieceBytes: Int = 1_000_000

    /// Copies every table from one consistent view, in one transaction, and compares both sides before it commits. Memory stays flat.
    /// - Parameters:
    ///   - target: migrated and empty; the row that opening a hub leaves in `hub` is replaced.
    ///   - finish: what else is to be in the target, in the same transaction, once both sides are found equal.
    ///   - progress: told each table's rows so far, from a thread of its own.
    /// - Returns: what both hold.
    /// - Throws: `.notEmpty`, `.copyDiffers`; the target is then as it was.
    @discardableResult
    package static func copy(
        from source: any HubDatabase, to target: any HubDatabase, finish: @escaping @Sendable (any SQLConnection) throws -> Void = { _ in },
        progress: @escaping @Sendable (_ table: String, _ rows: Int) -> Void = { _, _ in }
    ) async throws -> [TableSummary] {
        let conduit = RowConduit<Piece>(capacity: 4)
        let runs = Atomic<Int>(0)
        async let sending: Result<Void, any Error> = outcome(conduit) {
            try await source.read { connection in
                // The rows that went by will not come again for another attempt.
                guard runs.add(1, ordering: .relaxed).newValue == 1 else { throw HubStorageError.busy }
                try send(connection, into: conduit)
            }
        }
        let received: Result<[TableSummary], any Error> = await outcome(conduit) {
            try await target.write { connection in
                let tables: [TableSummary] = try receive(into: connection, from: conduit, progress: progress)
                try finish(connection)
                return tables
            }
        }
        let sent: Result<Void, any Error> = await sending
        // The end that was cut off has not failed: the other one has.
        if case .failure(let error) = received, error is RowConduit<Piece>.Cut { try sent.get() }
        return try received.get()
    }

    /// - Returns: of every table, from one consistent view.
    package static func summaries(of database: any HubDatabase) async throws -> [TableSummary] {
        try await database.read { connection in
            try HubSchema.tables.map { try connection.summary(of: try TableLayout($0, connection)) }
        }
    }

    /// Looks for damage.
    /// - Returns: a line for each fault, naming tables and indices, never what they hold; empty when all is well.
    package static func integrity(of database: any HubDatabase) async throws -> [String] {
        switch database.engine {
        case .sqlite:
            return try await database.read { connection in
                let faults: [String] = try connection.rows("PRAGMA integrity_check", []).map { try $0.text("integrity_check") }.filter { $0 != "ok" }
                let orphans: [String] = try connection.rows("PRAGMA foreign_key_check", []).map {
                    "a row of \(try $0.text("table")) refers to a row of \(try $0.text("parent")) that is not there"
                }
                return faults + orphans
            }
        case .postgres:
            // A transaction for each, because the first that fails is the end of its transaction.
            var faults: [String] = []
            for table in HubSchema.tables {
                do {
                    _ = try await database.read { try $0.summary(of: try TableLayout(table, $0)) }
                } catch let error as HubStorageError {
                    if case .unavailable = error { throw error }
                    faults.append("\(table) cannot be read: \(error.problem.title) \(error.problem.detail)")
                }
            }
            return faults
        }
    }

    private static func outcome<Value: Sendable>(_ conduit: RowConduit<Piece>, _ work: () async throws -> Value) async -> Result<Value, any Error> {
        do {
            return .success(try await work())
        } catch {
            conduit.cut()
            return .failure(error)
        }
    }

    private static func send(_ connection: any SQLConnection, into conduit: RowConduit<Piece>) throws {
        try waitLong(connection)
        for table in HubSchema.tables {
            let layout = try TableLayout(table, connection)
            var digest = TableDigest(layout)
            var (piece, bytes): ([SQLRow], Int) = ([], 0)
            try conduit.send(.table(layout))
            try connection.forEachRow(layout.selection, []) { row in
                digest.add(row)
                piece.append(row)
                bytes += row.approximateBytes
                guard piece.count >= pieceRows || bytes >= pieceBytes else { return }
                try conduit.send(.rows(piece))
                (piece, bytes) = ([], 0)
            }
            if !piece.isEmpty { try conduit.send(.rows(piece)) }
            try conduit.send(.end(digest.summary()))
        }
    }

    private static func receive(
        into connection: any SQLConnection, from conduit: RowConduit<Piece>, progress: (_ table: String, _ rows: Int) -> Void
    ) throws -> [TableSummary] {
        try waitLong(connection)
        try makeEmpty(connection)
        var summaries: [TableSummary] = []
        var table: (layout: TableLayout, rows: Int)?
        while summaries.count < HubSchema.tables.count {
            switch try conduit.receive() {
            case .table(let layout):
                table = (layout, 0)
            case .rows(let rows):
                guard let layout = table?.layout else { throw HubStorageError.damaged }
                // SQLite takes 32,766 parameters in a statement.
                let atOnce: Int = max(1, min(rows.count, 30_000 / layout.columns.count))
                for start in stride(from: 0, to: rows.count, by: atOnce) {
                    let part: ArraySlice<SQLRow> = rows[start..<min(start + atOnce, rows.count)]
                    try connection.execute(layout.insertion(of: part.count), part.flatMap(\.values))
                }
                table!.rows += rows.count
                progress(layout.name, table!.rows)
            case .end(let summary):
                guard try connection.summary(of: try TableLayout(summary.name, connection)) == summary else {
                    throw HubStorageError.copyDiffers(table: summary.name)
                }
                summaries.append(summary)
            }
        }
        return summaries
    }

    private static func makeEmpty(_ connection: any SQLConnection) throws {
        for table in HubSchema.tables where table != "hub" {
            guard try connection.firstRow("SELECT 1 AS one FROM \"\(table)\" LIMIT 1", []) == nil else { throw HubStorageError.notEmpty(table: table) }
        }
        try connection.execute("DELETE FROM hub", [])
    }

    /// One side waits while the other reads back a large table.
    private static func waitLong(_ connection: any SQLConnection) throws {
        guard connection.engine == .postgres else { return }
        for limit in ["idle_in_transaction_session_timeout", "statement_timeout"] {
            _ = try connection.rows("SELECT set_config(?, '0', true)", [.text(limit)])
        }
    }
}
