import GRDB
import ServiceSupport

/// A copy of a set-aside database with the text of its schema put right, so that rows whose bytes are sound can be read by name again.
/// Nothing but names and definitions is changed, and only where one place in the schema can be meant.
struct SchemaRepair {
    let files: StoreFiles

    private struct Place {
        let number: Int64
        let object: EdgeSchema.Object
    }

    /// - Returns: the copy's path, to be removed; `nil` where there is nothing to put right.
    func run(on aside: String) throws -> String? {
        remove()
        guard try isNeeded(aside) else { return nil }
        for suffix in ["", "-wal"] where try PrivateFiles.exists(aside + suffix) { try PrivateFiles.copy(aside + suffix, to: files.repaired + suffix) }
        var configuration = Configuration()
        // With it a schema that does not parse is loaded as far as it goes (sqlite.org/pragma.html#pragma_writable_schema).
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA writable_schema = ON") }
        let queue = try DatabaseQueue(path: files.repaired, configuration: configuration)
        try queue.writeWithoutTransaction { database in
            try database.inTransaction(.immediate) {
                try self.repair(database)
                return .commit
            }
        }
        try queue.close()
        return files.repaired
    }

    func remove() { for suffix in ["", "-wal", "-shm"] { PrivateFiles.remove(files.repaired + suffix) } }

    private func isNeeded(_ aside: String) throws -> Bool {
        var configuration = Configuration()
        configuration.readonly = true
        do {
            let queue = try DatabaseQueue(path: aside, configuration: configuration)
            defer { try? queue.close() }
            return try queue.unsafeRead(EdgeSchema.fault) != nil
        } catch {
            return true
        }
    }

    private func repair(_ database: Database) throws {
        let found: [Place] = try Row.fetchAll(database, sql: "SELECT type, name, tbl_name, sql, rowid FROM sqlite_schema").map {
            Place(number: $0[4], object: EdgeSchema.Object($0))
        }
        let objects: Set<EdgeSchema.Object> = Set(found.map(\.object))
        let forms: [EdgeSchema.Form] = try EdgeSchema.steps.get()
        /// The step it had come to, whatever the damaged file says of it.
        let version: Int = forms.indices.max { likeness(forms[$0], objects) < likeness(forms[$1], objects) }!
        let due: Set<EdgeSchema.Object> = forms[version].objects
        let strangers: [Place] = found.filter { !due.contains($0.object) }
        for object in due.subtracting(objects) {
            let places: [Place] = strangers.filter { $0.object.name == object.name || ($0.object.sql == object.sql && object.sql != nil) }
            guard places.count == 1 else { continue }
            try database.execute(
                sql: "UPDATE sqlite_schema SET type = ?, name = ?, tbl_name = ?, sql = ? WHERE rowid = ?",
                arguments: [object.type, object.name, object.table, object.sql, places[0].number])
        }
        try database.execute(sql: "PRAGMA user_version = \(version)")
    }

    private func likeness(_ form: EdgeSchema.Form, _ objects: Set<EdgeSchema.Object>) -> Int {
        form.objects.intersection(objects).count - form.objects.symmetricDifference(objects).count
    }
}
