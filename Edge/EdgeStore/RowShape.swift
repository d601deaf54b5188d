import GRDB

/// The names and types a table's columns have, or had before a step changed them. A damaged record may hold anything, and a damaged
/// schema may call a column anything: neither must be taken for one of these.
struct RowShape {
    typealias Columns = [String: (type: String, isRequired: Bool)]

    /// One for each form the table has had.
    private let forms: [Columns]

    init(_ table: String) throws { forms = try EdgeSchema.steps.get().compactMap { $0.columns[table] } }

    func fits(_ row: Row) -> Bool { forms.contains { Self.fits(row, $0) } }

    private static func fits(_ row: Row, _ columns: Columns) -> Bool {
        row.count == columns.count
            && row.allSatisfy { name, value in
                guard let column = columns[name] else { return false }
                switch (value.storage, column.type) {
                case (.int64, "INTEGER"), (.double, "REAL"), (.string, "TEXT"), (.blob, "BLOB"): return true
                case (.null, _): return !column.isRequired
                default: return false
                }
            }
    }
}
