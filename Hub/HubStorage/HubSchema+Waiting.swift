extension HubSchema {
    /// Devices without a token that ask to be taken in. Whose key it is makes the row: another key is another request. And what was
    /// ever sent to devices as their configuration, by the mark with which they report it.
    static let waiting: String = """
        CREATE TABLE waiting_device (
            id TEXT PRIMARY KEY,
            key_thumbprint TEXT NOT NULL UNIQUE,
            public_key BYTEA NOT NULL,
            label TEXT NOT NULL,
            model TEXT NOT NULL,
            agent_version TEXT NOT NULL,
            address TEXT NOT NULL,
            network TEXT NOT NULL,
            created_ms BIGINT NOT NULL,
            seen_ms BIGINT NOT NULL,
            refused_ms BIGINT,
            refusal TEXT
        );
        CREATE INDEX waiting_device_by_network ON waiting_device (network);
        CREATE INDEX waiting_device_by_time ON waiting_device (seen_ms);

        CREATE TABLE sent_configuration (
            mark TEXT PRIMARY KEY,
            body TEXT NOT NULL
        )
        """

    static let waitingTables: [String] = ["waiting_device", "sent_configuration"]
}
