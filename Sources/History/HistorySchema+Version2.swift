extension HistorySchema {
    /// What many runs have in common stands once, and the run has its number.
    ///
    /// `kind` is what questions are asked by: queue, state, owner, runtime, exit code and a range of durations. A spool has
    /// some thousands of kinds, however many runs. Each kind knows when its newest run was submitted, so a question for any
    /// of these together, and one that nothing answers, costs a look through the kinds and then as many steps in one index as
    /// runs are wanted: no index for each, none for each two, and ten million runs take no longer than a thousand. The
    /// other indexes have the kind second for the same reason. `job` is a name in a queue, `reason` and `text` are sentences
    /// and manifests, which repeat: a row of a kilobyte becomes one of 200 bytes.
    ///
    /// `runs` counts who refers to a row; the last that is forgotten takes it along. `newest` may be too late, never too early.
    static let version2 = """
        CREATE TABLE kind (
            id INTEGER PRIMARY KEY,
            queue TEXT NOT NULL,
            state TEXT NOT NULL,
            owner TEXT NOT NULL,
            runtime TEXT,
            exit_code INTEGER,
            -- Which of DurationRange's ranges wall_ms is in.
            duration INTEGER,
            runs INTEGER NOT NULL,
            newest INTEGER NOT NULL
        );
        -- NULLs are all different to UNIQUE.
        CREATE UNIQUE INDEX kind_by_all ON kind (
            queue, state, owner, ifnull(runtime, ''), ifnull(exit_code, 'none'), ifnull(duration, -1));

        CREATE TABLE job (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            queue TEXT NOT NULL,
            runs INTEGER NOT NULL,
            newest INTEGER NOT NULL,
            -- Of its runs, the one claimed last, and its claim.
            latest INTEGER NOT NULL,
            claim INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX job_by_name ON job (name, queue);
        CREATE VIRTUAL TABLE job_name USING fts5 (
            name, content='job', content_rowid='id', tokenize='trigram case_sensitive 1', detail='none', columnsize=0);

        CREATE TABLE reason (
            id INTEGER PRIMARY KEY,
            body TEXT NOT NULL,
            hash INTEGER NOT NULL,
            runs INTEGER NOT NULL,
            newest INTEGER NOT NULL
        );
        CREATE INDEX reason_by_hash ON reason (hash);
        CREATE VIRTUAL TABLE reason_body USING fts5 (
            body, content='reason', content_rowid='id', tokenize='trigram', detail='none', columnsize=0);

        CREATE TABLE text (
            id INTEGER PRIMARY KEY,
            body TEXT NOT NULL,
            hash INTEGER NOT NULL,
            runs INTEGER NOT NULL,
            newest INTEGER NOT NULL
        );
        CREATE INDEX text_by_hash ON text (hash);

        CREATE TABLE label (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL,
            value TEXT NOT NULL,
            runs INTEGER NOT NULL,
            newest INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX label_by_all ON label (key, value);

        CREATE TABLE run (
            id INTEGER PRIMARY KEY,
            run TEXT NOT NULL,
            job INTEGER NOT NULL REFERENCES job,
            kind INTEGER NOT NULL REFERENCES kind,
            reason INTEGER REFERENCES reason,
            -- NULL: the owner.
            account TEXT,
            signal TEXT,
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
            result_bytes INTEGER,
            bundle_bytes INTEGER,
            parent_run TEXT,
            enforced INTEGER REFERENCES text,
            manifest INTEGER REFERENCES text,
            bundle_sha256 TEXT,
            title TEXT,
            labels TEXT,
            dropped_files TEXT,
            errors TEXT
        );
        CREATE UNIQUE INDEX run_by_run ON run (run);
        CREATE INDEX run_by_time ON run (submitted_at, kind, job, wall_ms);
        CREATE INDEX run_by_kind ON run (kind, submitted_at, job, wall_ms);
        CREATE INDEX run_by_job ON run (job, kind, submitted_at, wall_ms);
        CREATE INDEX run_by_reason ON run (reason, kind, submitted_at, job, wall_ms) WHERE reason IS NOT NULL;
        CREATE INDEX run_by_reason_time ON run (submitted_at, kind, job, wall_ms, reason) WHERE reason IS NOT NULL;
        CREATE INDEX run_by_end ON run (ifnull(finished_at, submitted_at));
        CREATE INDEX run_by_parent ON run (parent_run) WHERE parent_run IS NOT NULL;
        CREATE TABLE run_label (
            label INTEGER NOT NULL REFERENCES label,
            kind INTEGER NOT NULL REFERENCES kind,
            submitted_at INTEGER NOT NULL,
            run INTEGER NOT NULL REFERENCES run,
            PRIMARY KEY (label, kind, submitted_at, run)
        ) WITHOUT ROWID;

        -- Sums that outlive the rows. A day is UTC's, of the end, counted from 1970. Names may be as many as runs, hence the
        -- same sums once without them and once for the day as a whole.
        CREATE TABLE statistics (
            day INTEGER NOT NULL,
            queue TEXT NOT NULL,
            owner TEXT NOT NULL,
            name TEXT NOT NULL,
            state TEXT NOT NULL,
            runs INTEGER NOT NULL,
            wall_ms INTEGER NOT NULL,
            cpu_ms INTEGER NOT NULL,
            wait_ms INTEGER NOT NULL,
            PRIMARY KEY (day, queue, owner, name, state)
        ) WITHOUT ROWID;
        CREATE TABLE statistics_by_queue_owner (
            day INTEGER NOT NULL,
            queue TEXT NOT NULL,
            owner TEXT NOT NULL,
            state TEXT NOT NULL,
            runs INTEGER NOT NULL,
            wall_ms INTEGER NOT NULL,
            cpu_ms INTEGER NOT NULL,
            wait_ms INTEGER NOT NULL,
            PRIMARY KEY (day, queue, owner, state)
        ) WITHOUT ROWID;
        CREATE TABLE statistics_by_day (
            day INTEGER NOT NULL,
            state TEXT NOT NULL,
            runs INTEGER NOT NULL,
            wall_ms INTEGER NOT NULL,
            cpu_ms INTEGER NOT NULL,
            wait_ms INTEGER NOT NULL,
            PRIMARY KEY (day, state)
        ) WITHOUT ROWID;

        -- Who asked for what, in the order in which it was noted.
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            uid INTEGER,
            user TEXT,
            action TEXT NOT NULL,
            queue TEXT,
            run TEXT,
            detail TEXT,
            outcome TEXT NOT NULL
        );
        CREATE INDEX audit_by_time ON audit (at);

        -- One row.
        CREATE TABLE memory (
            -- When the history was begun: it knows every run since then...
            since INTEGER NOT NULL,
            -- ...but those that it forgot, whose ids were made then or earlier.
            forgotten_until INTEGER,
            runs INTEGER NOT NULL,
            -- The greatest of all claims ever.
            claim INTEGER,
            -- What texts are hashed with.
            seed INTEGER NOT NULL,
            swept_at INTEGER,
            swept_boot TEXT,
            swept_boot_ms INTEGER
        );
        """
}
