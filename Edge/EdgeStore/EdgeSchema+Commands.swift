extension EdgeSchema {
    /// Commands of the hub's operators. A row stays until the hub has the receipt and the command's time is over, so that an answer which
    /// comes late, or by file, does not carry it out again.
    static let commands: String = """
        CREATE TABLE remote_command (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            issued_ms INTEGER NOT NULL,
            expires_ms INTEGER NOT NULL,
            finished_ms INTEGER,
            outcome TEXT,
            detail TEXT,
            is_told INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        """
}
