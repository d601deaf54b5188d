extension EdgeSchema {
    /// What the hub's operator says on this device's screen: one document, replaced as a whole.
    static let announcements: String = "CREATE TABLE announcements (only INTEGER PRIMARY KEY CHECK (only = 1), document TEXT NOT NULL) STRICT"
}
