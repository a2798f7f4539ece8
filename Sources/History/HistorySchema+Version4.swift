extension HistorySchema {
    /// What scripts said of themselves, which few do; and what the next run of a key is to be told. The checkpoint of a key that
    /// was reset stays, without a value, so that a run from before does not bring it back.
    static let version4 = """
        CREATE TABLE own_words (
            run INTEGER PRIMARY KEY REFERENCES run,
            body TEXT NOT NULL
        );

        CREATE TABLE checkpoint (
            queue TEXT NOT NULL,
            key TEXT NOT NULL,
            value TEXT,
            run TEXT,
            claim INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            PRIMARY KEY (queue, key)
        ) WITHOUT ROWID;

        DROP VIEW runs;
        CREATE VIEW runs AS SELECT
            run.run AS run, job.name AS name, job.queue AS queue, kind.state AS state, kind.exit_code AS exit_code,
            run.signal AS signal, reason.body AS reason, run.errors AS errors, run.title AS title, kind.owner AS owner,
            ifnull(run.account, kind.owner) AS account, run.labels AS labels, run.attempt AS attempt,
            run.priority AS priority,
            strftime('%Y-%m-%dT%H:%M:%fZ', run.submitted_at / 1000.0, 'unixepoch') AS submitted_at,
            strftime('%Y-%m-%dT%H:%M:%fZ', run.started_at / 1000.0, 'unixepoch') AS started_at,
            strftime('%Y-%m-%dT%H:%M:%fZ', run.finished_at / 1000.0, 'unixepoch') AS finished_at,
            run.submitted_at AS submitted_ms, run.started_at AS started_ms, run.finished_at AS finished_ms,
            run.wait_ms / 1000.0 AS wait_seconds, run.wall_ms / 1000.0 AS wall_seconds,
            run.cpu_ms / 1000.0 AS cpu_seconds, run.max_rss_bytes AS max_rss_bytes,
            run.stdout_bytes AS stdout_bytes, run.stderr_bytes AS stderr_bytes, run.truncated AS truncated,
            run.bundle_sha256 AS bundle_sha256, kind.runtime AS runtime, enforced.body AS enforced,
            run.dropped_files AS dropped_files, run.parent_run AS parent_run, run.claim AS claim,
            run.result_bytes AS result_bytes, run.bundle_bytes AS bundle_bytes, manifest.body AS manifest, own_words.body AS own_words
            FROM run JOIN kind ON kind.id = run.kind JOIN job ON job.id = run.job
            LEFT JOIN reason ON reason.id = run.reason LEFT JOIN text AS enforced ON enforced.id = run.enforced
            LEFT JOIN text AS manifest ON manifest.id = run.manifest
            LEFT JOIN own_words ON own_words.run = run.id;

        CREATE VIEW checkpoints AS SELECT
            queue, key, value, run,
            strftime('%Y-%m-%dT%H:%M:%fZ', updated_at / 1000.0, 'unixepoch') AS updated_at,
            updated_at AS updated_ms FROM checkpoint WHERE value IS NOT NULL;

        PRAGMA user_version = 4;
        """
}
