extension EdgeSchema {
    /// What the hub gives a device: galleries with their persons, and the place in the feed of changes.
    ///
    /// Keys of persons lie in slots of one size that are only ever overwritten in place. `secure_delete` alone does not erase: rows
    /// that SQLite moves while it balances a page leave a copy behind in the page's gap (measured with 3.40.1: the keys of about one
    /// in a thousand erased persons were still in the file). Rows that are appended and never moved leave none.
    static let feed: String = """
        CREATE TABLE person_key (
            slot INTEGER PRIMARY KEY,
            is_free INTEGER NOT NULL,
            sealed BLOB NOT NULL
        ) STRICT;
        CREATE INDEX person_key_free ON person_key (slot) WHERE is_free = 1;
        INSERT INTO person_key (slot, is_free, sealed) SELECT rowid, 0, sealed_key FROM person ORDER BY rowid;
        ALTER TABLE person ADD COLUMN key_slot INTEGER;
        UPDATE person SET key_slot = rowid;
        ALTER TABLE person DROP COLUMN sealed_key;
        CREATE VIEW person_with_key AS SELECT person.*, person_key.sealed AS sealed_key FROM person JOIN person_key ON slot = key_slot;
        CREATE TRIGGER person_key_goes AFTER DELETE ON person
        BEGIN UPDATE person_key SET is_free = 1, sealed = zeroblob(length(sealed)) WHERE slot = OLD.key_slot; END;

        CREATE TABLE feed_state (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            cursor TEXT
        ) STRICT;
        INSERT INTO feed_state (only) VALUES (1);
        CREATE TABLE held_gallery (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            rate REAL NOT NULL,
            term_ms INTEGER NOT NULL,
            refreshed_ms INTEGER NOT NULL,
            is_complete INTEGER NOT NULL DEFAULT 0,
            digest BLOB NOT NULL,
            generation INTEGER NOT NULL DEFAULT 1
        ) STRICT;
        CREATE TABLE held_person (
            gallery_id TEXT NOT NULL REFERENCES held_gallery (id) ON DELETE CASCADE,
            id TEXT NOT NULL,
            key_slot INTEGER,
            sealed_label BLOB,
            ends_ms INTEGER NOT NULL,
            version INTEGER NOT NULL,
            generation INTEGER NOT NULL,
            templates TEXT NOT NULL,
            PRIMARY KEY (gallery_id, id)
        ) STRICT;
        CREATE INDEX held_person_by_end ON held_person (ends_ms) WHERE key_slot IS NOT NULL;
        CREATE TABLE held_template (
            gallery_id TEXT NOT NULL,
            person_id TEXT NOT NULL,
            id TEXT NOT NULL,
            model TEXT NOT NULL,
            sealed BLOB NOT NULL,
            PRIMARY KEY (gallery_id, person_id, id),
            FOREIGN KEY (gallery_id, person_id) REFERENCES held_person (gallery_id, id) ON DELETE CASCADE
        ) STRICT;
        CREATE TRIGGER held_key_goes AFTER DELETE ON held_person WHEN OLD.key_slot IS NOT NULL
        BEGIN UPDATE person_key SET is_free = 1, sealed = zeroblob(length(sealed)) WHERE slot = OLD.key_slot; END;
        CREATE TRIGGER held_key_ends AFTER UPDATE OF key_slot ON held_person WHEN OLD.key_slot IS NOT NULL AND NEW.key_slot IS NULL
        BEGIN UPDATE person_key SET is_free = 1, sealed = zeroblob(length(sealed)) WHERE slot = OLD.key_slot; END;

        CREATE TABLE erasure_state (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            is_log_due INTEGER NOT NULL
        ) STRICT;
        INSERT INTO erasure_state (only, is_log_due) VALUES (1, 0);

        CREATE TABLE index_change (
            version INTEGER PRIMARY KEY,
            gallery_id TEXT,
            person_id TEXT NOT NULL
        ) STRICT;
        DROP TRIGGER gallery_gains;
        DROP TRIGGER gallery_loses;
        \(indexTriggers("gallery", table: "template", gallery: "NULL"))
        \(indexTriggers("held", table: "held_template", gallery: "gallery_id"))
        """

    /// Rows of `index_change` that are kept: who is further behind reads everything again.
    private static let indexChanges: Int = 10_000

    static func indexTriggers(_ name: String, table: String, gallery: String) -> String {
        [("gains", "INSERT", "NEW"), ("loses", "DELETE", "OLD")].map { suffix, event, row in
            """
            CREATE TRIGGER \(name)_\(suffix) AFTER \(event) ON \(table) BEGIN
                UPDATE gallery SET version = version + 1;
                INSERT INTO index_change (version, gallery_id, person_id)
                    SELECT version, \(gallery == "NULL" ? gallery : "\(row).\(gallery)"), \(row).person_id FROM gallery;
                DELETE FROM index_change WHERE version <= (SELECT version FROM gallery) - \(indexChanges);
            END;
            """
        }.joined(separator: "\n")
    }
}
