import Foundation
import Glibc
import Testing

/// THREATS 26: no descriptors, no memory, no processes, no writing. Nothing runs without its sandbox, nothing is lost, and nobody
/// asks in a loop.
@Suite("scarcity: EMFILE, ENOMEM, EAGAIN at clone, read-only", .inTurn, .needs("strace", "prlimit"))
struct DescriptorAndProcessTests {
    /// The daemon's helper that has sandboxes made: the child of the keeper, which is the daemon's only child.
    private static func launcher(_ daemon: Daemon) throws -> Int32 {
        let keeper = try #require(daemon.process.map { Processes.children(of: $0.pid) }?.first)
        return try #require(Processes.children(of: keeper).first)
    }

    /// Processor time of a process, in clock ticks.
    private static func ticks(_ pid: Int32) -> Int {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        return fields.count > 12 ? (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) : 0
    }

    /// Fails calls of a process, and of no other, with an error, while `body` runs.
    private static func failing(
        _ calls: String, with error: String, in processes: [Int32], _ daemon: Daemon,
        _ body: () async throws -> Void
    ) async throws {
        let log = daemon.spool.base + "/\(daemon.spool.freshName("strace"))"
        let targets = processes.flatMap { ["-p", "\($0)"] }
        let tracer = try ChildProcess(
            ["strace", "-f", "-qq", "-o", log, "-e", "trace=\(calls)", "-e", "inject=\(calls):error=\(error)"]
                + targets,
            output: log + ".said")
        try await eventually("strace watches") {
            processes.allSatisfy { pid in
                ((try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? "").contains(
                    "TracerPid:\t\(tracer.pid)\n")
            }
        }
        do {
            try await body()
        } catch {
            tracer.signal(SIGTERM)
            _ = await tracer.end()
            throw error
        }
        tracer.signal(SIGTERM)
        _ = await tracer.end()
    }

    @Test(
        "EAGAIN and ENOMEM at clone: runs wait, and none is without its sandbox",
        arguments: ["EAGAIN", "ENOMEM", "ENOSPC"])
    func clone(_ error: String) async throws {
        try await withDaemon(settings: Scarce.settings) { daemon in
            let spool = daemon.spool
            let launcher = try Self.launcher(daemon)
            try await Self.failing("clone3", with: error, in: [launcher], daemon) {
                for number in 1...4 {
                    try spool.drop("run\(number).sh", script: "echo \(number) >>mark; echo \(number)")
                }
                try await daemon.saysThatItWaits("starting runs")
                try await eventually("all wait") { spool.names(in: "state/runs").count == 4 }
                let before = (Self.ticks(launcher), Self.ticks(daemon.process?.pid ?? 0))
                try await Task.sleep(for: .seconds(3))
                let after = (Self.ticks(launcher), Self.ticks(daemon.process?.pid ?? 0))
                #expect(after.0 - before.0 < 60 && after.1 - before.1 < 100, "\(before) \(after): it asks in a loop")
                #expect(spool.results().isEmpty)
                for name in spool.names(in: "active/default") where !name.hasPrefix(".") {
                    #expect(ResultDirectory(path: spool.active() + "/" + name).state == "queued")
                }
                #expect(try spool.hindrances()["starting"]?.contains("clone3") == true)
                // What waits can be ended.
                let run = try #require(spool.names(in: "active/default").first { $0.hasPrefix("run4.") })
                _ = try await spool.bobbin("cancel", String(run.suffix(26)), as: spool.owner)
                #expect(try await spool.result(of: "run4.sh").state == "cancelled")
            }
            for number in 1...3 { try await spool.expect("run\(number).sh", prints: "\(number)\n") }
            try await daemon.expectNothingLeft()
            daemon.expectSaid("starting runs has to wait")
        }
    }

    @Test("EMFILE in the launcher, whatever it lacks one for", arguments: [10, 11, 12, 13, 14, 15, 17, 19])
    func launcherDescriptors(_ limit: Int) async throws {
        try await withDaemon(.rootless, settings: Scarce.settings) { daemon in
            let spool = daemon.spool
            try spool.drop("before.sh", script: "echo before")
            try await spool.expect("before.sh", prints: "before\n")
            let launcher = try Self.launcher(daemon)
            let archive = spool.freshScratch()
            try await Command.check([
                "tar", "-C", try spool.makeDirectory(["main.sh": "echo archive"]), "-czf", archive, ".",
            ])
            try await Self.limit(launcher, to: limit, spool)
            try spool.drop("run.sh", script: "echo run")
            try spool.move(archive, to: "packed.tar.gz")
            try await Task.sleep(for: .seconds(2))
            #expect(try Self.launcher(daemon) == launcher)
            // With a few more it may have enough; with fewer it says what waits.
            if spool.results(named: "run").isEmpty {
                #expect(try !spool.hindrances().isEmpty, "\(daemon.remarkableLog)")
            }
            try await Self.limit(launcher, to: 1024, spool)
            try await spool.expect("run.sh", prints: "run\n")
            try await spool.expect("packed.tar.gz", prints: "archive\n")
            try await daemon.expectNothingLeft()
        }
    }

    private static func limit(_ pid: Int32, to number: Int, _ spool: TemporarySpool) async throws {
        try await Command.check(spool.prefix(spool.owner) + ["prlimit", "--pid", "\(pid)", "--nofile=\(number):"])
    }

    @Test("EMFILE in the daemon", arguments: [0, 2, 4, 6, 8, 12])
    func daemonDescriptors(_ spare: Int) async throws {
        try await withDaemon(.rootless, settings: Scarce.settings) { daemon in
            let spool = daemon.spool
            try spool.drop("before.sh", script: "echo before")
            try await spool.expect("before.sh", prints: "before\n")
            let pid = try #require(daemon.process?.pid)
            let numbers = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").compactMap { Int($0) }
            try await Self.limit(pid, to: (numbers.max() ?? 0) + 1 + spare, spool)
            for number in 1...3 { try spool.drop("run\(number).sh", script: "echo \(number)") }
            let before = Self.ticks(pid)
            try await Task.sleep(for: .seconds(3))
            #expect(Self.ticks(pid) - before < 150, "it asks in a loop: \(daemon.remarkableLog)")
            #expect(daemon.isAlive)
            try await Self.limit(pid, to: 1024, spool)
            for number in 1...3 { try await spool.expect("run\(number).sh", prints: "\(number)\n") }
            try await daemon.expectNothingLeft()
        }
    }

    @Test("the launcher dies, and its keeper cannot make another one at once") func keeper() async throws {
        try await withDaemon(settings: Scarce.settings) { daemon in
            let spool = daemon.spool
            let keeper = try #require(daemon.process.map { Processes.children(of: $0.pid) }?.first)
            let launcher = try Self.launcher(daemon)
            try await Self.failing("clone,fork,vfork,clone3", with: "EAGAIN", in: [keeper], daemon) {
                kill(launcher, SIGKILL)
                try spool.drop("run.sh", script: "echo run")
                try await Task.sleep(for: .seconds(2))
                #expect(daemon.isAlive && spool.results().isEmpty)
            }
            try await spool.expect("run.sh", prints: "run\n")
        }
    }

    @Test("ENOMEM in the launcher: it dies of it, and the next one goes on") func launcherMemory() async throws {
        try await withDaemon(settings: Scarce.settings) { daemon in
            let spool = daemon.spool
            try spool.drop("before.sh", script: "echo before")
            try await spool.expect("before.sh", prints: "before\n")
            let launcher = try Self.launcher(daemon)
            kill(launcher, SIGABRT)
            try spool.drop("run.sh", script: "echo run")
            try await spool.expect("run.sh", prints: "run\n")
            #expect(try Self.launcher(daemon) != launcher)
        }
    }

    @Test("ENOMEM for a plan") func planMemory() async throws {
        try await withDaemon(settings: Scarce.settings) { daemon in
            let spool = daemon.spool
            let pid = try #require(daemon.process?.pid)
            try await Self.failing("memfd_create", with: "ENOMEM", in: [pid], daemon) {
                try spool.drop("run.sh", script: "echo run")
                try await daemon.saysThatItWaits("starting runs")
                #expect(spool.results().isEmpty)
            }
            try await spool.expect("run.sh", prints: "run\n")
        }
    }

    @Test("read-only for a while: what changes something waits") func readOnly() async throws {
        try await withDaemon(settings: Scarce.settings) { daemon in
            let spool = daemon.spool
            try spool.drop("going.sh", script: "\(Held.here)\necho done >file; echo done")
            try await eventually("it has begun") { daemon.processes.contains { Processes.isStopped($0) } }
            let script = try spool.makeFile(Array("echo waited\n".utf8))
            let pid = try #require(daemon.process?.pid)
            let launcher = try Self.launcher(daemon)
            // What the kernel says when a filesystem with errors has become read-only; not to the script, whose process is another.
            let calls = "mkdirat,renameat2,renameat,linkat,symlinkat,unlinkat,fchmod,fchown,fchownat"
            try await Self.failing(calls, with: "EROFS", in: [pid, launcher], daemon) {
                try spool.move(script, to: "waits.sh")
                try await daemon.saysThatItWaits("taking bundles from the inbox")
                try await daemon.letGo("going")
                try await daemon.saysThatItWaits("publishing results")
                #expect(spool.results().isEmpty)
            }
            let going = try await spool.result(of: "going.sh")
            #expect(going.state == "succeeded" && going.stdout == "done\n" && going.has("files/file"), "\(going)")
            try await spool.expect("waits.sh", prints: "waited\n")
            try await daemon.expectNothingLeft()
        }
    }

    @Test(
        "a filesystem that becomes read-only by its own errors: the daemon ends in order, and goes on after the repair",
        .needsRoot)
    func errors() async throws {
        let spool = try await TemporarySpool(settings: Scarce.settings, disk: .ext4(mib: 32))
        let daemon = Daemon(on: spool)
        do {
            try await daemon.start()
            try spool.drop("before.sh", script: "echo before")
            try await spool.expect("before.sh", prints: "before\n")
            let script = try spool.makeFile(Array("echo waited\n".utf8))
            try spool.move(script, to: ".waits.sh")
            try await spool.smallDisk.shell(
                "sync; echo 1 >/sys/fs/ext4/$(basename \"$(findmnt -no SOURCE \"$DISK\")\")/trigger_fs_error")
            try await daemon.stop(within: .seconds(30))
            try await spool.smallDisk.shell(
                "umount \"$DISK\"; e2fsck -fy \"$DISK.image\" || [ $? -le 2 ];"
                    + " mount -o loop \"$DISK.image\" \"$DISK\"")
            try await daemon.start()
            try await spool.smallDisk.shell(
                "mv \"$DISK/spool/inbox/default/.waits.sh\" \"$DISK/spool/inbox/default/waits.sh\"")
            try await spool.expect("waits.sh", prints: "waited\n")
            try await spool.expect("before.sh", prints: "before\n")
            daemon.expectWell()
            try await daemon.stop()
        } catch {
            Issue.record("\(error)\nbobbind said:\n\(daemon.remarkableLog)")
            await daemon.kill()
        }
        await spool.remove()
    }
}
