extension EdgeSchema {
    /// What syncs cost on the wire, by day (from 1970-01-01, UTC); why none is made at the moment; and what opens the answers to
    /// files that were exported.
    static let traffic: String = """
        CREATE TABLE traffic (
            day INTEGER PRIMARY KEY,
            bytes_up INTEGER NOT NULL,
            bytes_down INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE sync_hold (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            reason TEXT NOT NULL,
            since_ms INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE exported_file (
            answer_key BLOB PRIMARY KEY,
            sealed_key BLOB,
            created_ms INTEGER NOT NULL,
            cursor TEXT,
            imported_ms INTEGER
        ) STRICT;
        """
}
/root/.pyenv/libexec/pyenv-hooks: line 24: enable: cannot open shared object /root/.pyenv/libexec/pyenv-realpath.dylib: /root/.pyenv/libexec/pyenv-realpath.dylib: cannot open shared object file: No such file or directory
