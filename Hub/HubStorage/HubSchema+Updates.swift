extension HubSchema {
    /// Releases with their files, in pieces that every hub on this database can give; and who is to have them when.
    static let updates: String = """
        CREATE TABLE release (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('agent', 'models')),
            version TEXT NOT NULL,
            platform TEXT NOT NULL,
            payload TEXT NOT NULL,
            signature BYTEA NOT NULL,
            signer TEXT NOT NULL,
            bytes BIGINT NOT NULL,
            expires_ms BIGINT NOT NULL,
            published_ms BIGINT NOT NULL,
            withdrawn_ms BIGINT
        );

        CREATE TABLE release_file (
            release_id TEXT NOT NULL REFERENCES release (id),
            sha256 TEXT NOT NULL,
            bytes BIGINT NOT NULL,
            PRIMARY KEY (release_id, sha256)
        );
        CREATE INDEX release_file_by_digest ON release_file (sha256);

        CREATE TABLE release_chunk (
            sha256 TEXT NOT NULL,
            place BIGINT NOT NULL,
            bytes BYTEA NOT NULL,
            PRIMARY KEY (sha256, place)
        );

        CREATE TABLE rollout (
            id TEXT PRIMARY KEY,
            release_id TEXT NOT NULL REFERENCES release (id),
            kind TEXT NOT NULL,
            account_id TEXT REFERENCES account (id),
            stages TEXT NOT NULL,
            stage BIGINT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('running', 'paused', 'cancelled', 'returning')),
            reason TEXT,
            failure_permille BIGINT NOT NULL,
            minimum_tries BIGINT NOT NULL,
            at_once BIGINT,
            begun_ms BIGINT NOT NULL,
            begun_by TEXT NOT NULL,
            stage_ms BIGINT NOT NULL
        );
        CREATE INDEX rollout_in_force ON rollout (kind, id) WHERE state <> 'cancelled';

        CREATE TABLE rollout_device (
            rollout_id TEXT NOT NULL REFERENCES rollout (id),
            device_id TEXT NOT NULL REFERENCES device (id),
            state TEXT NOT NULL,
            done_bytes BIGINT,
            total_bytes BIGINT,
            reason TEXT,
            offered_ms BIGINT NOT NULL,
            changed_ms BIGINT NOT NULL,
            PRIMARY KEY (rollout_id, device_id)
        );
        CREATE INDEX rollout_device_by_state ON rollout_device (rollout_id, state);
        CREATE INDEX rollout_device_by_device ON rollout_device (device_id)
        """

    /// After the devices.
    static let updateTables: [String] = ["release", "release_file", "release_chunk", "rollout", "rollout_device"]
}
