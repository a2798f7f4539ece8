-- A history as version 1 of the schema left it, written by a daemon that ran these bundles. Made with: sqlite3 FILE .dump
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA application_id = 1114595950;
BEGIN TRANSACTION;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO "grdb_migrations" VALUES('1: runs');
CREATE TABLE memory (since INTEGER NOT NULL);
INSERT INTO "memory" VALUES(1795714666691);
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
INSERT INTO "run" VALUES(1,'01M8CEYP3DM60ZYDGBPP4QA4ND','a','default','succeeded',0,NULL,'ann','ann',1,50,1,1795714668670,1795714668716,1795714668769,43,52,12,8372224,6,0,0,'b80792336156c7b0f7fe02eeef24610d2d52a10d1810397744471d1dc5738180','python','a',NULL,NULL,NULL,'{"namespaces":"user mount pid network ipc uts cgroup","user":"own","groups":"none","root":"private","bundle":"overlay","network":"none","seccomp":"filter","capabilities":"none","no_new_privs":"prctl","keyring":"own","memory":"rlimit","processes":"rlimit","open_files":"rlimit","file_size":"rlimit","tmp":"tmpfs"}',NULL,'{"title":"a","labels":{},"account":"root","runtime":"python","entry":"a.py","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":50,"retry":{"attempts":1}}');
INSERT INTO "run" VALUES(2,'01M8CEYP847J28QMB0RF12JA38','c','default','killed',NULL,'SIGKILL','ann','ann',3,50,1,1795714668814,1795714668843,1795714668862,27,18,2,3878912,0,0,0,'d7299f84574f91f1e03e9bb60146fb128cdaf8baf9516bdce9179448dda324ce','sh','c','ended by SIGKILL, which Bobbin did not send',NULL,NULL,'{"namespaces":"user mount pid network ipc uts cgroup","user":"own","groups":"none","root":"private","bundle":"overlay","network":"none","seccomp":"filter","capabilities":"none","no_new_privs":"prctl","keyring":"own","memory":"rlimit","processes":"rlimit","open_files":"rlimit","file_size":"rlimit","tmp":"tmpfs"}',NULL,'{"title":"c","labels":{},"account":"root","runtime":"sh","entry":"c.sh","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":50,"retry":{"attempts":1}}');
INSERT INTO "run" VALUES(3,'01M8CEYP6JWAZYES4BGZMRKESN','b','default','failed',3,NULL,'ann','ann',2,50,1,1795714668778,1795714668812,1795714668862,19,48,18,8339456,0,0,0,'52418fa03a99a60de72a5c463e25d2506772148ae21b57348c432ab3e3050249','python','b','exit code 3',NULL,NULL,'{"namespaces":"user mount pid network ipc uts cgroup","user":"own","groups":"none","root":"private","bundle":"overlay","network":"none","seccomp":"filter","capabilities":"none","no_new_privs":"prctl","keyring":"own","memory":"rlimit","processes":"rlimit","open_files":"rlimit","file_size":"rlimit","tmp":"tmpfs"}',NULL,'{"title":"b","labels":{},"account":"root","runtime":"python","entry":"b.py","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":50,"retry":{"attempts":1}}');
INSERT INTO "run" VALUES(4,'01M8CEYPB4K1EWCPANQ2TJ84VB','bad','nightly','rejected',NULL,NULL,'ann','ann',5,NULL,NULL,1795714668900,NULL,1795714668938,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'3548ea1f7daaba650312aa0a2b87dad89f34c9e052866174bed884e60c188846',NULL,NULL,'manifest.yaml:1:1: unknown key ''timout''; did you mean ''timeout''?',NULL,'[{"code":"unknown_key","message":"unknown key ''timout''; did you mean ''timeout''?","file":"manifest.yaml","line":1,"column":1}]',NULL,NULL,NULL);
INSERT INTO "run" VALUES(5,'01M8CEYPC2DNDG5FPR9PV25JDY','lab','nightly','succeeded',0,NULL,'ann','lab',6,7,1,1795714668939,1795714668972,1795714669029,22,38,14,8376320,2,0,0,'459dc6de4bbab581e6a3cabe7aebf352ff3a9984e57af67276918cb36acdb227','python','Café "x"',NULL,'{"team":"red","month":"2026-11"}',NULL,'{"namespaces":"user mount pid network ipc uts cgroup","user":"own","groups":"none","root":"private","bundle":"overlay","network":"none","seccomp":"filter","capabilities":"none","no_new_privs":"prctl","keyring":"own","memory":"rlimit","processes":"rlimit","open_files":"rlimit","file_size":"rlimit","tmp":"tmpfs"}','[{"path":"pipe","kind":"fifo","reason":"is a fifo"}]','{"title":"Café \"x\"","labels":{"team":"red","month":"2026-11"},"account":"lab","runtime":"python","entry":"main.py","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":7,"retry":{"attempts":1}}');
INSERT INTO "run" VALUES(6,'01M8CEYPE14RX11V0FB8RFR262','slow','default','timed_out',NULL,'SIGTERM','ann','ann',7,50,1,1795714669011,1795714669048,1795714670076,21,1024,2,3964928,0,0,0,'ca7d97698a811e7dd6ea377bd8f08e7e556602ac4d51bb0028683d951e975885','sh','slow','it ran longer than its timeout of 1.000 seconds',NULL,NULL,'{"namespaces":"user mount pid network ipc uts cgroup","user":"own","groups":"none","root":"private","bundle":"overlay","network":"none","seccomp":"filter","capabilities":"none","no_new_privs":"prctl","keyring":"own","memory":"rlimit","processes":"rlimit","open_files":"rlimit","file_size":"rlimit","tmp":"tmpfs"}',NULL,'{"title":"slow","labels":{},"account":"root","runtime":"sh","entry":"main.sh","args":[],"env":{},"timeout":1,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":50,"retry":{"attempts":1}}');
INSERT INTO "run" VALUES(7,'01M8CEYPFCJDKN5BY0GA30X595','a','default','succeeded',0,NULL,'ann','ann',8,50,1,1795714669070,1795714670077,1795714670140,1003,59,13,8409088,6,0,0,'b80792336156c7b0f7fe02eeef24610d2d52a10d1810397744471d1dc5738180','python','a',NULL,NULL,NULL,'{"namespaces":"user mount pid network ipc uts cgroup","user":"own","groups":"none","root":"private","bundle":"overlay","network":"none","seccomp":"filter","capabilities":"none","no_new_privs":"prctl","keyring":"own","memory":"rlimit","processes":"rlimit","open_files":"rlimit","file_size":"rlimit","tmp":"tmpfs"}',NULL,'{"title":"a","labels":{},"account":"root","runtime":"python","entry":"a.py","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":50,"retry":{"attempts":1}}');
INSERT INTO "run" VALUES(8,'01M8CEYP9ZNXXCZ9T94C29VZTP','d','default','cancelled',NULL,'SIGTERM','ann','ann',4,50,1,1795714668877,1795714668923,1795714675245,20,6317,3,3878912,0,0,0,'ada19ad8127b8f714940594069b36c05412928889cbfa0aa633e6cdfd80aba45','sh','d','cancelled by root',NULL,NULL,'{"namespaces":"user mount pid network ipc uts cgroup","user":"own","groups":"none","root":"private","bundle":"overlay","network":"none","seccomp":"filter","capabilities":"none","no_new_privs":"prctl","keyring":"own","memory":"rlimit","processes":"rlimit","open_files":"rlimit","file_size":"rlimit","tmp":"tmpfs"}',NULL,'{"title":"d","labels":{},"account":"root","runtime":"sh","entry":"d.sh","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":50,"retry":{"attempts":1}}');
CREATE UNIQUE INDEX run_by_run ON run (run);
CREATE INDEX run_by_time ON run (submitted_at);
CREATE INDEX run_by_queue ON run (queue, submitted_at);
CREATE INDEX run_by_state ON run (state, submitted_at);
CREATE INDEX run_by_owner ON run (owner, submitted_at);
CREATE INDEX run_by_name ON run (name, queue, claim);
CREATE INDEX run_by_claim ON run (claim);
COMMIT;
PRAGMA user_version = 1;
