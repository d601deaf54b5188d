extension HubSchema {
    /// What is sold and what was used: offers, tariffs, products, entitlements, metering records, and the books.
    static let commerce: String = """
        CREATE TABLE offer (
            id TEXT PRIMARY KEY,
            api TEXT NOT NULL,
            version BIGINT NOT NULL CHECK (version > 0),
            terms TEXT NOT NULL,
            notice_ms BIGINT NOT NULL,
            effective_ms BIGINT NOT NULL,
            announced_ms BIGINT,
            UNIQUE (api, version)
        );

        ALTER TABLE price ADD COLUMN plan TEXT NOT NULL DEFAULT 'standard';
        ALTER TABLE price ADD COLUMN account_id TEXT;
        ALTER TABLE price ADD COLUMN tariff TEXT NOT NULL DEFAULT '';
        ALTER TABLE price ADD COLUMN announced_ms BIGINT;
        UPDATE price SET announced_ms = created_ms;

        CREATE TABLE product (
            id TEXT PRIMARY KEY,
            api TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('pack', 'frequency')),
            name TEXT NOT NULL,
            units BIGINT NOT NULL CHECK (units > 0),
            valid_ms BIGINT NOT NULL CHECK (valid_ms > 0),
            price BIGINT NOT NULL CHECK (price >= 0),
            currency TEXT NOT NULL,
            effective_ms BIGINT NOT NULL,
            withdrawn_ms BIGINT,
            created_ms BIGINT NOT NULL
        );

        CREATE TABLE account_plan (
            account_id TEXT NOT NULL REFERENCES account (id),
            api TEXT NOT NULL,
            from_ms BIGINT NOT NULL,
            plan TEXT NOT NULL,
            PRIMARY KEY (account_id, api, from_ms)
        );

        CREATE TABLE entitlement (
            id TEXT PRIMARY KEY,
            account_id TEXT NOT NULL REFERENCES account (id),
            application_id TEXT NOT NULL REFERENCES application (id),
            api TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('trial', 'applied', 'active', 'refused', 'paused', 'ended')),
            before_pause TEXT,
            paused_by TEXT,
            ended_by TEXT,
            units BIGINT,
            ceiling BIGINT,
            period TEXT NOT NULL CHECK (period IN ('total', 'month', 'day')),
            window_ms BIGINT NOT NULL,
            used BIGINT NOT NULL DEFAULT 0,
            claimed BIGINT NOT NULL DEFAULT 0,
            trial_ends_ms BIGINT,
            reason TEXT NOT NULL,
            answer TEXT,
            created_ms BIGINT NOT NULL,
            applied_ms BIGINT,
            decided_ms BIGINT,
            ended_ms BIGINT
        );
        CREATE INDEX entitlement_by_account ON entitlement (account_id);
        CREATE UNIQUE INDEX entitlement_live ON entitlement (application_id, api) WHERE ended_ms IS NULL;

        ALTER TABLE quota ADD COLUMN claimed BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE quota ADD COLUMN period TEXT NOT NULL DEFAULT 'total';
        ALTER TABLE quota ADD COLUMN window_ms BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE allotment ADD COLUMN held BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE api_key ADD COLUMN per_minute BIGINT;

        CREATE TABLE balance (
            account_id TEXT NOT NULL REFERENCES account (id),
            currency TEXT NOT NULL,
            amount BIGINT NOT NULL DEFAULT 0,
            held BIGINT NOT NULL DEFAULT 0,
            due BIGINT NOT NULL DEFAULT 0,
            credit_limit BIGINT NOT NULL DEFAULT 0 CHECK (credit_limit >= 0),
            PRIMARY KEY (account_id, currency)
        );

        CREATE TABLE ledger_transaction (
            id TEXT PRIMARY KEY,
            account_id TEXT NOT NULL REFERENCES account (id),
            kind TEXT NOT NULL,
            currency TEXT NOT NULL,
            amount BIGINT NOT NULL,
            reason TEXT NOT NULL,
            reference TEXT,
            corrects TEXT REFERENCES ledger_transaction (id),
            actor TEXT NOT NULL,
            at_ms BIGINT NOT NULL
        );
        CREATE INDEX ledger_transaction_by_account ON ledger_transaction (account_id, at_ms);

        CREATE TABLE posting (
            transaction_id TEXT NOT NULL REFERENCES ledger_transaction (id),
            ledger TEXT NOT NULL,
            account_id TEXT NOT NULL,
            amount BIGINT NOT NULL,
            PRIMARY KEY (transaction_id, ledger)
        );
        CREATE INDEX posting_by_ledger ON posting (account_id, ledger);

        CREATE TABLE purchase (
            id TEXT PRIMARY KEY,
            account_id TEXT NOT NULL REFERENCES account (id),
            product_id TEXT NOT NULL REFERENCES product (id),
            kind TEXT NOT NULL,
            api TEXT NOT NULL,
            units BIGINT NOT NULL,
            used BIGINT NOT NULL DEFAULT 0,
            begins_ms BIGINT NOT NULL,
            ends_ms BIGINT NOT NULL,
            transaction_id TEXT REFERENCES ledger_transaction (id),
            created_ms BIGINT NOT NULL,
            CHECK (used <= units)
        );
        CREATE INDEX purchase_by_account ON purchase (account_id, api);

        CREATE TABLE metering_record (
            id TEXT PRIMARY KEY,
            account_id TEXT NOT NULL REFERENCES account (id),
            application_id TEXT,
            key_id TEXT,
            entitlement_id TEXT,
            device_id TEXT,
            epoch BIGINT,
            seq BIGINT,
            api TEXT NOT NULL,
            units BIGINT NOT NULL CHECK (units >= 0),
            state TEXT NOT NULL CHECK (state IN ('claimed', 'settled', 'released')),
            used_ms BIGINT NOT NULL,
            booked_ms BIGINT,
            price_id TEXT REFERENCES price (id),
            currency TEXT NOT NULL,
            amount BIGINT NOT NULL DEFAULT 0,
            pack_units BIGINT NOT NULL DEFAULT 0,
            is_trial BIGINT NOT NULL DEFAULT 0,
            overdraft BIGINT NOT NULL DEFAULT 0 CHECK (overdraft IN (0, 1)),
            transaction_id TEXT REFERENCES ledger_transaction (id),
            request_hash TEXT,
            fault TEXT
        );
        CREATE INDEX metering_record_by_use ON metering_record (account_id, used_ms);
        CREATE INDEX metering_record_by_booking ON metering_record (account_id, booked_ms);
        CREATE INDEX metering_record_by_entitlement ON metering_record (entitlement_id, booked_ms);
        CREATE INDEX metering_record_claimed ON metering_record (used_ms) WHERE state = 'claimed';
        CREATE UNIQUE INDEX metering_record_by_entry ON metering_record (device_id, epoch, seq);
        INSERT INTO metering_record (id, account_id, device_id, epoch, seq, api, units, state, used_ms, booked_ms, price_id, currency, amount, overdraft)
        SELECT ledger_entry.device_id || ':' || CAST(ledger_entry.epoch AS TEXT) || ':' || CAST(ledger_entry.seq AS TEXT), ledger_entry.account_id,
            ledger_entry.device_id, ledger_entry.epoch, ledger_entry.seq, ledger_entry.api, ledger_entry.units, 'settled', ledger_entry.used_ms,
            journal_entry.received_ms, price.id, price.currency, ledger_entry.units * price.unit_price, ledger_entry.overdraft
        FROM ledger_entry JOIN price ON price.id = ledger_entry.price_id
        JOIN journal_entry ON journal_entry.device_id = ledger_entry.device_id AND journal_entry.epoch = ledger_entry.epoch
            AND journal_entry.seq = ledger_entry.seq;
        DROP TABLE ledger_entry;

        CREATE TABLE tariff_count (
            account_id TEXT NOT NULL REFERENCES account (id),
            price_id TEXT NOT NULL REFERENCES price (id),
            month BIGINT NOT NULL,
            units BIGINT NOT NULL,
            claimed BIGINT NOT NULL,
            held BIGINT NOT NULL,
            PRIMARY KEY (account_id, price_id, month)
        );

        CREATE TABLE idempotent_answer (
            record_id TEXT PRIMARY KEY REFERENCES metering_record (id),
            status BIGINT NOT NULL,
            media_type TEXT NOT NULL,
            sealed BYTEA NOT NULL,
            expires_ms BIGINT NOT NULL
        );

        CREATE TABLE rate_bucket (
            name TEXT PRIMARY KEY,
            full_us BIGINT NOT NULL
        );

        CREATE TABLE alert (
            id TEXT PRIMARY KEY,
            account_id TEXT NOT NULL REFERENCES account (id),
            kind TEXT NOT NULL CHECK (kind IN ('spend', 'balance', 'quota')),
            api TEXT,
            level BIGINT NOT NULL,
            currency TEXT,
            fired_for TEXT,
            fired_ms BIGINT,
            created_ms BIGINT NOT NULL
        );
        CREATE INDEX alert_by_account ON alert (account_id)
        """
}
