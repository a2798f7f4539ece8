-- A history as version 3 of the schema left it, written by the daemon of that time. Made with: sqlite3 FILE .dump
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA application_id = 1114595950;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES('1: runs');
INSERT INTO grdb_migrations VALUES('2: kinds, statistics, audit');
INSERT INTO grdb_migrations VALUES('3: attempts');
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
INSERT INTO kind VALUES(1,'default','succeeded','root','sh',0,0,2,1795756261349);
INSERT INTO kind VALUES(2,'default','failed','root','python',1,0,1,1795756261188);
INSERT INTO kind VALUES(3,'default','failed','root','sh',3,0,1,1795756261180);
INSERT INTO kind VALUES(4,'default','rejected','root',NULL,NULL,NULL,1,1795756261594);
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
INSERT INTO job VALUES(1,'a','default',2,1795756261349,4,4);
INSERT INTO job VALUES(2,'b','default',1,1795756261188,2,3);
INSERT INTO job VALUES(3,'t','default',1,1795756261180,3,1);
INSERT INTO job VALUES(4,'c.txt','default',1,1795756261594,5,5);
PRAGMA writable_schema=ON;
INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','job_name','job_name',0,'CREATE VIRTUAL TABLE job_name USING fts5 (
    name, content=''job'', content_rowid=''id'', tokenize=''trigram case_sensitive 1'', detail=''none'', columnsize=0)');
