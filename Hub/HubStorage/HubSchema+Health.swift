extension HubSchema {
    /// How devices are over time, what somebody is to be told of that, and who wants to hear of incidents.
    static let health: String = """
        ALTER TABLE device_health ADD COLUMN vitals BYTEA;

        CREATE TABLE health_point (
            device_id TEXT NOT NULL REFERENCES device (id),
            step BIGINT NOT NULL,
            begin_ms BIGINT NOT NULL,
            body BYTEA NOT NULL,
            PRIMARY KEY (device_id, step, begin_ms)
        );

        CREATE TABLE health_roll (
            device_id TEXT PRIMARY KEY REFERENCES device (id),
            rolled_ms BIGINT NOT NULL
        );
        CREATE INDEX health_roll_by_time ON health_roll (rolled_ms);

        CREATE TABLE hub_presence (
            only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
            seen_ms BIGINT NOT NULL,
            resumed_ms BIGINT NOT NULL
        );

        CREATE TABLE alert_rule (
            id TEXT PRIMARY KEY,
            condition TEXT NOT NULL,
            level BIGINT NOT NULL,
            margin BIGINT NOT NULL CHECK (margin >= 0),
            hold_ms BIGINT NOT NULL CHECK (hold_ms >= 0),
            severity TEXT NOT NULL CHECK (severity IN ('warning', 'critical')),
            scope TEXT NOT NULL,
            recipients TEXT NOT NULL,
            repeat_ms BIGINT NOT NULL CHECK (repeat_ms >= 0),
            quiet TEXT,
            made_ms BIGINT NOT NULL,
            removed_ms BIGINT,
            told_ms BIGINT
        );

        CREATE TABLE device_alert (
            id TEXT PRIMARY KEY,
            rule_id TEXT NOT NULL REFERENCES alert_rule (id),
            device_id TEXT NOT NULL REFERENCES device (id),
            account_id TEXT NOT NULL REFERENCES account (id),
            state TEXT NOT NULL CHECK (state IN ('pending', 'open', 'resolved')),
            since_ms BIGINT NOT NULL,
            opened_ms BIGINT,
            value BIGINT,
            told_ms BIGINT,
            tellings BIGINT NOT NULL DEFAULT 0,
            acknowledged_ms BIGINT,
            acknowledged_by TEXT,
            resolved_ms BIGINT,
            is_end_told BIGINT NOT NULL DEFAULT 0 CHECK (is_end_told IN (0, 1))
        );
        CREATE UNIQUE INDEX device_alert_standing ON device_alert (rule_id, device_id) WHERE resolved_ms IS NULL;
        CREATE INDEX device_alert_by_device ON device_alert (device_id, since_ms);
        CREATE INDEX device_alert_by_end ON device_alert (resolved_ms);

        CREATE TABLE incident_reader (
            principal_id TEXT PRIMARY KEY REFERENCES principal (id),
            since_ms BIGINT NOT NULL
        )
        """

    /// After the devices and the principals.
    static let healthTables: [String] = ["health_point", "health_roll", "hub_presence", "alert_rule", "device_alert", "incident_reader"]
}
