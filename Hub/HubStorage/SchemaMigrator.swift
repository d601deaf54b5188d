/// What the migrator needs of an engine, inside one transaction that no other migrator can be in.
protocol SchemaHost: SQLConnection {
    func schemaVersion() throws(HubStorageError) -> Int
    func setSchemaVersion(_ version: Int) throws(HubStorageError)
    /// Statements separated by `;`.
    func run(script: String) throws(HubStorageError)
}

/// Brings a database up to ``HubSchema``: forward only, each step in a transaction of its own, the same on both engines.
enum SchemaMigrator {
    /// - Parameter transaction: runs its argument in one transaction, alone.
    /// - Throws: `.newer` before anything is touched.
    static func migrate(_ migrations: [Migration], transaction: ((any SchemaHost) throws -> Void) throws -> Void) throws {
        var isDone: Bool = false
        while !isDone {
            try transaction { host in
                let found: Int = try host.schemaVersion()
                guard found <= migrations.count else { throw HubStorageError.newer(found: found, supported: migrations.count) }
                isDone = found == migrations.count
                guard !isDone else { return }
                try host.run(script: migrations[found].script(for: host.engine))
                try host.setSchemaVersion(found + 1)
            }
        }
    }
}
