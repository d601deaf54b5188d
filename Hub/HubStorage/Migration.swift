/// One step of the schema: statements in plain SQL, several separated by `;`.
package struct Migration: Sendable {
    package let name: String
    /// For both engines. A column is declared `TEXT`, `BIGINT` or `BYTEA`; the migrator turns these into the engine's own.
    package let sql: String
    /// What SQLite needs besides, as it is, after ``sql``.
    package let sqliteSQL: String?
    /// What PostgreSQL needs besides, as it is (so `TEXT COLLATE "C"`), after ``sql``.
    package let postgresSQL: String?

    package init(name: String, sql: String, sqliteSQL: String? = nil, postgresSQL: String? = nil) {
        self.name = name
        self.sql = sql
        self.sqliteSQL = sqliteSQL
        self.postgresSQL = postgresSQL
    }

    func script(for engine: SQLEngine) -> String {
        let own: String? = engine == .sqlite ? sqliteSQL : postgresSQL
        let common: String = SQLText.replacingWords(in: sql) { word, previous in
            switch (engine, word) {
            // SQLite has no BYTEA: without this, the column's affinity would be numeric.
            case (.sqlite, "BYTEA"): "BLOB"
            // Bytewise order as in SQLite, whatever the server's locale. A cast takes no collation.
            case (.postgres, "TEXT") where previous != "AS": "TEXT COLLATE \"C\""
            default: nil
            }
        }
        return [common, own].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ";\n")
    }
}
