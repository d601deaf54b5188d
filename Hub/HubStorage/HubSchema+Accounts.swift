extension HubSchema {
    /// Who may use the service, under which terms: principals, sessions, keys, agreements, measures, mail, audit.
    static let accounts: String = """
        ALTER TABLE hub ADD COLUMN authority TEXT NOT NULL DEFAULT '';

        ALTER TABLE account ADD COLUMN state TEXT NOT NULL DEFAULT 'pending'
            CHECK (state IN ('pending', 'active', 'lapsed', 'suspended', 'ended'));
        UPDATE account SET state = CASE WHEN standing = 'active' THEN 'pending' ELSE standing END;
        ALTER TABLE account DROP COLUMN standing;
        ALTER TABLE account RENAME COLUMN state TO standing;
        ALTER TABLE account ADD COLUMN standing_ground TEXT NOT NULL DEFAULT 'opened_before_registration';
        ALTER TABLE account ADD COLUMN standing_since_ms BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE account ADD COLUMN language TEXT NOT NULL DEFAULT 'en';

        ALTER TABLE device ADD COLUMN backed_up_seq BIGINT NOT NULL DEFAULT 0;

        CREATE TABLE principal (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('member', 'operator')),
            account_id TEXT REFERENCES account (id),
            role TEXT NOT NULL,
            email TEXT NOT NULL,
            mailbox TEXT NOT NULL,
            email_key TEXT NOT NULL UNIQUE,
            language TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('invited', 'active', 'removed')),
            password_hash TEXT,
            password_changed_ms BIGINT,
            email_verified_ms BIGINT,
            email_due_ms BIGINT,
            reminded_ms BIGINT,
            totp_sealed BYTEA,
            totp_enabled_ms BIGINT,
            totp_step BIGINT NOT NULL DEFAULT 0,
            created_ms BIGINT NOT NULL,
            login_ms BIGINT
        );
        CREATE INDEX principal_by_account ON principal (account_id);

        CREATE TABLE recovery_code (
            principal_id TEXT NOT NULL REFERENCES principal (id),
            hash TEXT NOT NULL,
            used_ms BIGINT,
            PRIMARY KEY (principal_id, hash)
        );

        CREATE TABLE session (
            id TEXT PRIMARY KEY,
            hash TEXT NOT NULL UNIQUE,
            principal_id TEXT NOT NULL REFERENCES principal (id),
            created_ms BIGINT NOT NULL,
            seen_ms BIGINT NOT NULL,
            expires_ms BIGINT NOT NULL,
            address TEXT NOT NULL,
            agent TEXT NOT NULL
        );
        CREATE INDEX session_by_principal ON session (principal_id);

        CREATE TABLE mail_token (
            hash TEXT PRIMARY KEY,
            principal_id TEXT NOT NULL REFERENCES principal (id),
            purpose TEXT NOT NULL CHECK (purpose IN ('verify', 'reset', 'invite')),
            email_key TEXT NOT NULL,
            created_ms BIGINT NOT NULL,
            expires_ms BIGINT NOT NULL,
            used_ms BIGINT
        );
        CREATE INDEX mail_token_by_principal ON mail_token (principal_id);

        CREATE TABLE attempt_window (
            key TEXT PRIMARY KEY,
            began_ms BIGINT NOT NULL,
            count BIGINT NOT NULL
        );

        CREATE TABLE domain_proof (
            account_id TEXT PRIMARY KEY REFERENCES account (id),
            domain TEXT NOT NULL,
            challenge TEXT NOT NULL,
            method TEXT,
            proven_ms BIGINT,
            due_ms BIGINT,
            checked_ms BIGINT,
            fault TEXT,
            reminded_ms BIGINT
        );

        CREATE TABLE mail_domain (
            domain TEXT PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('ordinary', 'public', 'disposable')),
            added_ms BIGINT NOT NULL
        );

        CREATE TABLE mail (
            id TEXT PRIMARY KEY,
            principal_id TEXT,
            mailbox TEXT NOT NULL,
            purpose TEXT NOT NULL,
            language TEXT NOT NULL,
            sealed BYTEA,
            state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'failed', 'void')),
            attempts BIGINT NOT NULL DEFAULT 0,
            next_ms BIGINT NOT NULL,
            created_ms BIGINT NOT NULL,
            sent_ms BIGINT,
            fault TEXT
        );
        CREATE INDEX mail_by_state ON mail (state, next_ms);

        CREATE TABLE application (
            id TEXT PRIMARY KEY,
            account_id TEXT NOT NULL REFERENCES account (id),
            name TEXT NOT NULL,
            created_ms BIGINT NOT NULL,
            archived_ms BIGINT
        );
        CREATE INDEX application_by_account ON application (account_id);

        CREATE TABLE api_key (
            id TEXT PRIMARY KEY,
            account_id TEXT NOT NULL REFERENCES account (id),
            application_id TEXT NOT NULL REFERENCES application (id),
            name TEXT NOT NULL,
            environment TEXT NOT NULL CHECK (environment IN ('live', 'test')),
            hash TEXT NOT NULL UNIQUE,
            hint TEXT NOT NULL,
            apis TEXT NOT NULL,
            addresses TEXT NOT NULL,
            created_by TEXT NOT NULL,
            created_ms BIGINT NOT NULL,
            expires_ms BIGINT,
            used_ms BIGINT,
            used_address TEXT,
            frozen_ms BIGINT,
            frozen_ground TEXT,
            replaced_by TEXT
        );
        CREATE INDEX api_key_by_account ON api_key (account_id);

        CREATE TABLE agreement_version (
            id TEXT PRIMARY KEY,
            document TEXT NOT NULL,
            number BIGINT NOT NULL CHECK (number > 0),
            acceptance TEXT NOT NULL CHECK (acceptance IN ('explicit', 'continued_use')),
            notice_ms BIGINT NOT NULL,
            effective_ms BIGINT NOT NULL,
            supersedes TEXT REFERENCES agreement_version (id),
            hash TEXT NOT NULL,
            announced_ms BIGINT,
            created_ms BIGINT NOT NULL,
            UNIQUE (document, number)
        );

        CREATE TABLE agreement_text (
            version_id TEXT NOT NULL REFERENCES agreement_version (id),
            language TEXT NOT NULL,
            title TEXT NOT NULL,
            body TEXT NOT NULL,
            hash TEXT NOT NULL,
            PRIMARY KEY (version_id, language)
        );

        CREATE TABLE acceptance (
            id TEXT PRIMARY KEY,
            account_id TEXT NOT NULL REFERENCES account (id),
            principal_id TEXT NOT NULL REFERENCES principal (id),
            version_id TEXT NOT NULL REFERENCES agreement_version (id),
            language TEXT NOT NULL,
            text_hash TEXT NOT NULL,
            decision TEXT NOT NULL CHECK (decision IN ('accepted', 'declined')),
            manner TEXT NOT NULL CHECK (manner IN ('explicit', 'continued_use', 'shell')),
            email TEXT NOT NULL,
            address TEXT NOT NULL,
            nonce TEXT NOT NULL,
            decided_ms BIGINT NOT NULL,
            digest TEXT NOT NULL,
            audit_seq BIGINT NOT NULL
        );
        CREATE INDEX acceptance_by_account ON acceptance (account_id, version_id);

        CREATE TABLE measure (
            id TEXT PRIMARY KEY,
            account_id TEXT NOT NULL REFERENCES account (id),
            kind TEXT NOT NULL CHECK (kind IN ('warning', 'throttle', 'pause_api', 'suspension', 'termination')),
            api TEXT,
            per_minute BIGINT,
            ground TEXT NOT NULL,
            statement TEXT NOT NULL,
            case_id TEXT,
            begins_ms BIGINT NOT NULL,
            expires_ms BIGINT,
            ended_ms BIGINT,
            ended_ground TEXT,
            ordered_by TEXT NOT NULL
        );
        CREATE INDEX measure_by_account ON measure (account_id);

        CREATE TABLE standing_change (
            id TEXT PRIMARY KEY,
            account_id TEXT NOT NULL REFERENCES account (id),
            before TEXT NOT NULL,
            after TEXT NOT NULL,
            ground TEXT NOT NULL,
            actor TEXT NOT NULL,
            measure_id TEXT,
            changed_ms BIGINT NOT NULL
        );
        CREATE INDEX standing_change_by_account ON standing_change (account_id, changed_ms);

        CREATE TABLE notice (
            id TEXT PRIMARY KEY,
            account_id TEXT NOT NULL REFERENCES account (id),
            kind TEXT NOT NULL,
            title TEXT NOT NULL,
            body TEXT NOT NULL,
            link TEXT,
            created_ms BIGINT NOT NULL,
            read_ms BIGINT
        );
        CREATE INDEX notice_by_account ON notice (account_id, created_ms);

        CREATE TABLE closure (
            id TEXT PRIMARY KEY,
            account_id TEXT NOT NULL REFERENCES account (id),
            requested_by TEXT NOT NULL,
            reason TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('requested', 'withdrawn', 'approved', 'refused')),
            answer TEXT,
            requested_ms BIGINT NOT NULL,
            decided_ms BIGINT
        );
        CREATE INDEX closure_by_account ON closure (account_id);

        CREATE TABLE audit_head (
            only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
            seq BIGINT NOT NULL,
            hash BYTEA NOT NULL
        );

        CREATE TABLE audit_entry (
            seq BIGINT PRIMARY KEY,
            at_ms BIGINT NOT NULL,
            actor_kind TEXT NOT NULL,
            actor TEXT NOT NULL,
            address TEXT NOT NULL,
            action TEXT NOT NULL,
            account_id TEXT,
            subject TEXT NOT NULL,
            detail TEXT NOT NULL,
            previous BYTEA NOT NULL,
            hash BYTEA NOT NULL
        );
        CREATE INDEX audit_by_account ON audit_entry (account_id, seq);

        CREATE TABLE setting (
            name TEXT PRIMARY KEY,
            value TEXT NOT NULL,
            changed_ms BIGINT NOT NULL
        )
        """
}
