import GRDB

/// Which programs may use a store that a later one has brought up to date: a release that does not work is rolled back, and what ran before
/// must then work on the same store.
extension EdgeSchema {
    static let readers: String = """
        CREATE TABLE schema_reader (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            oldest INTEGER NOT NULL
        ) STRICT;
        INSERT INTO schema_reader (only, oldest) VALUES (1, 9);
        """

    /// The oldest schema whose programs may use a store that this one has brought up to date: what the steps write into `schema_reader`.
    static let oldestReader: Int = 9

    /// Whether this program may use a store of a later schema: whoever made it has said so. A step that only adds leaves `oldest` as it is;
    /// one after which earlier programs would do wrong sets it to its own number.
    static func isReadable(_ database: Database, found: Int) throws -> Bool {
        guard found > migrations.count, try database.tableExists("schema_reader") else { return false }
        return try Int.fetchOne(database, sql: "SELECT oldest FROM schema_reader").map { $0 <= migrations.count } ?? false
    }
}
