extension EdgeSchema {
    /// What a gallery of the hub's asks of a live presentation.
    static let presentation: String = "ALTER TABLE held_gallery ADD COLUMN pad TEXT NOT NULL DEFAULT 'off'"
}
