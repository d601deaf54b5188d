import GRDB

/// Brings a SQLite file up to ``HubSchema``, each step in a transaction of its own.
enum SQLiteMigrator {
    static func migrate(_ pool: DatabasePool) throws {
        for version in 1...HubSchema.migrations.count {
            try pool.writeWithoutTransaction { database in
                try database.inTransaction(.immediate) {
                    let found: Int = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
                    guard found <= HubSchema.migrations.count else {
                        throw HubStorageError.newer(found: found, supported: HubSchema.migrations.count)
                    }
                    if found < version {
                        // SQLite has no BYTEA: without this, the column's affinity would be numeric.
                        try database.execute(sql: HubSchema.migrations[version - 1].sql.replacing("BYTEA", with: "BLOB"))
                        try database.execute(sql: "PRAGMA user_version = \(version)")
                    }
                    return .commit
                }
            }
        }
    }
}
