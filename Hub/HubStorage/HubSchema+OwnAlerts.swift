extension HubSchema {
    /// Alert rules that are an account's own.
    static let ownAlerts: String = """
        ALTER TABLE alert_rule ADD COLUMN account_id TEXT REFERENCES account (id);
        CREATE INDEX alert_rule_by_account ON alert_rule (account_id)
        """
}
