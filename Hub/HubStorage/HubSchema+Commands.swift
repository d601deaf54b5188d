extension HubSchema {
    /// What operators ask of devices, what devices report of themselves, and the certificate that follows the present one.
    static let commands: String = """
        CREATE TABLE device_command (
            id TEXT PRIMARY KEY,
            device_id TEXT NOT NULL REFERENCES device (id),
            kind TEXT NOT NULL,
            issued_ms BIGINT NOT NULL,
            issued_by TEXT NOT NULL,
            expires_ms BIGINT NOT NULL,
            delivered_ms BIGINT,
            finished_ms BIGINT,
            outcome TEXT,
            detail TEXT
        );
        CREATE INDEX device_command_by_device ON device_command (device_id, issued_ms);
        CREATE INDEX device_command_open ON device_command (device_id) WHERE finished_ms IS NULL;

        CREATE TABLE device_label (
            device_id TEXT NOT NULL REFERENCES device (id),
            name TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (device_id, name)
        );
        CREATE INDEX device_label_by_value ON device_label (name, value);

        ALTER TABLE device ADD COLUMN overrides TEXT;
        ALTER TABLE device ADD COLUMN reported TEXT;
        ALTER TABLE device ADD COLUMN reported_ms BIGINT;
        ALTER TABLE device ADD COLUMN stolen_ms BIGINT;
        ALTER TABLE device ADD COLUMN certificate_ms BIGINT;
        ALTER TABLE device ADD COLUMN next_certificate_pem TEXT;
        ALTER TABLE device ADD COLUMN next_certificate_serial TEXT;
        ALTER TABLE device ADD COLUMN next_certificate_ms BIGINT;
        ALTER TABLE device ADD COLUMN rotate_ms BIGINT;
        ALTER TABLE device ADD COLUMN replaced_by TEXT;
        CREATE INDEX device_by_next_certificate ON device (next_certificate_serial);
        CREATE INDEX device_by_key ON device (key_thumbprint);
        ALTER TABLE join_token ADD COLUMN replaces TEXT
        """

    /// After the devices.
    static let commandTables: [String] = ["device_command", "device_label"]
}
