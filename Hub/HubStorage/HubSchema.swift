/// The hub's schema as steps in plain SQL of the subset both engines read; a step, once released, never changes.
package enum HubSchema {
    package static let migrations: [Migration] = [
        Migration(name: "0001-first", sql: first),
        Migration(name: "0002-accounts", sql: accounts),
        Migration(name: "0003-commerce", sql: commerce),
        Migration(name: "0004-galleries", sql: galleries),
        Migration(name: "0005-customisation", sql: customisation),
        Migration(name: "0006-offline", sql: offline),
        Migration(name: "0007-fleet", sql: fleet),
        Migration(name: "0008-emptied", sql: emptied),
        Migration(name: "0009-held", sql: held),
        Migration(name: "0010-commands", sql: commands),
        Migration(name: "0011-presentation", sql: presentation),
        Migration(name: "0012-public", sql: publicWord),
        Migration(name: "0013-updates", sql: updates),
        Migration(name: "0014-health", sql: health),
        Migration(name: "0015-waiting", sql: waiting),
        Migration(name: "0016-leased", sql: leased),
        Migration(name: "0017-shadow", sql: shadow),
        Migration(name: "0018-own-alerts", sql: ownAlerts),
    ]

    /// Every table, those that are referred to before those that refer to them.
    package static let tables: [String] =
        [
            "hub", "setting", "account", "price", "quota", "device_group", "join_token", "device", "journal_entry", "allotment", "lease_grant", "fork_alarm",
            "principal", "recovery_code", "session", "mail_token", "attempt_window", "domain_proof", "mail_domain", "mail", "application", "api_key",
            "agreement_version", "agreement_text", "acceptance", "measure", "standing_change", "notice", "closure", "audit_head", "audit_entry",
            "offer", "product", "account_plan", "entitlement", "balance", "ledger_transaction", "posting", "purchase", "metering_record", "tariff_count",
            "idempotent_answer", "rate_bucket", "alert",
        ] + galleryTables + customisationTables + offlineTables + fleetTables + emptiedTables + heldTables + commandTables + publicTables + updateTables
        + healthTables + waitingTables + leasedTables

    private static let first: String = """
        CREATE TABLE hub (
            only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
            epoch BIGINT NOT NULL,
            created_ms BIGINT NOT NULL
        );

        CREATE TABLE account (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL CHECK (kind IN ('individual', 'enterprise')),
            standing TEXT NOT NULL CHECK (standing IN ('active', 'suspended', 'ended')),
            created_ms BIGINT NOT NULL
        );

        CREATE TABLE price (
            id TEXT PRIMARY KEY,
            api TEXT NOT NULL,
            version BIGINT NOT NULL,
            unit_price BIGINT NOT NULL CHECK (unit_price >= 0),
            currency TEXT NOT NULL,
            effective_ms BIGINT NOT NULL,
            lease_units BIGINT NOT NULL CHECK (lease_units > 0),
            lease_term_ms BIGINT NOT NULL CHECK (lease_term_ms > 0),
            when_exhausted TEXT NOT NULL CHECK (when_exhausted IN ('refuse', 'continue-and-flag')),
            hard_limit BIGINT NOT NULL CHECK (hard_limit >= 0),
            created_ms BIGINT NOT NULL,
            UNIQUE (api, version)
        );

        CREATE TABLE quota (
            account_id TEXT NOT NULL REFERENCES account (id),
            api TEXT NOT NULL,
            units BIGINT NOT NULL CHECK (units >= 0),
            settled BIGINT NOT NULL DEFAULT 0,
            PRIMARY KEY (account_id, api)
        );

        CREATE TABLE join_token (
            id TEXT PRIMARY KEY,
            secret_hash TEXT NOT NULL UNIQUE,
            account_id TEXT NOT NULL REFERENCES account (id),
            expires_ms BIGINT NOT NULL,
            created_ms BIGINT NOT NULL,
            used_by TEXT,
            used_key TEXT
        );

        CREATE TABLE device (
            id TEXT PRIMARY KEY,
            account_id TEXT NOT NULL REFERENCES account (id),
            label TEXT NOT NULL,
            public_key BYTEA NOT NULL,
            key_thumbprint TEXT NOT NULL,
            certificate_pem TEXT NOT NULL,
            certificate_serial TEXT NOT NULL UNIQUE,
            revoked_ms BIGINT,
            journal_epoch BIGINT NOT NULL,
            created_ms BIGINT NOT NULL,
            contact_ms BIGINT,
            agent_version TEXT NOT NULL,
            clock_skew_ms BIGINT NOT NULL,
            head_seq BIGINT NOT NULL,
            head_hash BYTEA NOT NULL,
            head_signature BYTEA
        );

        CREATE TABLE journal_entry (
            device_id TEXT NOT NULL REFERENCES device (id),
            epoch BIGINT NOT NULL,
            seq BIGINT NOT NULL,
            kind TEXT NOT NULL,
            api TEXT,
            units BIGINT NOT NULL,
            lease_id TEXT,
            wall_ms BIGINT NOT NULL,
            boot_ms BIGINT NOT NULL,
            body TEXT NOT NULL,
            previous BYTEA NOT NULL,
            hash BYTEA NOT NULL,
            received_ms BIGINT NOT NULL,
            rejection TEXT,
            PRIMARY KEY (device_id, epoch, seq)
        );

        CREATE TABLE ledger_entry (
            device_id TEXT NOT NULL,
            epoch BIGINT NOT NULL,
            seq BIGINT NOT NULL,
            account_id TEXT NOT NULL REFERENCES account (id),
            api TEXT NOT NULL,
            units BIGINT NOT NULL CHECK (units > 0),
            price_id TEXT NOT NULL REFERENCES price (id),
            used_ms BIGINT NOT NULL,
            overdraft BIGINT NOT NULL CHECK (overdraft IN (0, 1)),
            PRIMARY KEY (device_id, epoch, seq),
            FOREIGN KEY (device_id, epoch, seq) REFERENCES journal_entry (device_id, epoch, seq)
        );
        CREATE INDEX ledger_by_account ON ledger_entry (account_id, used_ms);

        CREATE TABLE allotment (
            device_id TEXT NOT NULL REFERENCES device (id),
            api TEXT NOT NULL,
            epoch BIGINT NOT NULL,
            account_id TEXT NOT NULL REFERENCES account (id),
            ceiling BIGINT NOT NULL,
            spent BIGINT NOT NULL,
            granted BIGINT NOT NULL,
            number BIGINT NOT NULL,
            not_after_ms BIGINT NOT NULL,
            price_id TEXT NOT NULL REFERENCES price (id),
            hub_epoch BIGINT NOT NULL,
            payload TEXT NOT NULL,
            signature BYTEA NOT NULL,
            PRIMARY KEY (device_id, api, epoch)
        );

        CREATE TABLE lease_grant (
            id TEXT PRIMARY KEY,
            device_id TEXT NOT NULL REFERENCES device (id),
            api TEXT NOT NULL,
            epoch BIGINT NOT NULL,
            number BIGINT NOT NULL,
            ceiling BIGINT NOT NULL,
            granted_ms BIGINT NOT NULL,
            not_after_ms BIGINT NOT NULL,
            UNIQUE (device_id, api, epoch, number)
        );

        CREATE TABLE fork_alarm (
            device_id TEXT NOT NULL REFERENCES device (id),
            epoch BIGINT NOT NULL,
            seq BIGINT NOT NULL,
            hash BYTEA NOT NULL,
            raised_ms BIGINT NOT NULL,
            PRIMARY KEY (device_id, epoch, seq, hash)
        )
        """
}
