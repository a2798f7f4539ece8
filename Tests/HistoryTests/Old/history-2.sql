-- A history as version 2 of the schema left it, written by the daemon's writer of that time. Made with: sqlite3 FILE .dump
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA application_id = 1114595950;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES('1: runs');
INSERT INTO grdb_migrations VALUES('2: kinds, statistics, audit');
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
INSERT INTO kind VALUES(1,'nightly','succeeded','user0','python',0,4,1,1766092000000);
INSERT INTO kind VALUES(2,'models','succeeded','user4','bash',0,0,1,1768720000000);
INSERT INTO kind VALUES(3,'nightly','succeeded','user1','python',0,0,1,1771348000000);
INSERT INTO kind VALUES(4,'default','succeeded','user0','python',0,1,1,1773976000000);
INSERT INTO kind VALUES(5,'exports','failed','user21','python',126,0,1,1776604000000);
INSERT INTO kind VALUES(6,'lab','succeeded','user2','python',0,1,1,1779232000000);
INSERT INTO kind VALUES(7,'lab','succeeded','user3','sh',0,1,1,1781860000000);
INSERT INTO kind VALUES(8,'hourly','succeeded','user2','sh',0,0,1,1784488000000);
INSERT INTO kind VALUES(9,'nightly','succeeded','user1','python',0,4,1,1787116000000);
INSERT INTO kind VALUES(10,'exports','succeeded','user5','r',0,1,1,1789744000000);
INSERT INTO kind VALUES(11,'lab','succeeded','user2','python',0,0,1,1792372000000);
INSERT INTO kind VALUES(12,'hourly','failed','user18','r',1,1,1,1795000000000);
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
INSERT INTO job VALUES(1,'index-9','nightly',1,1766092000000,1,1);
INSERT INTO job VALUES(2,'check-797','models',1,1768720000000,2,2);
INSERT INTO job VALUES(3,'check-17','nightly',1,1771348000000,3,3);
INSERT INTO job VALUES(4,'sales-1234','default',1,1773976000000,4,4);
INSERT INTO job VALUES(5,'import-42','exports',1,1776604000000,5,5);
INSERT INTO job VALUES(6,'export-26','lab',1,1779232000000,6,6);
INSERT INTO job VALUES(7,'clean-15','lab',1,1781860000000,7,7);
INSERT INTO job VALUES(8,'Sync-28','hourly',1,1784488000000,8,8);
INSERT INTO job VALUES(9,'Sync-58','nightly',1,1787116000000,9,9);
INSERT INTO job VALUES(10,'backup-1','exports',1,1789744000000,10,10);
INSERT INTO job VALUES(11,'report-190','lab',1,1792372000000,11,11);
INSERT INTO job VALUES(12,'Sync-8','hourly',1,1795000000000,12,12);
PRAGMA writable_schema=ON;
INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','job_name','job_name',0,'CREATE VIRTUAL TABLE job_name USING fts5 (
    name, content=''job'', content_rowid=''id'', tokenize=''trigram case_sensitive 1'', detail=''none'', columnsize=0)');
CREATE TABLE IF NOT EXISTS 'job_name_data'(id INTEGER PRIMARY KEY, block BLOB);
INSERT INTO job_name_data VALUES(1,X'0c4a');
INSERT INTO job_name_data VALUES(10,X'000000000101010001010101');
INSERT INTO job_name_data VALUES(137438953473,X'0000014204302d31320403013507030137030301390b020232360603013808020234320502023538090202373902010331323304020239300b010332333404010337393702010353796e080103010361636b0a02026c650402026e2d0701036261630a0103632d3208030135090301380c02026865020102026b2d02010301750a02026c6507010364657801010365616e070202636b02010202706f0b0202732d040202782d0103017006010368656302010103696d700502026e640101036b2d310303013702020275700a01036c6561070301730401036d706f0501036e2d31070202632d080103020264650101036f72740501050103702d310a02026f7205010501037265700b0202742d0501050103732d31040202616c040103742d310b0301320603013405010375702d0a0103782d39010202706f060103796e6308010304060404040504050505060506060806050506060404060604050606060505050407060506040506040606070508060706070605060404060605');
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
INSERT INTO reason VALUES(1,'exit code 126',-979027480585027339,1,1776604000000);
INSERT INTO reason VALUES(2,'exit code 1',-625073096107930423,1,1795000000000);
INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','reason_body','reason_body',0,'CREATE VIRTUAL TABLE reason_body USING fts5 (
    body, content=''reason'', content_rowid=''id'', tokenize=''trigram'', detail=''none'', columnsize=0)');
