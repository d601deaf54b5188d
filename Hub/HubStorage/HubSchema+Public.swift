extension HubSchema {
    /// What accounts and operator write to each other, what the operator announces, and what was wrong when.
    static let publicWord: String = """
        CREATE TABLE feedback_case (
            id TEXT PRIMARY KEY,
            account_id TEXT NOT NULL REFERENCES account (id),
            kind TEXT NOT NULL CHECK (kind IN ('opinion', 'security', 'unlawful', 'compensation')),
            category TEXT,
            subject TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('open', 'answered', 'closed')),
            opened_ms BIGINT NOT NULL,
            changed_ms BIGINT NOT NULL
        );

        CREATE INDEX feedback_case_of_account ON feedback_case (account_id, id);

        CREATE TABLE feedback_message (
            id TEXT PRIMARY KEY,
            case_id TEXT NOT NULL REFERENCES feedback_case (id),
            is_operator BIGINT NOT NULL CHECK (is_operator IN (0, 1)),
            author TEXT NOT NULL,
            body TEXT NOT NULL,
            written_ms BIGINT NOT NULL
        );

        CREATE INDEX feedback_message_of_case ON feedback_message (case_id, id);

        CREATE TABLE announcement (
            id TEXT PRIMARY KEY,
            audience TEXT NOT NULL,
            texts TEXT NOT NULL,
            begins_ms BIGINT NOT NULL,
            ends_ms BIGINT,
            told_ms BIGINT,
            withdrawn_ms BIGINT,
            written_ms BIGINT NOT NULL
        );

        CREATE TABLE incident (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('fault', 'attack', 'force_majeure', 'maintenance')),
            impact TEXT NOT NULL CHECK (impact IN ('none', 'degraded', 'outage')),
            titles TEXT NOT NULL,
            begins_ms BIGINT NOT NULL,
            resolved_ms BIGINT
        );

        CREATE TABLE incident_update (
            id TEXT PRIMARY KEY,
            incident_id TEXT NOT NULL REFERENCES incident (id),
            state TEXT NOT NULL CHECK (state IN ('investigating', 'identified', 'monitoring', 'resolved')),
            texts TEXT NOT NULL,
            written_ms BIGINT NOT NULL
        )
        """

    /// After the accounts.
    static let publicTables: [String] = ["feedback_case", "feedback_message", "announcement", "incident", "incident_update"]
}
