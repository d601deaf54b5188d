import HubStorage

extension SQLConnection {
    /// Inserts many rows in few statements. Their sizes are few, too, so that either engine keeps them prepared.
    /// - Parameter rows: each has a value for every column.
    func insert(into table: String, _ columns: [String], _ rows: [[SQLValue]]) throws {
        let names: String = columns.joined(separator: ", ")
        let marks: String = "(" + columns.map { _ in "?" }.joined(separator: ", ") + ")"
        var rest: ArraySlice<[SQLValue]> = rows[...]
        // 100 rows of 22 columns stay far below what SQLite (32,766) and PostgreSQL (65,535) bind.
        for size in [100, 10, 1] {
            let sql: String = "INSERT INTO \(table) (\(names)) VALUES \(Array(repeating: marks, count: size).joined(separator: ", "))"
            while rest.count >= size {
                try execute(sql, Array(rest.prefix(size).joined()))
                rest = rest.dropFirst(size)
            }
        }
    }
}
