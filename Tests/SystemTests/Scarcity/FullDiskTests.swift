import Foundation
import Glibc
import Testing

/// A disk without room at each step of a bundle's way: what cannot be done waits, is said once, and is done when there is room.
@Suite("scarcity: disk full", .inTurn, .needs("unshare", "nsenter"))
struct FullDiskTests {
    private static let disk = SmallDisk.Form.memory(kib: 12 << 10)

    @Test("disk full during claim", arguments: TemporarySpool.Mode.possible)
    func claim(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Scarce.settings, disk: Self.disk) { daemon in
            let spool = daemon.spool
            try spool.drop("before.sh", script: "echo before")
            try await spool.expect("before.sh", prints: "before\n")
            let script = try spool.makeFile(Array("echo waited\n".utf8))
            let other = try spool.makeFile(Array("echo too\n".utf8))
            try spool.smallDisk.fill()
            try spool.move(script, to: "waits.sh")
            try spool.move(other, to: "other.sh")
            try await eventually("taking it has to wait; it said:\n\(daemon.log)") {
                try !spool.hindrances().isEmpty
            }
            let ps = try await spool.bobbin("ps", as: spool.owner)
            #expect(ps.output.contains("has to wait, since"), "\(ps.output)")
            #expect(ps.output.contains("No space left on device"), "\(ps.output)")
            let doctor = try await spool.bobbin("doctor", as: spool.owner)
            #expect(doctor.code == 1 && doctor.output.contains("No space left on device"), "\(doctor.output)")
            try spool.smallDisk.makeRoom()
            try await spool.expect("waits.sh", prints: "waited\n")
            try await spool.expect("other.sh", prints: "too\n")
            try await daemon.expectNothingLeft()
            daemon.expectSaid(": claiming ", times: daemon.log.contains(": claiming ") ? 1 : 0)
        }
    }

    @Test("disk full during takeover: the smaller goes by", arguments: TemporarySpool.Mode.possible)
    func takeover(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Scarce.settings, disk: Self.disk) { daemon in
            let spool = daemon.spool
            let large = try spool.makeDirectory([
                "main.sh": "wc -c <data", "data": String(repeating: "x", count: 3 << 20),
            ])
            try spool.smallDisk.fill(leaving: 2 << 10)
            try spool.move(large, to: "large")
            try await daemon.saysThatItWaits("taking over what was claimed")
            for number in 1...5 {
                try spool.drop("small\(number).sh", script: "echo \(number)")
                try await spool.expect("small\(number).sh", prints: "\(number)\n")
            }
            #expect(try spool.hindrances()["accepting"]?.contains("No space left") == true)
            #expect(spool.results(named: "large").isEmpty)
            try spool.smallDisk.makeRoom()
            try await spool.expect("large", prints: "3145728\n")
            try await daemon.expectNothingLeft()
            daemon.expectSaid("taking over what was claimed has to wait")
            daemon.expectSaid("taking over what was claimed goes on")
        }
    }

    @Test("an archive that fits, and what is in it does not") func archive() async throws {
        try await withDaemon(settings: Scarce.settings, disk: Self.disk) { daemon in
            let spool = daemon.spool
            let large = try spool.makeDirectory([
                "main.sh": "wc -c <data", "data": String(repeating: "x", count: 4 << 20),
            ])
            let archive = spool.freshScratch()
            try await Command.check(["tar", "-C", large, "-czf", archive, "."])
            try await Command.check(["rm", "-r", large])
            try spool.smallDisk.fill(leaving: 2 << 10)
            try spool.move(archive, to: "large.tar.gz")
            try await daemon.saysThatItWaits("taking over what was claimed")
            try spool.drop("small.sh", script: "echo small")
            try await spool.expect("small.sh", prints: "small\n")
            try spool.smallDisk.makeRoom()
            try await spool.expect("large.tar.gz", prints: "4194304\n")
            try await daemon.expectNothingLeft()
        }
    }

    @Test("larger than what can ever fit: an end, and nobody waits behind it") func never() async throws {
        try await withDaemon(settings: Scarce.settings, disk: Self.disk) { daemon in
            let spool = daemon.spool
            let large = try spool.makeDirectory([
                "main.sh": "echo no", "data": String(repeating: "x", count: 7 << 20),
            ])
            // Written before: the other's copy may fill the disk at any moment.
            let small = try spool.makeDirectory(["main.sh": "echo small"])
            try spool.move(large, to: "large")
            try spool.move(small, to: "small")
            try await spool.expect("small", prints: "small\n")
            let result = try await spool.result(of: "large")
            #expect(result.state == "errored" && result.reason.contains("give the spool a larger disk"), "\(result)")
            #expect(result.has("sent/data"))
            try await daemon.expectNothingLeft()
        }
    }

    @Test("what waits for room can be cancelled") func cancelled() async throws {
        try await withDaemon(settings: Scarce.settings, disk: Self.disk) { daemon in
            let spool = daemon.spool
            let large = try spool.makeDirectory([
                "main.sh": "echo no", "data": String(repeating: "x", count: 3 << 20),
            ])
            try spool.smallDisk.fill(leaving: 2 << 10)
            try spool.move(large, to: "large")
            try await daemon.saysThatItWaits("taking over what was claimed")
            let run = try #require(spool.names(in: "state/runs").first)
            let cancel = try await spool.bobbin("cancel", run, as: spool.owner)
            let result = try await spool.result(of: "large")
            #expect(result.state == "cancelled", "\(result) \(cancel.output)")
            #expect(result.has("sent/data"))
        }
    }

    @Test(
        "disk full during run: the script's own writes fail, its output waits", arguments: TemporarySpool.Mode.possible)
    func run(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Scarce.settings, disk: Self.disk) { daemon in
            let spool = daemon.spool
            let script = """
                echo begun
                \(Held.here)
                cat /bin/bash >copy || echo "no room for the copy"
                i=0; while [ $i -lt 3000 ]; do echo "line $i of many"; i=$((i+1)); done
                exit 7
                """
            try spool.drop("full.sh", script: script)
            try await eventually("it runs") { spool.names(in: "active/default").contains { $0.hasPrefix("full.") } }
            try await eventually("it has begun") {
                daemon.processes.contains { Processes.isStopped($0) }
            }
            try spool.smallDisk.fill()
            try await daemon.letGo("full")
            try await daemon.saysThatItWaits("writing down what scripts print")
            try spool.smallDisk.makeRoom()
            let result = try await spool.result(of: "full.sh")
            #expect(result.state == "failed" && result.exitCode == "7", "\(result)")
            let lines = result.stdout.split(separator: "\n")
            #expect(lines.count == 3002 && lines.last == "line 2999 of many", "\(lines.count)")
            #expect(lines.contains("no room for the copy"))
            try await daemon.expectNothingLeft()
            daemon.expectSaid("writing down what scripts print goes on")
        }
    }

    @Test("disk full during publish and history", arguments: TemporarySpool.Mode.possible)
    func publish(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Scarce.settings, disk: Self.disk) { daemon in
            let spool = daemon.spool
            for name in ["one", "two"] { try spool.drop("\(name).sh", script: "\(Held.here)\nexit 3") }
            try await eventually("both have begun") {
                daemon.processes.filter { Processes.isStopped($0) }.count == 2
            }
            try spool.smallDisk.fill()
            try await daemon.letGo("one")
            try await daemon.letGo("two")
            try await daemon.saysThatItWaits("publishing results")
            #expect(spool.results().isEmpty)
            // A daemon that starts on the full disk waits as well.
            await daemon.kill()
            try spool.smallDisk.fill()
            try await daemon.start()
            try spool.smallDisk.makeRoom()
            for name in ["one", "two"] {
                let result = try await spool.result(of: "\(name).sh")
                #expect(["failed", "interrupted"].contains(result.state ?? ""), "\(result)")
            }
            try await daemon.expectNothingLeft()
            let history = try await spool.bobbin("history", "--json", as: spool.owner)
            #expect(try TemporarySpool.objects(history).count == 2, "\(history.output)")
        }
    }

    /// The index of the history's -wal is made anew then, and a journaling filesystem gives no block back at once.
    @Test("a start on a full disk", .needsRoot) func start() async throws {
        try await withDaemon(settings: Scarce.settings, disk: .ext4(mib: 32)) { daemon in
            let spool = daemon.spool
            try spool.drop("before.sh", script: "echo before")
            try await spool.expect("before.sh", prints: "before\n")
            let script = try spool.makeFile(Array("echo waited\n".utf8))
            await daemon.kill()
            try spool.move(script, to: "waits.sh")
            try spool.smallDisk.fill()
            try daemon.launch()
            try await eventually("it waits, or needs no room; it said:\n\(daemon.log)") {
                daemon.currentLog.contains("has to wait") || daemon.currentLog.contains("ready: ")
            }
            try spool.smallDisk.makeRoom()
            try await eventually("it is ready; it said:\n\(daemon.log)") { daemon.currentLog.contains("ready: ") }
            try await spool.expect("waits.sh", prints: "waited\n")
            try await daemon.expectNothingLeft()
        }
    }

    @Test("a start without a file left, on a spool of a version that had no mark of flushes") func startWithoutMark()
        async throws
    {
        let disk = SmallDisk.Form.memory(kib: 12 << 10, files: 200)
        try await withDaemon(settings: Scarce.settings, disk: disk) { daemon in
            let spool = daemon.spool
            try await daemon.stop()
            #expect(unlink(spool.path + "/state/flushed") == 0)
            try spool.smallDisk.fillWithFiles()
            try await daemon.start()
            try await daemon.saysOnce("state/flushed cannot be written")
            try spool.smallDisk.makeRoom()
            try spool.drop("after.sh", script: "echo after")
            try await spool.expect("after.sh", prints: "after\n")
            try await daemon.expectNothingLeft()
            #expect(spool.exists(spool.path + "/state/flushed"))
        }
    }

    @Test("SIGTERM while everything waits for room", arguments: TemporarySpool.Mode.possible)
    func stop(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Scarce.settings, disk: Self.disk) { daemon in
            let spool = daemon.spool
            try spool.drop("going.sh", script: "\(Held.here)\nexit 5")
            try await eventually("it has begun") { daemon.processes.contains { Processes.isStopped($0) } }
            let large = try spool.makeDirectory([
                "main.sh": "echo large", "data": String(repeating: "x", count: 3 << 20),
            ])
            let script = try spool.makeFile(Array("echo waited\n".utf8))
            try spool.smallDisk.fill(leaving: 1 << 10)
            try spool.move(large, to: "large")
            try await daemon.saysThatItWaits("taking over what was claimed")
            try spool.smallDisk.fill()
            try spool.move(script, to: "waits.sh")
            try await daemon.letGo("going")
            try await daemon.saysThatItWaits("publishing results")
            #expect(try await daemon.stop(within: .seconds(20)) == .exited(0))
            try spool.smallDisk.makeRoom()
            try await daemon.start()
            try await spool.expect("waits.sh", prints: "waited\n")
            try await spool.expect("large", prints: "large\n")
            _ = try await spool.result(of: "going.sh")
            try await daemon.expectNothingLeft()
        }
    }

    @Test("inodes out", arguments: TemporarySpool.Mode.possible)
    func inodes(_ mode: TemporarySpool.Mode) async throws {
        let disk = SmallDisk.Form.memory(kib: 12 << 10, files: 200)
        try await withDaemon(mode, settings: Scarce.settings, disk: disk) { daemon in
            let spool = daemon.spool
            try spool.drop("before.sh", script: "echo before")
            try await spool.expect("before.sh", prints: "before\n")
            let script = try spool.makeFile(Array("echo waited\n".utf8))
            try spool.smallDisk.fillWithFiles()
            try spool.move(script, to: "waits.sh")
            try await eventually("something has to wait") { try !spool.hindrances().isEmpty }
            try spool.smallDisk.makeRoom()
            try await spool.expect("waits.sh", prints: "waited\n")
            try await daemon.expectNothingLeft()
        }
    }
}
