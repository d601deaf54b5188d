extension HubSchema {
    /// Persons and their templates, each sealed under a key of the person's own; what keys and applications may do with them.
    static let galleries: String = """
        ALTER TABLE account ADD COLUMN allows_templates BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE account ADD COLUMN persons_told BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE application ADD COLUMN sealed_consent BYTEA;
        ALTER TABLE api_key ADD COLUMN scopes TEXT NOT NULL DEFAULT '[]';

        CREATE TABLE gallery (
            id TEXT PRIMARY KEY,
            account_id TEXT NOT NULL REFERENCES account (id),
            application_id TEXT NOT NULL REFERENCES application (id),
            name TEXT NOT NULL,
            one_false_match_in BIGINT NOT NULL CHECK (one_false_match_in > 0),
            retention_days BIGINT CHECK (retention_days > 0),
            version BIGINT NOT NULL,
            erased_version BIGINT NOT NULL,
            persons BIGINT NOT NULL CHECK (persons >= 0),
            templates BIGINT NOT NULL CHECK (templates >= 0),
            created_ms BIGINT NOT NULL,
            deleted_ms BIGINT,
            UNIQUE (application_id, name)
        );
        CREATE INDEX gallery_by_account ON gallery (account_id);

        CREATE TABLE person (
            id TEXT PRIMARY KEY,
            gallery_id TEXT NOT NULL REFERENCES gallery (id),
            label_mac TEXT NOT NULL,
            sealed_key BYTEA NOT NULL,
            sealed_record BYTEA NOT NULL,
            is_minor BIGINT NOT NULL CHECK (is_minor IN (0, 1)),
            consent_ends_ms BIGINT NOT NULL,
            ends_ms BIGINT NOT NULL,
            version BIGINT NOT NULL,
            created_ms BIGINT NOT NULL,
            UNIQUE (gallery_id, label_mac)
        );
        CREATE INDEX person_by_version ON person (gallery_id, version);
        CREATE INDEX person_by_end ON person (ends_ms);

        CREATE TABLE template (
            id TEXT PRIMARY KEY,
            gallery_id TEXT NOT NULL REFERENCES gallery (id),
            person_id TEXT NOT NULL REFERENCES person (id),
            model TEXT NOT NULL,
            sealed BYTEA NOT NULL,
            quality TEXT NOT NULL,
            version BIGINT NOT NULL,
            created_ms BIGINT NOT NULL
        );
        CREATE INDEX template_by_person ON template (person_id);
        CREATE INDEX template_by_version ON template (gallery_id, version);

        CREATE TABLE gallery_import (
            id TEXT PRIMARY KEY,
            gallery_id TEXT NOT NULL REFERENCES gallery (id),
            total BIGINT,
            accepted BIGINT NOT NULL DEFAULT 0,
            duplicate BIGINT NOT NULL DEFAULT 0,
            refused BIGINT NOT NULL DEFAULT 0,
            created_ms BIGINT NOT NULL,
            closed_ms BIGINT
        );
        CREATE INDEX gallery_import_by_gallery ON gallery_import (gallery_id);

        CREATE TABLE gallery_import_row (
            import_id TEXT NOT NULL REFERENCES gallery_import (id),
            row_mac TEXT NOT NULL,
            sealed_row BYTEA NOT NULL,
            seq BIGINT NOT NULL,
            outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'duplicate', 'refused')),
            person_id TEXT REFERENCES person (id),
            template_id TEXT,
            problem TEXT,
            PRIMARY KEY (import_id, row_mac)
        );
        CREATE INDEX gallery_import_row_by_seq ON gallery_import_row (import_id, seq);
        CREATE INDEX gallery_import_row_by_person ON gallery_import_row (person_id)
        """

    /// Parents first.
    static let galleryTables: [String] = ["gallery", "person", "template", "gallery_import", "gallery_import_row"]
}
