import Foundation
import Glibc
import Testing

/// THREATS 25: a history that cannot be read or written holds no result up, and what the directories know is brought back.
@Suite("scarcity: SQLite", .inTurn, .needs("sqlite3"))
struct HistoryTroubleTests {
    private static func database(_ spool: TemporarySpool) -> String { spool.path + "/history/history.sqlite" }

    private static func ask(_ spool: TemporarySpool, _ sql: String) async throws -> String {
        try await Command.check(["sqlite3", "file:\(database(spool))?mode=ro", sql])
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Runs some bundles: accepted ones, and one that is rejected.
    private static func runSome(_ daemon: Daemon, _ count: Int = 8) async throws {
        for number in 1...count {
            try daemon.spool.drop("run\(number).sh", script: "echo \(number); exit \(number % 3)")
        }
        try daemon.spool.drop("bad", files: ["manifest.yaml": "no: such\n"])
        for number in 1...count { _ = try await daemon.spool.result(of: "run\(number).sh") }
        #expect(try await daemon.spool.result(of: "bad").state == "rejected")
        try await daemon.expectNothingLeft()
    }

    private static func overwrite(_ path: String, pages: [Int]) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        for page in pages {
            try file.seek(toOffset: UInt64(page * 4096))
            try file.write(contentsOf: Data(repeating: 0xA5, count: 4096))
        }
        try file.close()
    }

