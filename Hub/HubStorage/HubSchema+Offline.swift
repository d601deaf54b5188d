extension HubSchema {
    /// What a device's journal and leases come to when it was away for long, was copied, or met a hub restored from a backup.
    static let offline: String = """
        ALTER TABLE journal_entry ADD COLUMN body_digest BYTEA;

        ALTER TABLE device ADD COLUMN quarantine TEXT;
        ALTER TABLE device ADD COLUMN quarantined_ms BIGINT;

        ALTER TABLE price ADD COLUMN lease_grace_ms BIGINT NOT NULL DEFAULT 0;

        ALTER TABLE allotment ADD COLUMN promised BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE allotment ADD COLUMN grace_ms BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE allotment ADD COLUMN settled_ms BIGINT;
        UPDATE allotment SET promised = ceiling
            + (SELECT CASE WHEN price.when_exhausted = 'refuse' THEN 0 ELSE price.hard_limit END FROM price WHERE price.id = allotment.price_id);

        CREATE TABLE signed_lease (
            id TEXT PRIMARY KEY,
            device_id TEXT NOT NULL REFERENCES device (id),
            api TEXT NOT NULL,
            epoch BIGINT NOT NULL,
            granted_epoch BIGINT NOT NULL,
            number BIGINT NOT NULL,
            ceiling BIGINT NOT NULL,
            granted_ms BIGINT NOT NULL,
            not_after_ms BIGINT NOT NULL,
            adopted_ms BIGINT
        );
        INSERT INTO signed_lease (id, device_id, api, epoch, granted_epoch, number, ceiling, granted_ms, not_after_ms)
            SELECT id, device_id, api, epoch, coalesce((SELECT epoch FROM hub), 1), number, ceiling, granted_ms, not_after_ms FROM lease_grant;
        DROP TABLE lease_grant;
        ALTER TABLE signed_lease RENAME TO lease_grant;
        CREATE INDEX lease_grant_by_device ON lease_grant (device_id, api, number);
        CREATE INDEX allotment_by_account ON allotment (account_id, api);

        CREATE TABLE ended_journal (
            device_id TEXT NOT NULL REFERENCES device (id),
            epoch BIGINT NOT NULL,
            head_seq BIGINT NOT NULL,
            head_hash BYTEA NOT NULL,
            ground TEXT NOT NULL CHECK (ground IN ('damaged', 'ordered', 'restored')),
            ended_ms BIGINT NOT NULL,
            asked_seq BIGINT,
            asked_hash BYTEA,
            PRIMARY KEY (device_id, epoch)
        );

        CREATE TABLE unaccounted_use (
            device_id TEXT NOT NULL REFERENCES device (id),
            epoch BIGINT NOT NULL,
            seq BIGINT NOT NULL,
            api TEXT NOT NULL,
            account_id TEXT NOT NULL REFERENCES account (id),
            units BIGINT NOT NULL CHECK (units > 0),
            ground TEXT NOT NULL,
            noted_ms BIGINT NOT NULL,
            PRIMARY KEY (device_id, epoch, seq, api)
        );

        CREATE TABLE device_health (
            device_id TEXT PRIMARY KEY REFERENCES device (id),
            epoch BIGINT NOT NULL,
            seq BIGINT NOT NULL,
            reported_ms BIGINT NOT NULL,
            body TEXT NOT NULL
        );

        ALTER TABLE fork_alarm ADD COLUMN entry_kind TEXT;
        ALTER TABLE fork_alarm ADD COLUMN entry_api TEXT;
        ALTER TABLE fork_alarm ADD COLUMN entry_units BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE fork_alarm ADD COLUMN entry_wall_ms BIGINT;
        ALTER TABLE fork_alarm ADD COLUMN resolved_ms BIGINT;
        ALTER TABLE fork_alarm ADD COLUMN resolution TEXT
        """

    /// After the devices.
    static let offlineTables: [String] = ["ended_journal", "unaccounted_use", "device_health"]
}
