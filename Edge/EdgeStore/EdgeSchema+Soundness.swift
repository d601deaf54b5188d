import GRDB

/// Whether a database still has the tables, indexes and triggers that the steps made. SQLite reads a schema whose text was damaged as
/// long as it is still SQL: a column of another name, a trigger that no longer raises.
extension EdgeSchema {
    /// One row of `sqlite_schema`; `sql` is `nil` for what SQLite makes by itself.
    struct Object: Hashable {
        let type: String
        let name: String
        let table: String
        let sql: String?

        /// - Parameter row: type, name, tbl_name and sql.
        init(_ row: Row) {
            // A damaged cell may hold anything: what is no text becomes a text that is nobody's.
            func text(_ column: Int) -> String { String.fromDatabaseValue(row[column]) ?? "\(row[column] as DatabaseValue)" }
            (type, name, table) = (text(0), text(1), text(2))
            sql = (row[3] as DatabaseValue).isNull ? nil : text(3)
        }
    }

    /// What a step leaves behind.
    struct Form {
        var objects: Set<Object> = []
        var columns: [String: RowShape.Columns] = [:]
    }

    /// After each step, the first before any: made once, in memory, by the steps themselves. The text of `ALTER TABLE … ADD` and
    /// `DROP COLUMN` is the same in every SQLite that has them; a step that renames would need another comparison.
    static let steps: Result<[Form], any Error> = Result {
        try DatabaseQueue().writeWithoutTransaction { database in
            try [Form()]
                + migrations.map { step in
                    try database.execute(sql: step.sql)
                    let objects: Set<Object> = try objects(database)
                    let tables: Set<String> = Set(objects.lazy.filter { $0.type == "table" }.map(\.name))
                    return Form(objects: objects, columns: try tables.reduce(into: [:]) { $0[$1] = try columns(of: $1, database) })
                }
        }
    }

    private static func columns(of table: String, _ database: Database) throws -> RowShape.Columns {
        try Row.fetchAll(database, sql: "SELECT name, type, \"notnull\" AS required, pk FROM pragma_table_info(?)", arguments: [table])
            .reduce(into: [:]) { $0[$1["name"]] = ($1["type"], ($1["required"] as Bool) || ($1["pk"] as Int) > 0) }
    }

    private static func objects(_ database: Database) throws -> Set<Object> {
        Set(try Row.fetchAll(database, sql: "SELECT type, name, tbl_name, sql FROM sqlite_schema").map(Object.init))
    }

    /// - Returns: `nil` when everything of the steps up to the database's version is there, unchanged, and nothing of a later one. What others
    ///   have added is theirs.
    static func fault(_ database: Database) throws -> String? {
        let steps: [Form] = try steps.get()
        let version: Int = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard steps.indices.contains(version) else { return nil }  // newer: refused elsewhere, untouched
        let (due, found): (Set<Object>, Set<Object>) = (steps[version].objects, try objects(database))
        if let lost = due.subtracting(found).min(by: { $0.name < $1.name }) {
            return "the schema: \(lost.type) \(lost.name) is missing or not as it was made"
        }
        let later: Set<String> = Set(steps.dropFirst(version + 1).flatMap(\.objects).map(\.name)).subtracting(due.map(\.name))
        if let early = found.map(\.name).filter(later.contains).min() { return "the schema: \(early) is there, and step \(version) does not make it" }
        return nil
    }
}