    private static func count(_ spool: TemporarySpool) throws -> Int {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: database(spool)))
        defer { try? file.close() }
        return Int(try file.seekToEnd() / 4096)
    }

    @Test("locked for a minute: results come out, remembering catches up", arguments: TemporarySpool.Mode.possible)
    func locked(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Scarce.settings) { daemon in
            let spool = daemon.spool
            try spool.drop("before.sh", script: "echo before")
            try await spool.expect("before.sh", prints: "before\n")
            let holder = try ChildProcess(
                [
                    "sh", "-c",
                    "{ echo 'BEGIN IMMEDIATE; SELECT 1;'; sleep 60; } | sqlite3 -bail -cmd '.timeout 10000' '\(Self.database(spool))'",
                ],
                output: spool.base + "/holder")
            try await eventually("it is locked") {
                (try? String(contentsOfFile: spool.base + "/holder", encoding: .utf8))?.contains("1") == true
            }
            // More than may wait to be published at one time.
            for number in 1...100 { try spool.drop("run\(number).sh", script: "echo \(number)") }
            for number in 1...100 { try await spool.expect("run\(number).sh", prints: "\(number)\n") }
            try await daemon.saysThatItWaits("writing the history")
            #expect(!holder.hasEnded)
            // The one before may wait, too.
            #expect(spool.names(in: "state/runs").count >= 100)
            try await eventually(within: .seconds(90), "the lock is gone") { holder.hasEnded }
            try await daemon.expectNothingLeft()
            #expect(try await Self.ask(spool, "SELECT count(*) FROM runs") == "101")
            daemon.expectSaid("writing the history has to wait")
            daemon.expectSaid("writing the history goes on")
        }
    }

    @Test("locked, then killed: the next daemon remembers") func lockedAndKilled() async throws {
        try await withDaemon(settings: Scarce.settings) { daemon in
            let spool = daemon.spool
            let holder = try ChildProcess(
                [
                    "sh", "-c",
                    "{ echo 'BEGIN IMMEDIATE; SELECT 1;'; sleep 600; } | sqlite3 -bail -cmd '.timeout 10000' '\(Self.database(spool))'",
                ],
                output: spool.base + "/holder")
            try await eventually("it is locked") {
                (try? String(contentsOfFile: spool.base + "/holder", encoding: .utf8))?.contains("1") == true
            }
            try await spool.shell("cp /dev/null cancel", as: spool.owner)
            try spool.drop("run.sh", script: "echo run")
            try await spool.expect("run.sh", prints: "run\n")
            try await daemon.saysThatItWaits("writing the history")
            await daemon.kill()
            for child in Processes.descendants(of: holder.pid) { Glibc.kill(child, SIGKILL) }
            _ = await holder.end()
            try await daemon.start()
            try await daemon.expectNothingLeft()
            #expect(try await Self.ask(spool, "SELECT count(*) FROM runs") == "1")
            #expect(spool.results().count == 1)
        }
    }

    @Test("corrupt pages", arguments: TemporarySpool.Mode.possible)
    func corrupt(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Scarce.settings) { daemon in
            let spool = daemon.spool
            try await Self.runSome(daemon)
            let before = try await Self.ask(spool, "SELECT run, name, queue, state, owner FROM runs ORDER BY run")
            try await daemon.stop()
            let pages = try Self.count(spool)
            try Self.overwrite(Self.database(spool), pages: [2] + Array(stride(from: 4, to: pages, by: 2)))
            try await daemon.start()
            try spool.drop("after.sh", script: "echo after")
            try await spool.expect("after.sh", prints: "after\n")
            try await daemon.saysOnce("the history is rebuilt")
            try await daemon.expectNothingLeft()
            #expect(
                spool.names(in: "history").contains { $0.hasPrefix("history.sqlite.damaged-") && $0.hasSuffix("Z") })
            #expect(!spool.exists(spool.path + "/state/rebuild"))
            let after = try await Self.ask(
                spool, "SELECT run, name, queue, state, owner FROM runs WHERE name <> 'after' ORDER BY run")
            #expect(after == before)
            #expect(try await Self.ask(spool, "PRAGMA integrity_check") == "ok")
            #expect(try await Self.ask(spool, "SELECT sum(runs) FROM daily_statistics") == "10")
            daemon.expectSaid("the history is damaged")
            // What is known again runs no second time.
            let known = try #require(spool.results(named: "run1").first?.path.suffix(26))
            try spool.drop("run1.\(known).sh", script: "echo another")
            // Under a fresh id, beside the one that ran.
            try await eventually("it is refused") {
                spool.results(named: "run1").contains { $0.errorCodes == ["run_id_used"] }
            }
            #expect(spool.results(named: "run1").count == 2)
        }
    }

    @Test("a corrupt page under a running daemon") func corruptWhileRunning() async throws {
        try await withDaemon(settings: Scarce.settings) { daemon in
            let spool = daemon.spool
            try await Self.runSome(daemon)
            // Somebody writes garbage over it. The daemon has most of these pages in its memory: a look through finds it.
            let pages = try Self.count(spool)
            try Self.overwrite(Self.database(spool), pages: Array(1..<pages))
            let rebuilt = try await spool.bobbin("history", "--rebuild", as: spool.owner)
            #expect(rebuilt.code == 0 && rebuilt.output.contains("from the archive"), "\(rebuilt.output)")
            try spool.drop("after.sh", script: "echo after")
            try await spool.expect("after.sh", prints: "after\n")
            try await daemon.expectNothingLeft()
            #expect(try await Self.ask(spool, "SELECT count(*) FROM runs") == "10")
        }
    }

    @Test("no database at all in its place") func noDatabase() async throws {
        try await withDaemon(settings: Scarce.settings) { daemon in
            let spool = daemon.spool
            try await Self.runSome(daemon)
            try await daemon.stop()
            try Data("hello\n".utf8).write(to: URL(fileURLWithPath: Self.database(spool)))
            try await daemon.start()
            try await daemon.saysOnce("the history is rebuilt")
            #expect(try await Self.ask(spool, "SELECT count(*) FROM runs") == "9")
            // The next drop of a name is the newest, whatever number the old history had counted to.
            try spool.drop("run1.sh", script: "echo again")
            try await spool.expect("run1.sh", prints: "again\n")
            try await daemon.restartAfterKill()
            try spool.drop("run1.sh", script: "echo third")
            try await spool.expect("run1.sh", prints: "third\n")
        }
    }

    @Test("deleted whole, as it lies or under a running daemon: nothing runs twice", arguments: [false, true])
    func deleted(isRunning: Bool) async throws {
        try await withDaemon(settings: Scarce.settings) { daemon in
            let spool = daemon.spool
            try await Self.runSome(daemon)
            let ran = try await spool.result(of: "run1.sh")
            if !isRunning { try await daemon.stop() }
            for suffix in ["", "-wal", "-shm"] { unlink(Self.database(spool) + suffix) }
            if isRunning {
                let rebuilt = try await spool.bobbin("history", "--rebuild", as: spool.owner)
                #expect(rebuilt.output == "8 runs from the archive, 1 from the outbox\n", "\(rebuilt.output)")
            } else {
                try await daemon.start()
                try await daemon.saysOnce("the history is rebuilt")
            }
            daemon.expectSaid("history/history.sqlite is gone")
            #expect(try await Self.ask(spool, "SELECT count(*) FROM runs") == "9")
            // The same again, after its result was deleted.
            try await Command.check(["rm", "-r", ran.path])
            try spool.drop("run1.\(ran.path.suffix(26)).sh", script: "echo 1; exit 1")
            try await daemon.saysOnce("is known with the same content; this copy is removed")
            #expect(!spool.exists(ran.path))
            try spool.drop("run1.sh", script: "echo again")
            try await spool.expect("run1.sh", prints: "again\n")
            try await daemon.expectNothingLeft()
            #expect(try await Self.ask(spool, "SELECT count(*) FROM runs") == "10")
        }
    }

    @Test("-wal deleted", arguments: TemporarySpool.Mode.possible)
    func withoutWAL(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Scarce.settings) { daemon in
            let spool = daemon.spool
            try await Self.runSome(daemon)
            await daemon.kill()
            unlink(Self.database(spool) + "-wal")
            try await daemon.start()
            try await daemon.saysOnce("the history is rebuilt")
            #expect(try await Self.ask(spool, "SELECT count(*) FROM runs") == "9")
            // While it runs: nothing that was written is lost.
            unlink(Self.database(spool) + "-wal")
            try spool.drop("after.sh", script: "echo after")
            try await spool.expect("after.sh", prints: "after\n")
            try await daemon.expectNothingLeft()
            #expect(try await Self.ask(spool, "SELECT count(*) FROM runs") == "10")
        }
    }

    @Test("schema newer: refused, and left as it is") func newer() async throws {
        try await withDaemon(settings: Scarce.settings) { daemon in
            let spool = daemon.spool
            try await Self.runSome(daemon, 1)
            try await daemon.stop()
            try await Command.check(["sqlite3", Self.database(spool), "PRAGMA user_version = 99"])
            let before = try Data(contentsOf: URL(fileURLWithPath: Self.database(spool)))
            let refused = try daemon.launch()
            #expect(await refused.end() == .exited(70))
            #expect(daemon.currentLog.contains("was written by a later version of Bobbin; install that version"))
            #expect(try Data(contentsOf: URL(fileURLWithPath: Self.database(spool))) == before)
            #expect(!spool.names(in: "history").contains { $0.contains("damaged") })
            try await Command.check(["sqlite3", Self.database(spool), "PRAGMA user_version = 3"])
            try await daemon.start()
        }
    }

    @Test("locked when it starts: it waits, and ends when it is told to") func lockedAtStart() async throws {
        try await withDaemon(settings: Scarce.settings) { daemon in
            let spool = daemon.spool
            try await daemon.stop()
            let holder = try ChildProcess(
                [
                    "sh", "-c",
                    "{ echo 'PRAGMA locking_mode=EXCLUSIVE; BEGIN IMMEDIATE; CREATE TABLE x (y); SELECT 7;'; sleep 600; } "
                        + "| sqlite3 '\(Self.database(spool))'",
                ], output: spool.base + "/holder")
            try await eventually("it is locked") {
                (try? String(contentsOfFile: spool.base + "/holder", encoding: .utf8))?.contains("7") == true
            }
            try daemon.launch()
            try await daemon.saysThatItWaits("writing the history")
            #expect(try await daemon.stop() == .exited(0))
            try daemon.launch()
            for child in Processes.descendants(of: holder.pid) { Glibc.kill(child, SIGKILL) }
            _ = await holder.end()
            try await eventually("it is ready") { daemon.currentLog.contains("ready: ") }
        }
    }

    @Test("bobbin history --rebuild: for admins, and with a daemon") func byHand() async throws {
        try await withDaemon(settings: Scarce.settings) { daemon in
            let spool = daemon.spool
            try await Self.runSome(daemon, 3)
            try await Command.check([
                "sqlite3", Self.database(spool),
                "DELETE FROM run WHERE job IN (SELECT id FROM job WHERE name IN ('run2', 'bad'))",
            ])
            let rebuilt = try await spool.bobbin("history", "--rebuild", as: spool.owner)
            #expect(rebuilt.output == "1 runs from the archive, 1 from the outbox\n", "\(rebuilt.output)")
            #expect(try await Self.ask(spool, "SELECT count(*) FROM runs") == "4")
            #expect(
                try await Self.ask(spool, "SELECT owner, state FROM runs WHERE name = 'bad'").hasSuffix("|rejected"))
            if spool.dropper != spool.owner {
                let refused = try await spool.bobbin("history", "--rebuild")
                #expect(
                    refused.code == 1 && refused.output.contains("only root and the spool's admins"),
                    "\(refused.output)")
            }
            try await daemon.stop()
            let alone = try await spool.bobbin("history", "--rebuild", as: spool.owner)
            #expect(alone.code == 69, "\(alone.output)")
        }
    }
}
