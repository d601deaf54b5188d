import GRDB

/// The store's schema as a list of steps, each plain SQL in a transaction of its own; a step, once released, never changes.
enum EdgeSchema {
    static let migrations: [(name: String, sql: String)] = [
        ("0001-first", first), ("0002-local-api", localAPI), ("0003-journal", journal), ("0004-feed", feed),
        ("0005-traffic", traffic), ("0006-confusions", confusions), ("0007-commands", commands),
        ("0008-presentation", presentation), ("0009-readers", readers), ("0010-announcements", announcements),
    ]

    private static let first: String = """
        CREATE TABLE identity (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            hub_url TEXT NOT NULL,
            authority_pem TEXT NOT NULL,
            sealed_key BLOB NOT NULL,
            request_pem TEXT NOT NULL,
            token_fingerprint TEXT NOT NULL,
            device_id TEXT,
            account_id TEXT,
            certificate_pem TEXT,
            lease_key BLOB,
            journal_epoch INTEGER,
            joined_ms INTEGER
        ) STRICT;

        CREATE TABLE person (
            id TEXT PRIMARY KEY,
            sealed_key BLOB NOT NULL,
            sealed_label BLOB NOT NULL,
            created_ms INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE template (
            id TEXT PRIMARY KEY,
            person_id TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
            model TEXT NOT NULL,
            sealed BLOB NOT NULL,
            created_ms INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX template_by_person ON template (person_id);

        CREATE TABLE gallery (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            version INTEGER NOT NULL
        ) STRICT;
        INSERT INTO gallery (only, version) VALUES (1, 0);
        CREATE TRIGGER gallery_gains AFTER INSERT ON template BEGIN UPDATE gallery SET version = version + 1; END;
        CREATE TRIGGER gallery_loses AFTER DELETE ON template BEGIN UPDATE gallery SET version = version + 1; END;

        CREATE TABLE journal (
            epoch INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            kind TEXT NOT NULL,
            api TEXT,
            units INTEGER NOT NULL CHECK (units >= 0),
            lease_id TEXT,
            wall_ms INTEGER NOT NULL,
            boot_ms INTEGER NOT NULL,
            body TEXT NOT NULL,
            previous BLOB NOT NULL,
            hash BLOB NOT NULL,
            PRIMARY KEY (epoch, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER journal_is_append_only BEFORE UPDATE ON journal
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

        CREATE TABLE spending (
            epoch INTEGER NOT NULL,
            api TEXT NOT NULL,
            units INTEGER NOT NULL,
            PRIMARY KEY (epoch, api)
        ) STRICT;

        CREATE TABLE lease (
            api TEXT PRIMARY KEY,
            number INTEGER NOT NULL,
            payload TEXT NOT NULL,
            signature BLOB NOT NULL
        ) STRICT;

        CREATE TABLE lease_refusal (
            api TEXT PRIMARY KEY,
            code TEXT NOT NULL
        ) STRICT;

        CREATE TABLE sync_state (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            hub_epoch INTEGER NOT NULL,
            acknowledged_through INTEGER NOT NULL,
            backed_up_through INTEGER NOT NULL,
            contact_ms INTEGER,
            skew_ms INTEGER NOT NULL DEFAULT 0
        ) STRICT;

        CREATE TABLE rejected_entry (
            epoch INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            code TEXT NOT NULL,
            PRIMARY KEY (epoch, seq)
        ) STRICT;

        CREATE TABLE clock (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            hub_ms INTEGER NOT NULL,
            wall_ms INTEGER NOT NULL,
            boot_ms INTEGER NOT NULL,
            boot_id TEXT NOT NULL,
            high_water_ms INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE seen_file (
            source TEXT NOT NULL,
            fingerprint BLOB NOT NULL,
            seen_ms INTEGER NOT NULL,
            PRIMARY KEY (source, fingerprint)
        ) STRICT, WITHOUT ROWID;
        """

    /// The step that moves the persons' keys.
    private static let feedVersion: Int = 4

    /// Brings `database` up to date, or refuses it untouched when it is newer than this program and does not say that this one may use it.
    /// - Parameter keepsReadable: refuses what the program of the store's present schema could not use afterwards.
    static func migrate(_ database: any DatabaseWriter, path: String, keepsReadable: Bool = false) throws {
        var isKeyMoved: Bool = false
        for version in 1...migrations.count {
            try database.writeWithoutTransaction { connection in
                try connection.inTransaction(.immediate) {
                    let found: Int = try connection.value(Int.self, sql: "PRAGMA user_version") ?? 0
                    guard try found <= migrations.count || isReadable(connection, found: found) else {
                        throw EdgeStoreError.newer(path: path, found: found, supported: migrations.count)
                    }
                    guard !keepsReadable || found == 0 || found >= migrations.count || found >= oldestReader else {
                        throw EdgeStoreError.oneWay(path: path, found: found, oldest: oldestReader)
                    }
                    if found < version {
                        try connection.execute(sql: migrations[version - 1].sql)
                        try connection.execute(sql: "PRAGMA user_version = \(version)")
                        isKeyMoved = isKeyMoved || version == feedVersion
                    }
                    return .commit
                }
            }
        }
        // Where keys were moved into their slots, the pages they came from may hold copies. Without room for it the store works as well.
        if isKeyMoved { try? database.writeWithoutTransaction { try $0.execute(sql: "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)") } }
    }
}
