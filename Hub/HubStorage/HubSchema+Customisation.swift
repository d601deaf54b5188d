extension HubSchema {
    static let customisationTables: [String] = ["variant", "customisation", "quote", "variant_version", "webhook", "webhook_delivery"]

    /// Answers in a form of an account's own, and where results and notices are sent to.
    static let customisation: String = """
        CREATE TABLE variant (
            id TEXT PRIMARY KEY,
            account_id TEXT NOT NULL REFERENCES account (id),
            api TEXT NOT NULL UNIQUE,
            base TEXT NOT NULL,
            created_ms BIGINT NOT NULL,
            ends_ms BIGINT,
            end_ground TEXT,
            ended_by TEXT,
            told_ms BIGINT
        );
        CREATE INDEX variant_by_account ON variant (account_id);

        CREATE TABLE customisation (
            id TEXT PRIMARY KEY,
            account_id TEXT NOT NULL REFERENCES account (id),
            base TEXT NOT NULL,
            variant_id TEXT REFERENCES variant (id),
            name TEXT NOT NULL,
            words TEXT NOT NULL,
            definition TEXT,
            expected_monthly BIGINT NOT NULL CHECK (expected_monthly >= 0),
            state TEXT NOT NULL CHECK (state IN ('requested', 'quoted', 'accepted', 'declined', 'refused', 'withdrawn', 'lapsed')),
            answer TEXT,
            requested_by TEXT NOT NULL,
            requested_ms BIGINT NOT NULL,
            changed_ms BIGINT NOT NULL
        );
        CREATE INDEX customisation_by_account ON customisation (account_id);
        CREATE INDEX customisation_by_state ON customisation (state);

        CREATE TABLE quote (
            id TEXT PRIMARY KEY,
            customisation_id TEXT NOT NULL REFERENCES customisation (id),
            number BIGINT NOT NULL,
            api TEXT NOT NULL,
            definition TEXT NOT NULL,
            unit_price BIGINT NOT NULL CHECK (unit_price >= 0),
            currency TEXT NOT NULL,
            monthly_allowance BIGINT NOT NULL CHECK (monthly_allowance >= 0),
            monthly_quota BIGINT NOT NULL CHECK (monthly_quota >= 0),
            setup_fee BIGINT NOT NULL CHECK (setup_fee >= 0),
            words TEXT NOT NULL,
            valid_until_ms BIGINT NOT NULL,
            effective_ms BIGINT,
            state TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'declined', 'replaced', 'lapsed', 'void')),
            quoted_by TEXT NOT NULL,
            quoted_ms BIGINT NOT NULL,
            UNIQUE (customisation_id, number)
        );
        CREATE INDEX quote_by_state ON quote (state, valid_until_ms);

        CREATE TABLE variant_version (
            variant_id TEXT NOT NULL REFERENCES variant (id),
            number BIGINT NOT NULL CHECK (number > 0),
            definition TEXT NOT NULL,
            quote_id TEXT NOT NULL UNIQUE REFERENCES quote (id),
            effective_ms BIGINT NOT NULL,
            created_ms BIGINT NOT NULL,
            PRIMARY KEY (variant_id, number)
        );

        CREATE TABLE webhook (
            id TEXT PRIMARY KEY,
            account_id TEXT NOT NULL REFERENCES account (id),
            url TEXT NOT NULL,
            about TEXT NOT NULL,
            kinds TEXT NOT NULL,
            sealed BYTEA NOT NULL,
            previous_sealed BYTEA,
            previous_until_ms BIGINT,
            state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
            ground TEXT,
            failures BIGINT NOT NULL DEFAULT 0,
            rest_until_ms BIGINT NOT NULL DEFAULT 0,
            created_ms BIGINT NOT NULL,
            delivered_ms BIGINT
        );
        CREATE INDEX webhook_by_account ON webhook (account_id);

        CREATE TABLE webhook_delivery (
            id TEXT PRIMARY KEY,
            webhook_id TEXT NOT NULL REFERENCES webhook (id),
            account_id TEXT NOT NULL REFERENCES account (id),
            message_id TEXT NOT NULL,
            kind TEXT NOT NULL,
            media_type TEXT NOT NULL,
            sealed BYTEA,
            state TEXT NOT NULL CHECK (state IN ('queued', 'delivered', 'failed')),
            attempts BIGINT NOT NULL DEFAULT 0,
            claim TEXT,
            next_ms BIGINT NOT NULL,
            give_up_ms BIGINT NOT NULL,
            status BIGINT,
            fault TEXT,
            created_ms BIGINT NOT NULL,
            tried_ms BIGINT,
            delivered_ms BIGINT,
            UNIQUE (webhook_id, message_id)
        );
        CREATE INDEX webhook_delivery_due ON webhook_delivery (state, next_ms);
        CREATE INDEX webhook_delivery_by_account ON webhook_delivery (account_id)
        """
}