CREATE TABLE IF NOT EXISTS 'reason_body_data'(id INTEGER PRIMARY KEY, block BLOB);
INSERT INTO reason_body_data VALUES(1,X'0214');
INSERT INTO reason_body_data VALUES(10,X'000000000101010001010101');
INSERT INTO reason_body_data VALUES(137438953473,X'0000004d0430203132010202636f01010103313236010103636f64010101036465200101010365203101010202786901010103697420010101036f6465010101037420630101010378697401010406060607070706070707');
CREATE TABLE IF NOT EXISTS 'reason_body_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
INSERT INTO reason_body_idx VALUES(1,X'',2);
CREATE TABLE IF NOT EXISTS 'reason_body_config'(k PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO reason_body_config VALUES('version',4);
CREATE TABLE text (
    id INTEGER PRIMARY KEY,
    body TEXT NOT NULL,
    hash INTEGER NOT NULL,
    runs INTEGER NOT NULL,
    newest INTEGER NOT NULL
);
INSERT INTO text VALUES(1,'{"bundle":"overlay","capabilities":"none","groups":"none","memory":"rlimit","namespaces":"user mount pid network ipc uts cgroup","network":"none","root":"private","seccomp":"filter","user":"own"}',6888165241185634882,12,1795000000000);
INSERT INTO text VALUES(2,'{"title":"The index-9","labels":{"team":"red","stage":"test"},"account":"user0","runtime":"python","entry":"main.py","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":50,"retry":{"attempts":1}}',-1662661774401941613,1,1766092000000);
INSERT INTO text VALUES(3,'{"title":"The check-797","labels":{"team":"forest"},"account":"user4","runtime":"bash","entry":"main.py","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":50,"retry":{"attempts":1}}',-294484708865516855,1,1768720000000);
INSERT INTO text VALUES(4,'{"title":"The check-17","labels":{"team":"green","stage":"prod"},"account":"user1","runtime":"python","entry":"main.py","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":50,"retry":{"attempts":1}}',-3124787457409151236,1,1771348000000);
INSERT INTO text VALUES(5,'{"title":"The sales-1234","labels":{"team":"red"},"account":"user0","runtime":"python","entry":"main.py","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":50,"retry":{"attempts":1}}',-6460678314184173760,1,1773976000000);
INSERT INTO text VALUES(6,'{"title":"The import-42","labels":{"team":"ocean"},"account":"user21","runtime":"python","entry":"main.py","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":50,"retry":{"attempts":1}}',6918764139232076501,1,1776604000000);
INSERT INTO text VALUES(7,'{"title":"The export-26","labels":{"team":"blue"},"account":"user2","runtime":"python","entry":"main.py","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":50,"retry":{"attempts":1}}',2882951352647238443,1,1779232000000);
INSERT INTO text VALUES(8,'{"title":"The clean-15","labels":{"team":"ocean","stage":"test"},"account":"user3","runtime":"sh","entry":"main.py","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":50,"retry":{"attempts":1}}',5456772124336062424,1,1781860000000);
INSERT INTO text VALUES(9,'{"title":"The Sync-28","labels":{"team":"blue"},"account":"user2","runtime":"sh","entry":"main.py","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":50,"retry":{"attempts":1}}',-8402075808087997709,1,1784488000000);
INSERT INTO text VALUES(10,'{"title":"The Sync-58","labels":{"team":"green"},"account":"user1","runtime":"python","entry":"main.py","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":50,"retry":{"attempts":1}}',-6003596011529838325,1,1787116000000);
INSERT INTO text VALUES(11,'{"title":"The backup-1","labels":{"team":"desert"},"account":"user5","runtime":"r","entry":"main.py","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":50,"retry":{"attempts":1}}',8780367012214834108,1,1789744000000);
INSERT INTO text VALUES(12,'{"title":"The report-190","labels":{"team":"blue","stage":"prod"},"account":"user2","runtime":"python","entry":"main.py","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":50,"retry":{"attempts":1}}',4337702846370951694,1,1792372000000);
INSERT INTO text VALUES(13,'{"title":"The Sync-8","labels":{"team":"red"},"account":"user18","runtime":"r","entry":"main.py","args":[],"env":{},"timeout":900,"stop_grace":10,"limits":{"memory":1073741824,"cpus":1,"processes":64,"open_files":1024,"file_size":104857600,"output":104857600,"output_files":10000,"log":1048576,"tmp":104857600},"network":"none","priority":50,"retry":{"attempts":1}}',5612657817898355606,1,1795000000000);
CREATE TABLE label (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    runs INTEGER NOT NULL,
    newest INTEGER NOT NULL
);
INSERT INTO label VALUES(1,'team','red',3,1795000000000);
INSERT INTO label VALUES(2,'stage','test',2,1781860000000);
INSERT INTO label VALUES(3,'team','forest',1,1768720000000);
INSERT INTO label VALUES(4,'team','green',2,1787116000000);
INSERT INTO label VALUES(5,'stage','prod',2,1792372000000);
INSERT INTO label VALUES(6,'build','3',1,1771348000000);
INSERT INTO label VALUES(7,'team','ocean',2,1781860000000);
INSERT INTO label VALUES(8,'team','blue',3,1792372000000);
INSERT INTO label VALUES(9,'build','9',1,1787116000000);
INSERT INTO label VALUES(10,'team','desert',1,1789744000000);
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
INSERT INTO run VALUES(1,'01KCSMJJR00T7QQ48823850R1M',1,1,NULL,NULL,NULL,1,50,1,1766092000000,1766092000937,1766092316087,937,315150,157575,26799356,3269,0,0,73728,8192,NULL,1,2,'0190202d73764dd93bb0f25f00af81f0d09a43ff3c0b62fab4c3170ddf8ad0fc','The index-9','{"team":"red","stage":"test"}',NULL,NULL);
INSERT INTO run VALUES(2,'01KF7YTS00KXWB72N845PSP2Y3',2,2,NULL,NULL,NULL,2,50,1,1768720000000,1768720000128,1768720000765,128,637,318,55853610,2616,0,0,65536,8192,NULL,1,3,'a9d90c4bc446b0fc67c58b96c048563a6cba28d4e854b6096d01cbac1b58168c','The check-797','{"team":"forest"}',NULL,NULL);
INSERT INTO run VALUES(3,'01KHP92Z80JWCBJVGMH7QN6VHQ',3,3,NULL,NULL,NULL,3,50,1,1771348000000,1771348001849,1771348002137,1849,288,144,55665335,784,0,0,53248,8192,NULL,1,4,'7168d6ec22bf7dbc34475f3234f01a5029f083296482001e9d14bb2ed258681a','The check-17','{"team":"green","stage":"prod","build":"3"}',NULL,NULL);
INSERT INTO run VALUES(4,'01KM4KB5G00SRT4T1G1PEV8NKV',4,4,NULL,NULL,NULL,4,50,1,1773976000000,1773976001147,1773976002500,1147,1353,676,30904593,2112,0,0,16384,8192,NULL,1,5,'d4b311e2ac94411235e7f1af83b36b4ca29a3546fdc94efd38143da5ad6ff6c3','The sales-1234','{"team":"red"}',NULL,NULL);
INSERT INTO run VALUES(5,'01KPJXKBR0A0ES9PBKV4EVN51A',5,5,1,NULL,NULL,5,50,1,1776604000000,1776604000168,1776604000951,168,783,391,26501607,1790,0,0,12288,8192,NULL,1,6,'7ec5a050dd667c4196e75742c27c320b043724ef76261bc9a4f01e3ca3152396','The import-42','{"team":"ocean"}',NULL,NULL);
INSERT INTO run VALUES(6,'01KS17VJ00TFSC5WQ99YRM8A1N',6,6,NULL,NULL,NULL,6,50,1,1779232000000,1779232001228,1779232002583,1228,1355,677,50355241,2973,0,0,4096,8192,NULL,1,7,'ca80837fae8e50d800f8d8241669937fb1d366ed348e89271daacff6e0305841','The export-26','{"team":"blue"}',NULL,NULL);
INSERT INTO run VALUES(7,'01KVFJ3R80VE1VPW5TSSD9YA30',7,7,NULL,NULL,NULL,7,50,1,1781860000000,1781860000432,1781860002201,432,1769,884,26499781,2501,0,0,8192,8192,NULL,1,8,'8750e7cff31332944d10238cbcb61aecca5dc6fd11d48fa121154cf1be001dbe','The clean-15','{"team":"ocean","stage":"test"}',NULL,NULL);
INSERT INTO run VALUES(8,'01KXXWBYG0S0RV6KYAW3NJ8H3V',8,8,NULL,NULL,NULL,8,50,1,1784488000000,1784488000117,1784488000635,117,518,259,35728996,856,0,0,20480,8192,NULL,1,9,'bcead884220482982ee3dd3f85c722037e1f241c27ce4cd8c601c3c00ba7d8aa','The Sync-28','{"team":"blue"}',NULL,NULL);
INSERT INTO run VALUES(9,'01M0C6M4R0HRAA89H8DN274XB6',9,9,NULL,NULL,NULL,9,50,1,1787116000000,1787116000562,1787116365245,562,364683,182341,35476210,1005,0,0,45056,8192,NULL,1,10,'5b1a7e71ae5df80bbcd5bc432a3d26a6cf09a4490cc5c5cea30e159ae2208b49','The Sync-58','{"team":"green","build":"9"}',NULL,NULL);
INSERT INTO run VALUES(10,'01M2TGWB00HPE86A9XYT2C18VN',10,10,NULL,NULL,NULL,10,50,1,1789744000000,1789744004360,1789744007776,4360,3416,1708,10152132,3807,0,0,73728,8192,NULL,1,11,'9ebace573e558e9399e156623867fd9454fa33098fd226303f116afa65cac0e1','The backup-1','{"team":"desert"}',NULL,NULL);
INSERT INTO run VALUES(11,'01M58V4H808YCKGRZYN9SS7B4C',11,11,NULL,NULL,NULL,11,50,1,1792372000000,1792372000048,1792372000525,48,477,238,73919775,2038,0,0,20480,8192,NULL,1,12,'83421a0b990fb25739efb91ed71d5a4304f525c9bf95d92ddc6a1e88b503b590','The report-190','{"team":"blue","stage":"prod"}',NULL,NULL);
INSERT INTO run VALUES(12,'01M7Q5CQG08DY170907M5NCEQ8',12,12,2,NULL,NULL,12,50,1,1795000000000,1795000000034,1795000002220,34,2186,1093,57811351,631,0,0,32768,8192,NULL,1,13,'abf97b8ada30a955d13684e8ac6d3bfa6c93169c23d96b17b36cc41e2d8f7aba','The Sync-8','{"team":"red"}',NULL,NULL);
CREATE TABLE run_label (
    label INTEGER NOT NULL REFERENCES label,
    kind INTEGER NOT NULL REFERENCES kind,
    submitted_at INTEGER NOT NULL,
    run INTEGER NOT NULL REFERENCES run,
    PRIMARY KEY (label, kind, submitted_at, run)
) WITHOUT ROWID;
INSERT INTO run_label VALUES(1,1,1766092000000,1);
INSERT INTO run_label VALUES(1,4,1773976000000,4);
INSERT INTO run_label VALUES(1,12,1795000000000,12);
INSERT INTO run_label VALUES(2,1,1766092000000,1);
INSERT INTO run_label VALUES(2,7,1781860000000,7);
INSERT INTO run_label VALUES(3,2,1768720000000,2);
INSERT INTO run_label VALUES(4,3,1771348000000,3);
INSERT INTO run_label VALUES(4,9,1787116000000,9);
INSERT INTO run_label VALUES(5,3,1771348000000,3);
INSERT INTO run_label VALUES(5,11,1792372000000,11);
INSERT INTO run_label VALUES(6,3,1771348000000,3);
INSERT INTO run_label VALUES(7,5,1776604000000,5);
INSERT INTO run_label VALUES(7,7,1781860000000,7);
INSERT INTO run_label VALUES(8,6,1779232000000,6);
INSERT INTO run_label VALUES(8,8,1784488000000,8);
INSERT INTO run_label VALUES(8,11,1792372000000,11);
INSERT INTO run_label VALUES(9,9,1787116000000,9);
INSERT INTO run_label VALUES(10,10,1789744000000,10);
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
INSERT INTO statistics VALUES(20440,'nightly','user0','index-9','succeeded',1,315150,157575,937);
INSERT INTO statistics VALUES(20471,'models','user4','check-797','succeeded',1,637,318,128);
INSERT INTO statistics VALUES(20501,'nightly','user1','check-17','succeeded',1,288,144,1849);
INSERT INTO statistics VALUES(20532,'default','user0','sales-1234','succeeded',1,1353,676,1147);
INSERT INTO statistics VALUES(20562,'exports','user21','import-42','failed',1,783,391,168);
INSERT INTO statistics VALUES(20592,'lab','user2','export-26','succeeded',1,1355,677,1228);
INSERT INTO statistics VALUES(20623,'lab','user3','clean-15','succeeded',1,1769,884,432);
INSERT INTO statistics VALUES(20653,'hourly','user2','Sync-28','succeeded',1,518,259,117);
INSERT INTO statistics VALUES(20684,'nightly','user1','Sync-58','succeeded',1,364683,182341,562);
INSERT INTO statistics VALUES(20714,'exports','user5','backup-1','succeeded',1,3416,1708,4360);
INSERT INTO statistics VALUES(20745,'lab','user2','report-190','succeeded',1,477,238,48);
INSERT INTO statistics VALUES(20775,'hourly','user18','Sync-8','failed',1,2186,1093,34);
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
INSERT INTO statistics_by_queue_owner VALUES(20440,'nightly','user0','succeeded',1,315150,157575,937);
INSERT INTO statistics_by_queue_owner VALUES(20471,'models','user4','succeeded',1,637,318,128);
INSERT INTO statistics_by_queue_owner VALUES(20501,'nightly','user1','succeeded',1,288,144,1849);
INSERT INTO statistics_by_queue_owner VALUES(20532,'default','user0','succeeded',1,1353,676,1147);
INSERT INTO statistics_by_queue_owner VALUES(20562,'exports','user21','failed',1,783,391,168);
INSERT INTO statistics_by_queue_owner VALUES(20592,'lab','user2','succeeded',1,1355,677,1228);
INSERT INTO statistics_by_queue_owner VALUES(20623,'lab','user3','succeeded',1,1769,884,432);
INSERT INTO statistics_by_queue_owner VALUES(20653,'hourly','user2','succeeded',1,518,259,117);
INSERT INTO statistics_by_queue_owner VALUES(20684,'nightly','user1','succeeded',1,364683,182341,562);
INSERT INTO statistics_by_queue_owner VALUES(20714,'exports','user5','succeeded',1,3416,1708,4360);
INSERT INTO statistics_by_queue_owner VALUES(20745,'lab','user2','succeeded',1,477,238,48);
INSERT INTO statistics_by_queue_owner VALUES(20775,'hourly','user18','failed',1,2186,1093,34);
CREATE TABLE statistics_by_day (
    day INTEGER NOT NULL,
    state TEXT NOT NULL,
    runs INTEGER NOT NULL,
    wall_ms INTEGER NOT NULL,
    cpu_ms INTEGER NOT NULL,
    wait_ms INTEGER NOT NULL,
    PRIMARY KEY (day, state)
) WITHOUT ROWID;
INSERT INTO statistics_by_day VALUES(20440,'succeeded',1,315150,157575,937);
INSERT INTO statistics_by_day VALUES(20471,'succeeded',1,637,318,128);
INSERT INTO statistics_by_day VALUES(20501,'succeeded',1,288,144,1849);
INSERT INTO statistics_by_day VALUES(20532,'succeeded',1,1353,676,1147);
INSERT INTO statistics_by_day VALUES(20562,'failed',1,783,391,168);
INSERT INTO statistics_by_day VALUES(20592,'succeeded',1,1355,677,1228);
INSERT INTO statistics_by_day VALUES(20623,'succeeded',1,1769,884,432);
INSERT INTO statistics_by_day VALUES(20653,'succeeded',1,518,259,117);
INSERT INTO statistics_by_day VALUES(20684,'succeeded',1,364683,182341,562);
INSERT INTO statistics_by_day VALUES(20714,'succeeded',1,3416,1708,4360);
INSERT INTO statistics_by_day VALUES(20745,'succeeded',1,477,238,48);
INSERT INTO statistics_by_day VALUES(20775,'failed',1,2186,1093,34);
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
INSERT INTO memory VALUES(1795726758049,NULL,12,12,-945537619701779928,NULL,NULL,NULL);
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
PRAGMA writable_schema=OFF;
PRAGMA user_version = 2;
COMMIT;
