extension HubSchema {
    /// Entries of devices' journals that cannot be billed until a price holds for their time.
    static let held: String = """
        CREATE TABLE held_entry (
            device_id TEXT NOT NULL REFERENCES device (id),
            epoch BIGINT NOT NULL,
            seq BIGINT NOT NULL,
            api TEXT NOT NULL,
            account_id TEXT NOT NULL REFERENCES account (id),
            units BIGINT NOT NULL,
            used_ms BIGINT NOT NULL,
            is_counted BIGINT NOT NULL CHECK (is_counted IN (0, 1)),
            noted_ms BIGINT NOT NULL,
            PRIMARY KEY (device_id, epoch, seq)
        )
        """

    /// After the devices.
    static let heldTables: [String] = ["held_entry"]
}
