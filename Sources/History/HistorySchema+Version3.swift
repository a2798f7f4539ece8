extension HistorySchema {
    /// Attempts that another one followed; the last attempt of a run is the run's own row.
    static let version3 = """
        CREATE TABLE attempt (
            run INTEGER NOT NULL REFERENCES run,
            number INTEGER NOT NULL,
            state TEXT NOT NULL,
            exit_code INTEGER,
            signal TEXT,
            reason TEXT,
            started_at INTEGER,
            finished_at INTEGER,
            wait_ms INTEGER,
            wall_ms INTEGER,
            cpu_ms INTEGER,
            max_rss_bytes INTEGER,
            stdout_bytes INTEGER,
            stderr_bytes INTEGER,
            truncated INTEGER,
            PRIMARY KEY (run, number)
        ) WITHOUT ROWID;

        DROP VIEW attempts;
        CREATE VIEW attempts AS SELECT
            run.run AS run, attempt.number AS attempt, run.parent_run AS parent_run, job.name AS name,
            job.queue AS queue, attempt.state AS state, attempt.exit_code AS exit_code, attempt.signal AS signal,
            attempt.reason AS reason,
            strftime('%Y-%m-%dT%H:%M:%fZ', attempt.started_at / 1000.0, 'unixepoch') AS started_at,
            strftime('%Y-%m-%dT%H:%M:%fZ', attempt.finished_at / 1000.0, 'unixepoch') AS finished_at,
            attempt.started_at AS started_ms, attempt.finished_at AS finished_ms,
            attempt.wait_ms / 1000.0 AS wait_seconds, attempt.wall_ms / 1000.0 AS wall_seconds,
            attempt.cpu_ms / 1000.0 AS cpu_seconds, attempt.max_rss_bytes AS max_rss_bytes
            FROM attempt JOIN run ON run.id = attempt.run JOIN job ON job.id = run.job
        UNION ALL SELECT
            run.run, run.attempt, run.parent_run, job.name, job.queue, kind.state, kind.exit_code, run.signal,
            reason.body,
            strftime('%Y-%m-%dT%H:%M:%fZ', run.started_at / 1000.0, 'unixepoch'),
            strftime('%Y-%m-%dT%H:%M:%fZ', run.finished_at / 1000.0, 'unixepoch'),
            run.started_at, run.finished_at,
            run.wait_ms / 1000.0, run.wall_ms / 1000.0, run.cpu_ms / 1000.0, run.max_rss_bytes
            FROM run JOIN kind ON kind.id = run.kind JOIN job ON job.id = run.job
            LEFT JOIN reason ON reason.id = run.reason
            WHERE run.attempt IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM attempt WHERE attempt.run = run.id AND attempt.number = run.attempt);

        PRAGMA user_version = 3;
        """
}
