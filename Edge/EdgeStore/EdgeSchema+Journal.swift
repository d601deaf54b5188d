extension EdgeSchema {
    /// The journal in full: bodies beside their entries, so that one can be forgotten and the other stay; what was dropped of it
    /// and what that came to; conditions that bar spending; rows that carry a mark of their own (``EdgeStore/mark(of:in:)``).
    ///
    /// Entries of Vultus 0.1 keep their bodies inline (`body_digest IS NULL`): their hash covers them.
    static let journal: String = """
        ALTER TABLE journal ADD COLUMN body_digest BLOB;

        CREATE TABLE journal_body (
            epoch INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (epoch, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER journal_body_is_never_changed BEFORE UPDATE ON journal_body
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
        CREATE TRIGGER journal_body_is_forgotten BEFORE DELETE ON journal_body
        WHEN EXISTS (SELECT 1 FROM journal WHERE epoch = OLD.epoch AND seq = OLD.seq AND kind NOT IN ('decision', 'health'))
        BEGIN SELECT RAISE(ABORT, 'only results and health reports are forgotten'); END;

        CREATE TABLE journal_state (
            epoch INTEGER PRIMARY KEY,
            dropped_through INTEGER NOT NULL,
            dropped_hash BLOB NOT NULL,
            dropped_decisions INTEGER NOT NULL,
            forgotten_through INTEGER NOT NULL,
            ended_at INTEGER
        ) STRICT;
        CREATE TABLE journal_dropped (
            epoch INTEGER NOT NULL,
            api TEXT NOT NULL,
            units INTEGER NOT NULL,
            PRIMARY KEY (epoch, api)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER journal_keeps_what_is_needed BEFORE DELETE ON journal
        WHEN OLD.kind <> 'health' AND OLD.seq > ifnull(
            (SELECT min(acknowledged_through, backed_up_through) FROM sync_state
                WHERE OLD.epoch = (SELECT journal_epoch FROM identity)),
            ifnull((SELECT ended_at FROM journal_state WHERE epoch = OLD.epoch), 0))
        BEGIN SELECT RAISE(ABORT, 'the hub does not hold this entry and a copy of it'); END;

        CREATE TABLE journal_mark (
            epoch INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            time_ms INTEGER NOT NULL,
            PRIMARY KEY (epoch, seq)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE condition (
            name TEXT PRIMARY KEY,
            since_ms INTEGER NOT NULL,
            detail TEXT NOT NULL
        ) STRICT;

        CREATE TABLE damage (
            found_ms INTEGER PRIMARY KEY,
            report TEXT NOT NULL
        ) STRICT;

        CREATE TABLE health (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            time_ms INTEGER NOT NULL,
            states TEXT NOT NULL
        ) STRICT;

        CREATE TABLE configuration (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            document TEXT NOT NULL
        ) STRICT;

        ALTER TABLE lease ADD COLUMN is_journaled INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE sync_state ADD COLUMN acknowledged_hash BLOB;
        ALTER TABLE sync_state ADD COLUMN mark BLOB;
        ALTER TABLE spending ADD COLUMN mark BLOB;
        ALTER TABLE clock ADD COLUMN signature BLOB;
        ALTER TABLE clock ADD COLUMN local_ms INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE clock ADD COLUMN local_boot_ms INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE clock ADD COLUMN local_boot_id TEXT NOT NULL DEFAULT '';
        CREATE INDEX seen_file_by_age ON seen_file (seen_ms);
        """
}
