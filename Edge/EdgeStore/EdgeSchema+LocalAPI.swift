extension EdgeSchema {
    /// What programs that enrol through the device's own API say of persons, and their imports. Labels and row keys are looked for
    /// by keyed marks: the texts themselves are sealed.
    static let localAPI: String = """
        ALTER TABLE person ADD COLUMN label_mark BLOB;
        CREATE UNIQUE INDEX person_by_label ON person (label_mark);
        ALTER TABLE person ADD COLUMN sealed_consent BLOB;
        ALTER TABLE person ADD COLUMN is_minor INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE person ADD COLUMN expires_ms INTEGER;
        CREATE INDEX person_by_age ON person (created_ms, id);
        CREATE INDEX person_by_expiry ON person (expires_ms) WHERE expires_ms IS NOT NULL;
        ALTER TABLE template ADD COLUMN sealed_quality BLOB;

        CREATE TABLE import (
            id TEXT PRIMARY KEY,
            total INTEGER,
            is_open INTEGER NOT NULL,
            created_ms INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE import_row (
            import_id TEXT NOT NULL REFERENCES import (id) ON DELETE CASCADE,
            ordinal INTEGER NOT NULL,
            mark BLOB NOT NULL,
            sealed_row BLOB NOT NULL,
            outcome TEXT NOT NULL,
            person_id TEXT REFERENCES person (id) ON DELETE CASCADE,
            template_id TEXT,
            problem TEXT,
            PRIMARY KEY (import_id, ordinal)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX import_row_by_mark ON import_row (import_id, mark);
        CREATE INDEX import_row_by_person ON import_row (person_id);
        """
}