CREATE TABLE IF NOT EXISTS 'job_name_data'(id INTEGER PRIMARY KEY, block BLOB);
INSERT INTO job_name_data VALUES(1,X'0403');
INSERT INTO job_name_data VALUES(10,X'000000000101010001010101');
INSERT INTO job_name_data VALUES(137438953473,X'0000001604302e7478040103632e7404010374787404040606');
CREATE TABLE IF NOT EXISTS 'job_name_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
INSERT INTO job_name_idx VALUES(1,X'',2);
CREATE TABLE IF NOT EXISTS 'job_name_config'(k PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO job_name_config VALUES('version',4);
CREATE TABLE reason (
    id INTEGER PRIMARY KEY,
    body TEXT NOT NULL,
    hash INTEGER NOT NULL,
    runs INTEGER NOT NULL,
    newest INTEGER NOT NULL
);
INSERT INTO reason VALUES(1,'exit code 1',5098003543714285491,1,1795756261188);
INSERT INTO reason VALUES(2,'exit code 3',5098005742737541913,1,1795756261180);
INSERT INTO reason VALUES(3,'c.txt: no bundle: neither a known ending nor an executable file that begins with ''#!''',576154707026465108,1,1795756261594);
INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','reason_body','reason_body',0,'CREATE VIRTUAL TABLE reason_body USING fts5 (
    body, content=''reason'', content_rowid=''id'', tokenize=''trigram'', detail=''none'', columnsize=0)');
CREATE TABLE IF NOT EXISTS 'reason_body_data'(id INTEGER PRIMARY KEY, block BLOB);
INSERT INTO reason_body_data VALUES(1,X'0365');
INSERT INTO reason_body_data VALUES(10,X'000000000103030003010101020101030101');
INSERT INTO reason_body_data VALUES(137438953473,X'00000039043020636f010103636f6401010364652001010365203101020278690101036974200101036f646501010374206301010378697401040606060605060606');
INSERT INTO reason_body_data VALUES(274877906945,X'00000039043020636f020103636f6402010364652002010365203302020278690201036974200201036f646502010374206302010378697402040606060605060606');
INSERT INTO reason_body_data VALUES(412316860417,X'00000191043020272303020261200303016e030202626503030175030202656e0303017803020266690302026b6e0302026e650303016f030202746803020277690301032321270301032723210301032e74780301033a206e03010361206b030202626c0302026e2003020274200301036265670302026c65030202756e030103632e74030202757403010364696e0302026c65030103652066030301740302023a200302026375030202676903020269740302026e640302027220030202786503010366696c03010367206e030202696e03010368202703020261740302026572030103696c650302026e670303017303020274680301036b6e6f0301036c65200303013a0301036e206503020264690303016c030202656903020267200302026f20030301720303017703020273200301036f20620302027220030202776e0301037220610301037320770301037420620302023a200302026162030202682003030161030301650302027874030103756e6403020274610301037769740302026e20030103786563030202743a030406050405040504050505040505060606060605050506050506050605060405050505050505060605060505060504050606040605040505050404050605050606060505050404050605060506');
CREATE TABLE IF NOT EXISTS 'reason_body_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
INSERT INTO reason_body_idx VALUES(1,X'',2);
INSERT INTO reason_body_idx VALUES(2,X'',2);
INSERT INTO reason_body_idx VALUES(3,X'',2);
CREATE TABLE IF NOT EXISTS 'reason_body_config'(k PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO reason_body_config VALUES('version',4);
CREATE TABLE text (
    id INTEGER PRIMARY KEY,
    body TEXT NOT NULL,
    hash INTEGER NOT NULL,
    runs INTEGER NOT NULL,
    newest INTEGER NOT NULL
);
INSERT INTO text VALUES(1,'{"namespaces":"user mount pid network ipc uts cgroup","user":"own","groups":"none","root":"private","bundle":"overlay","network":"none","seccomp":"filter","capabilities":"none","no_new_privs":"prctl","keyring":"own","memory":"rlimit","processes":"rlimit","open_files":"rlimit","file_size":"rlimit","cpu":"none","tmp":"tmpfs","output":"sampled","output_files":"sampled"}',-3025383142749668938,4,1795756261349);
INSERT INTO text VALUES(2,'{"title":"a","labels":{},"account":"root","runtime":"sh","entry":"a.sh","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":50,"retry":{"attempts":1}}',2168153682762210063,2,1795756261349);
INSERT INTO text VALUES(3,'{"title":"b","labels":{},"account":"root","runtime":"python","entry":"b.py","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":50,"retry":{"attempts":1}}',5196554388728804404,1,1795756261188);
INSERT INTO text VALUES(4,'{"title":"t","labels":{"team":"red"},"account":"root","runtime":"sh","entry":"main.sh","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":50,"retry":{"attempts":2,"wait":0.1,"factor":2,"max_wait":600,"on":["failed","timed_out","interrupted"]}}',7729236192959293248,1,1795756261180);
CREATE TABLE label (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    runs INTEGER NOT NULL,
    newest INTEGER NOT NULL
);
INSERT INTO label VALUES(1,'team','red',1,1795756261180);
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
INSERT INTO run VALUES(1,'01M8DPKZSJ086EYJE0ZGM04WWE',1,1,NULL,NULL,NULL,2,50,1,1795756261186,1795756261192,1795756261197,5,4,2,3969024,4,0,0,28672,20489,NULL,1,2,'5372c855cf1ec51741098a0f8ec6e285fe06913eefdff894d001b2fc1289b7af','a',NULL,NULL,NULL);
INSERT INTO run VALUES(2,'01M8DPKZSKMJJC13GY4ZTW25K9',2,2,1,NULL,NULL,3,50,1,1795756261188,1795756261199,1795756261234,8,34,19,9265152,0,87,0,28672,20487,NULL,1,3,'f192bac010c3c32516f4670e64d90e252aaab656a095c948b34bf905dfee0198','b',NULL,NULL,NULL);
INSERT INTO run VALUES(3,'01M8DPKZSJJ81W869ZR6MWV86F',3,3,2,NULL,NULL,1,50,2,1795756261180,1795756261300,1795756261329,0,13,3,3969024,3,0,0,57344,24646,NULL,1,4,'bc6e62f543b92fdccc9feb229399b9eecbcc4b5cbd5755992bbb8346f353172d','t','{"team":"red"}',NULL,NULL);
INSERT INTO run VALUES(4,'01M8DPKZZ2GWBGAY5F8ZPDEHXK',1,1,NULL,NULL,NULL,4,50,1,1795756261349,1795756261354,1795756261367,4,12,2,3969024,4,0,0,28672,20489,NULL,1,2,'5372c855cf1ec51741098a0f8ec6e285fe06913eefdff894d001b2fc1289b7af','a',NULL,NULL,NULL);
INSERT INTO run VALUES(5,'01M8DPM06THRDRZSF2M01QY6G6',4,4,3,NULL,NULL,5,NULL,NULL,1795756261594,NULL,1795756261598,NULL,NULL,NULL,NULL,NULL,NULL,NULL,16384,NULL,NULL,NULL,NULL,'73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac',NULL,NULL,NULL,'[{"code":"unknown_runtime","message":"no bundle: neither a known ending nor an executable file that begins with ''#!''","file":"c.txt"}]');
CREATE TABLE run_label (
    label INTEGER NOT NULL REFERENCES label,
    kind INTEGER NOT NULL REFERENCES kind,
    submitted_at INTEGER NOT NULL,
    run INTEGER NOT NULL REFERENCES run,
    PRIMARY KEY (label, kind, submitted_at, run)
) WITHOUT ROWID;
INSERT INTO run_label VALUES(1,3,1795756261180,3);
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
INSERT INTO statistics VALUES(20784,'default','root','a','succeeded',2,16,4,9);
INSERT INTO statistics VALUES(20784,'default','root','b','failed',1,34,19,8);
INSERT INTO statistics VALUES(20784,'default','root','c.txt','rejected',1,0,0,0);
INSERT INTO statistics VALUES(20784,'default','root','t','failed',1,21,6,7);
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
INSERT INTO statistics_by_queue_owner VALUES(20784,'default','root','failed',2,55,25,15);
INSERT INTO statistics_by_queue_owner VALUES(20784,'default','root','rejected',1,0,0,0);
INSERT INTO statistics_by_queue_owner VALUES(20784,'default','root','succeeded',2,16,4,9);
CREATE TABLE statistics_by_day (
    day INTEGER NOT NULL,
    state TEXT NOT NULL,
    runs INTEGER NOT NULL,
    wall_ms INTEGER NOT NULL,
    cpu_ms INTEGER NOT NULL,
    wait_ms INTEGER NOT NULL,
    PRIMARY KEY (day, state)
) WITHOUT ROWID;
INSERT INTO statistics_by_day VALUES(20784,'failed',2,55,25,15);
INSERT INTO statistics_by_day VALUES(20784,'rejected',1,0,0,0);
INSERT INTO statistics_by_day VALUES(20784,'succeeded',2,16,4,9);
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
INSERT INTO memory VALUES(1795756260357,NULL,5,5,4983814535972571158,1795756260442,'29f98d95-6699-40e5-81ee-545b61f346cf',42715237);
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
INSERT INTO attempt VALUES(3,1,'failed',3,NULL,'exit code 3',1795756261189,1795756261198,7,8,3,3969024,3,0,0);
CREATE UNIQUE INDEX kind_by_all ON kind (
    queue, state, owner, ifnull(runtime, ''), ifnull(exit_code, 'none'), ifnull(duration, -1));
CREATE UNIQUE INDEX job_by_name ON job (name, queue);
CREATE INDEX reason_by_hash ON reason (hash);
CREATE INDEX text_by_hash ON text (hash);
CREATE UNIQUE INDEX label_by_all ON label (key, value);
CREATE UNIQUE INDEX run_by_run ON run (run);
CREATE INDEX run_by_time ON run (submitted_at, kind, job, wall_ms);
CREATE INDEX run_by_kind ON run (kind, submitted_at, job, wall_ms);
CREATE INDEX run_by_job ON run (job, kind, submitted_at, wall_ms);
CREATE INDEX run_by_reason ON run (reason, kind, submitted_at, job, wall_ms) WHERE reason IS NOT NULL;
CREATE INDEX run_by_reason_time ON run (submitted_at, kind, job, wall_ms, reason) WHERE reason IS NOT NULL;
CREATE INDEX run_by_end ON run (ifnull(finished_at, submitted_at));
CREATE INDEX run_by_parent ON run (parent_run) WHERE parent_run IS NOT NULL;
CREATE INDEX audit_by_time ON audit (at);
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
CREATE VIEW daily_statistics AS SELECT
    date(day * 86400, 'unixepoch') AS day, queue, owner, name, state, runs, wall_ms / 1000.0 AS wall_seconds,
    cpu_ms / 1000.0 AS cpu_seconds, wait_ms / 1000.0 AS wait_seconds FROM statistics;
CREATE VIEW audit_log AS SELECT
    strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at, at AS at_ms, uid, user, action, queue, run,
    detail, outcome FROM audit;
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
PRAGMA writable_schema=OFF;
PRAGMA user_version = 3;
COMMIT;
