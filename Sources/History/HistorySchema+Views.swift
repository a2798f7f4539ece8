extension HistorySchema {
    /// What outsiders may rely on; docs/history.md describes each column, and a test compares. As version 2 made them:
    /// a later version replaces those that it changes.
    static let views = """
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
            run.result_bytes AS result_bytes, run.bundle_bytes AS bundle_bytes, manifest.body AS manifest
            FROM run JOIN kind ON kind.id = run.kind JOIN job ON job.id = run.job
            LEFT JOIN reason ON reason.id = run.reason LEFT JOIN text AS enforced ON enforced.id = run.enforced
            LEFT JOIN text AS manifest ON manifest.id = run.manifest;

        CREATE VIEW attempts AS SELECT
            run.run AS run, run.attempt AS attempt, run.parent_run AS parent_run, job.name AS name,
            job.queue AS queue, kind.state AS state, kind.exit_code AS exit_code, run.signal AS signal,
            reason.body AS reason,
            strftime('%Y-%m-%dT%H:%M:%fZ', run.started_at / 1000.0, 'unixepoch') AS started_at,
            strftime('%Y-%m-%dT%H:%M:%fZ', run.finished_at / 1000.0, 'unixepoch') AS finished_at,
            run.started_at AS started_ms, run.finished_at AS finished_ms,
            run.wait_ms / 1000.0 AS wait_seconds, run.wall_ms / 1000.0 AS wall_seconds,
            run.cpu_ms / 1000.0 AS cpu_seconds, run.max_rss_bytes AS max_rss_bytes
            FROM run JOIN kind ON kind.id = run.kind JOIN job ON job.id = run.job
            LEFT JOIN reason ON reason.id = run.reason WHERE run.attempt IS NOT NULL;

        CREATE VIEW daily_statistics AS SELECT
            date(day * 86400, 'unixepoch') AS day, queue, owner, name, state, runs, wall_ms / 1000.0 AS wall_seconds,
            cpu_ms / 1000.0 AS cpu_seconds, wait_ms / 1000.0 AS wait_seconds FROM statistics;

        CREATE VIEW audit_log AS SELECT
            strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at, at AS at_ms, uid, user, action, queue, run,
            detail, outcome FROM audit;
        """
}
