extension EdgeSchema {
    /// What a match rested on, for a while, so that it can be marked as a confusion; and what was marked. Both are of somebody who may
    /// have consented to nothing: sealed under keys of their own that are overwritten at the end, like persons, and gone with the person
    /// they were taken for.
    static let confusions: String = """
        CREATE TABLE decided_probe (
            epoch INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            gallery_id TEXT,
            person_id TEXT NOT NULL,
            model TEXT NOT NULL,
            key_slot INTEGER NOT NULL,
            sealed BLOB NOT NULL,
            ends_ms INTEGER NOT NULL,
            PRIMARY KEY (epoch, seq)
        ) STRICT;
        CREATE INDEX decided_probe_by_end ON decided_probe (ends_ms);
        CREATE TABLE confusion (
            id TEXT PRIMARY KEY,
            gallery_id TEXT,
            person_id TEXT NOT NULL,
            model TEXT NOT NULL,
            key_slot INTEGER NOT NULL,
            sealed BLOB NOT NULL,
            created_ms INTEGER NOT NULL,
            ends_ms INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX confusion_by_end ON confusion (ends_ms);
        \(["decided_probe", "confusion"].map(goes).joined(separator: "\n"))
        \(indexTriggers("confusion", table: "confusion", gallery: "gallery_id"))
        """

    /// With its key, and with the person.
    private static func goes(_ table: String) -> String {
        """
        CREATE TRIGGER \(table)_key_goes AFTER DELETE ON \(table)
        BEGIN UPDATE person_key SET is_free = 1, sealed = zeroblob(length(sealed)) WHERE slot = OLD.key_slot; END;
        CREATE TRIGGER \(table)_goes_with_person AFTER DELETE ON person
        BEGIN DELETE FROM \(table) WHERE gallery_id IS NULL AND person_id = OLD.id; END;
        CREATE TRIGGER \(table)_goes_with_held AFTER DELETE ON held_person
        BEGIN DELETE FROM \(table) WHERE gallery_id = OLD.gallery_id AND person_id = OLD.id; END;
        CREATE TRIGGER \(table)_ends_with_held AFTER UPDATE OF key_slot ON held_person WHEN NEW.key_slot IS NULL
        BEGIN DELETE FROM \(table) WHERE gallery_id = OLD.gallery_id AND person_id = OLD.id; END;
        """
    }
}
