extension HistorySchema {
    /// One row a run, every column in it.
    static let version1 = """
        CREATE TABLE run (
            id INTEGER PRIMARY KEY,
            run TEXT NOT NULL,
            name TEXT NOT NULL,
            queue TEXT NOT NULL,
            state TEXT NOT NULL,
            exit_code INTEGER,
            signal TEXT,
            owner TEXT NOT NULL,
            account TEXT NOT NULL,
            claim INTEGER NOT NULL,
            priority INTEGER,
            attempt INTEGER,
            submitted_at INTEGER NOT NULL,
            started_at INTEGER,
            finished_at INTEGER,
            wait_ms INTEGER,
            wall_ms INTEGER,
            cpu_ms INTEGER,
            max_rss_bytes INTEGER,
            stdout_bytes INTEGER,
            stderr_bytes INTEGER,
            truncated INTEGER,
            bundle_sha256 TEXT,
            runtime TEXT,
            title TEXT,
            reason TEXT,
            labels TEXT,
            errors TEXT,
            enforced TEXT,
            dropped_files TEXT,
            manifest TEXT
        );
        CREATE UNIQUE INDEX run_by_run ON run (run);
        CREATE INDEX run_by_time ON run (submitted_at);
        CREATE INDEX run_by_queue ON run (queue, submitted_at);
        CREATE INDEX run_by_state ON run (state, submitted_at);
        CREATE INDEX run_by_owner ON run (owner, submitted_at);
        CREATE INDEX run_by_name ON run (name, queue, claim);
        CREATE INDEX run_by_claim ON run (claim);
        -- One row: the history knows every run since then.
        CREATE TABLE memory (since INTEGER NOT NULL);
        PRAGMA user_version = 1;
        """
}
