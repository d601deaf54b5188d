/// A table's columns, as the engine's catalogue has them.
struct TableLayout: Sendable {
    let name: String
    /// Sorted: the engines do not agree on more.
    let columns: [String]
    /// The primary key's columns, in its order.
    let key: [String]

    init(_ name: String, _ connection: any SQLConnection) throws(HubStorageError) {
        let (all, key): (String, String) =
            switch connection.engine {
            case .sqlite:
                ("SELECT name FROM pragma_table_info(?)", "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk")
            case .postgres:
                (
                    """
                    SELECT attname AS name FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attrelid =
                        (SELECT pg_class.oid FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
                            WHERE nspname = current_schema() AND relname = ?)
                    """,
                    """
                    SELECT attname AS name FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
                        JOIN pg_namespace ON pg_namespace.oid = relnamespace
                        JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
                        WHERE indisprimary AND nspname = current_schema() AND relname = ?
                        ORDER BY array_position(CAST(indkey AS SMALLINT[]), attnum)
                    """
                )
            }
        self.name = name
        func names(_ sql: String) throws(HubStorageError) -> [String] {
            var names: [String] = []
            for row in try connection.rows(sql, [.text(name)]) { names.append(try row.text("name")) }
            return names
        }
        columns = try names(all).sorted()
        self.key = try names(key)
    }

    /// Every row, in the order of the primary key: the same on both engines, because texts are ordered by their bytes.
    var selection: String { "SELECT \(Self.list(columns)) FROM \"\(name)\" ORDER BY \(Self.list(key.isEmpty ? columns : key))" }

    /// For `count` rows of ``columns``.
    func insertion(of count: Int) -> String {
        let row: String = "(" + Array(repeating: "?", count: columns.count).joined(separator: ", ") + ")"
        return "INSERT INTO \"\(name)\" (\(Self.list(columns))) VALUES " + Array(repeating: row, count: count).joined(separator: ", ")
    }

    private static func list(_ columns: [String]) -> String { columns.map { "\"\($0)\"" }.joined(separator: ", ") }
}
