extension HubSchema {
    /// What a device's journal and leases come to when it was away for long: entries whose body was forgotten.
    static let offline: String = """
        ALTER TABLE journal_entry ADD COLUMN body_digest BYTEA
        """
}
