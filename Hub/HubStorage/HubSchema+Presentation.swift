extension HubSchema {
    /// What a gallery asks of a live presentation at a device.
    static let presentation: String = "ALTER TABLE gallery ADD COLUMN pad TEXT NOT NULL DEFAULT 'off'"
}
