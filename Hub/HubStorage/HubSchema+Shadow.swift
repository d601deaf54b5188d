extension HubSchema {
    /// What models must show beside those that decide before a roll-out has them tried, and what devices have compared.
    static let shadow: String = """
        ALTER TABLE rollout ADD COLUMN shadow_faces BIGINT;
        ALTER TABLE rollout ADD COLUMN shadow_permille BIGINT;
        ALTER TABLE rollout ADD COLUMN shadow_ms BIGINT;
        ALTER TABLE rollout_device ADD COLUMN shadow_compared BIGINT;
        ALTER TABLE rollout_device ADD COLUMN shadow_disagreements BIGINT
        """
}
