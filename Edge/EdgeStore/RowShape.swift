import GRDB

/// The types a table's columns are declared with. A damaged record may hold anything, and a value of another type must not be taken
/// for one of these.
struct RowShape {
    private let columns: [String: (type: String, isRequired: Bool)]

    init(_ table: String, _ database: Database) throws {
        columns = try database.rows(sql: "SELECT name, type, \"notnull\" AS required, pk FROM pragma_table_info(?)", arguments: [table])
            .reduce(into: [:]) { $0[$1["name"]] = ($1["type"], ($1["required"] as Bool) || ($1["pk"] as Int) > 0) }
    }

    func fits(_ row: Row) -> Bool {
        row.allSatisfy { name, value in
            guard let column = columns[name] else { return true }
            switch (value.storage, column.type) {
            case (.int64, "INTEGER"), (.double, "REAL"), (.string, "TEXT"), (.blob, "BLOB"): return true
            case (.null, _): return !column.isRequired
            default: return false
            }
        }
    }
}
