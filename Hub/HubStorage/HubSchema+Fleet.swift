extension HubSchema {
    /// Groups of devices, the galleries they are given, and what proves that who left a gallery has left the devices.
    static let fleet: String = """
        CREATE TABLE device_group (
            id TEXT PRIMARY KEY,
            account_id TEXT NOT NULL REFERENCES account (id),
            name TEXT NOT NULL,
            configuration TEXT NOT NULL,
            created_ms BIGINT NOT NULL,
            UNIQUE (account_id, name)
        );
        ALTER TABLE device ADD COLUMN group_id TEXT REFERENCES device_group (id);
        CREATE INDEX device_by_group ON device (group_id);
        ALTER TABLE join_token ADD COLUMN group_id TEXT REFERENCES device_group (id);

        CREATE TABLE group_gallery (
            group_id TEXT NOT NULL REFERENCES device_group (id),
            gallery_id TEXT NOT NULL REFERENCES gallery (id),
            term_ms BIGINT NOT NULL CHECK (term_ms > 0),
            assigned_ms BIGINT NOT NULL,
            PRIMARY KEY (group_id, gallery_id)
        );
        CREATE INDEX group_gallery_by_gallery ON group_gallery (gallery_id);

        ALTER TABLE gallery ADD COLUMN feed_digest BYTEA;
        ALTER TABLE gallery ADD COLUMN restart_version BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE gallery ADD COLUMN cleared_version BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE person ADD COLUMN on_devices BIGINT NOT NULL DEFAULT 0;
        CREATE INDEX person_on_devices ON person (gallery_id, version, id) WHERE on_devices = 1;
        CREATE INDEX person_by_gallery_end ON person (gallery_id, ends_ms);

        CREATE TABLE person_tombstone (
            gallery_id TEXT NOT NULL REFERENCES gallery (id),
            person_id TEXT NOT NULL,
            version BIGINT NOT NULL,
            made_ms BIGINT NOT NULL,
            PRIMARY KEY (gallery_id, person_id)
        );
        CREATE INDEX person_tombstone_by_version ON person_tombstone (gallery_id, version, person_id);
        CREATE INDEX person_tombstone_by_time ON person_tombstone (made_ms);

        CREATE TABLE device_gallery (
            device_id TEXT NOT NULL REFERENCES device (id),
            gallery_id TEXT NOT NULL REFERENCES gallery (id),
            fed_ms BIGINT NOT NULL,
            term_ms BIGINT NOT NULL,
            PRIMARY KEY (device_id, gallery_id)
        );
        CREATE INDEX device_gallery_by_gallery ON device_gallery (gallery_id);

        CREATE TABLE device_erasure (
            device_id TEXT NOT NULL REFERENCES device (id),
            gallery_id TEXT NOT NULL REFERENCES gallery (id),
            person_id TEXT NOT NULL,
            version BIGINT NOT NULL,
            ground TEXT NOT NULL,
            due_ms BIGINT NOT NULL,
            ends_ms BIGINT NOT NULL,
            receipt_ms BIGINT,
            receipt_ground TEXT,
            receipt_epoch BIGINT,
            receipt_seq BIGINT,
            PRIMARY KEY (device_id, gallery_id, person_id, version)
        );
        CREATE INDEX device_erasure_by_gallery ON device_erasure (gallery_id, person_id);
        CREATE INDEX device_erasure_outstanding ON device_erasure (device_id, gallery_id) WHERE receipt_ms IS NULL
        """

    /// Parents first; `device_group` comes before the devices.
    static let fleetTables: [String] = ["group_gallery", "person_tombstone", "device_gallery", "device_erasure"]
}
