import Foundation
import Glibc
import Linux
import Sandbox
import SandboxProtocol
import SystemPackage
import Testing
import Trees

/// The verbs on files, each as the daemon calls them, on a spool laid out as the daemon's.
@Suite(.enabled(if: geteuid() == 0, "giving files away takes root")) struct FileVerbTests {
    private static let daemon = FileOwnership(owner: 0, group: 0)
    private static let dropper = FileOwnership(owner: 4001, group: 4002)
    private let spool: TestSpool
    private let queue = Place(["inbox", "q"])
    private let active = Place(["active", "q"])
    private let outbox = Place(["outbox", "q"])

    init() throws {
        spool = try TestSpool()
        for name: EntryName in ["inbox", "active", "outbox"] {
            _ = try spool.directory.makeOrOpenDirectory(name).makeOrOpenDirectory("q")
        }
        chmod(path("inbox/q"), 0o1777)
        try spool.directory.directory("state").makeDirectory("trash")
        _ = try spool.runs.makeOrOpenDirectory("one")
    }

    private func path(_ relative: String) -> String { "\(spool.path)/\(relative)" }

    private func write(_ relative: String, _ text: String = "x", mode: mode_t = 0o644, owner: UInt32 = 4001) throws {
        let url = URL(fileURLWithPath: path(relative))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
        chown(url.path, owner, 4002)
        chmod(url.path, mode)
    }

    /// What `ls -l` would begin its line with.
    private func look(_ relative: String) -> String {
        var status = stat()
        if lstat(path(relative), &status) < 0 { return "none" }
        return "\(String(status.st_mode & 0o7777, radix: 8)) \(status.st_uid):\(status.st_gid)"
    }

    @Test func claimTakesTheEntryAndSaysWhoseItIs() async throws {
        try write("inbox/q/x.sh", mode: 0o4755)
        let entry = try await spool.launcher.claim("x.sh", from: queue, into: spool.place("one"), as: "sent")
        #expect(entry.kind == .regular && entry.owner == 4001 && entry.permissions == 0o4755)
        #expect(look("inbox/q/x.sh") == "none")
        #expect(look("state/runs/one/sent") == "4755 4001:4002")
        try write("inbox/q/x.sh")
        await #expect(throws: LauncherError.failed(subject: "claim inbox/q/x.sh", errno: .fileExists)) {
            _ = try await spool.launcher.claim("x.sh", from: queue, into: spool.place("one"), as: "sent")
        }
        await #expect(throws: LauncherError.failed(subject: "claim inbox/q/gone", errno: .noSuchFileOrDirectory)) {
            _ = try await spool.launcher.claim("gone", from: queue, into: spool.place("one"), as: "sent")
        }
    }

    @Test func discardMovesWholeWhateverTheMode() async throws {
        try write("outbox/q/r/files/x", mode: 0)
        chmod(path("outbox/q/r"), 0)
        let trash = Place(["state", "trash"])
        try await spool.launcher.discard("r", in: outbox, to: trash, as: "swept")
        #expect(look("outbox/q/r") == "none")
        #expect(look("state/trash/swept/files/x") == "0 4001:4002")
        await #expect(throws: LauncherError.failed(subject: "discard outbox/q/r", errno: .noSuchFileOrDirectory)) {
            try await spool.launcher.discard("r", in: outbox, to: trash, as: "again")
        }
    }

    @Test func copyAppearsWholeAndClosed() async throws {
        try write("state/runs/one/bundle/main.sh", "#!/bin/sh\n", mode: 0o755, owner: 0)
        try write("state/runs/one/bundle/sub/data", "data", owner: 2_000_000_007)
        try write("state/runs/two/.sent.copy/half", "half")
        let one = spool.place("one")
        try await spool.launcher.copy("bundle", in: one, to: spool.place("two"), as: "sent", for: Self.dropper)
        #expect(look("state/runs/two/sent") == "700 4001:4002")
        #expect(look("state/runs/two/sent/main.sh") == "755 4001:4002")
        #expect(look("state/runs/two/sent/sub/data") == "644 4001:4002")
        #expect(look("state/runs/two/.sent.copy") == "none")
        #expect(look("state/runs/two/sent/half") == "none")
        let bundle = one.appending("bundle")
        _ = try spool.runs.makeOrOpenDirectory("three")
        try await spool.launcher.copy("main.sh", in: bundle, to: spool.place("three"), as: "sent", for: Self.dropper)
        #expect(look("state/runs/three/sent") == "700 4001:4002")
        await #expect(throws: LauncherError.self) {
            try await spool.launcher.copy("bundle", in: one, to: spool.place("two"), as: "sent", for: Self.dropper)
        }
    }

    @Test func measureCountsBlocksAndEachNameOnce() async throws {
        try write("outbox/q/r/files/big", String(repeating: "x", count: 100_000))
        try #require(link(path("outbox/q/r/files/big"), path("outbox/q/r/other")) == 0)
        let du = try await spool.launcher.measure("r", in: outbox)
        #expect(du >= 100_000 && du < 130_000, "\(du)")
        #expect(try await spool.launcher.measure("none", in: outbox) == 0)
        try #require(symlink("/usr", path("outbox/q/usr")) == 0)
        #expect(try await spool.launcher.measure("usr", in: outbox) < 10_000)
    }

    @Test func takeMakesItTheDaemons() async throws {
        try write("inbox/q/dir/main.sh", "main", mode: 0o4700)
        try write("inbox/q/dir/sub/data", "data", mode: 0o600)
        for made in ["inbox/q/dir", "inbox/q/dir/sub"] { chown(path(made), 4001, 4002) }
        _ = try await spool.launcher.claim("dir", from: queue, into: spool.place("one"), as: "sent")
        for _ in 0..<2 {
            let report = try await spool.launcher.take(
                spool.place("one"), as: "bundle.tmp", form: .directory, maxBytes: 1000, maxEntries: 10)
            #expect(report.isClean)
        }
        #expect(look("state/runs/one/bundle.tmp") == "755 0:0")
        #expect(look("state/runs/one/bundle.tmp/main.sh") == "755 0:0")
        #expect(look("state/runs/one/bundle.tmp/sub/data") == "644 0:0")
        let small = try await spool.launcher.take(
            spool.place("one"), as: "bundle.tmp", form: .directory, maxBytes: 3, maxEntries: 10)
        #expect(!small.isClean)
    }

    @Test func takeOfAScriptAndAnArchive() async throws {
        try write("inbox/q/x.sh", "#!/bin/sh\n")
        _ = try await spool.launcher.claim("x.sh", from: queue, into: spool.place("one"), as: "sent")
        let launcher = spool.launcher
        #expect(
            try await launcher.take(
                spool.place("one"), as: "bundle.tmp", form: .script("x.sh"), maxBytes: 99, maxEntries: 9
            ).isClean)
        #expect(
            try await launcher.take(spool.place("one"), as: "archive", form: .archive, maxBytes: 99, maxEntries: 9)
                .isClean)
        #expect(look("state/runs/one/bundle.tmp/x.sh") == "644 0:0")
        #expect(look("state/runs/one/archive") == "644 0:0")
    }

    @Test func foreignFilesAreReported() async throws {
        try write("inbox/q/dir/mine")
        try write("inbox/q/dir/others", owner: 0)
        chown(path("inbox/q/dir"), 4001, 4002)
        _ = try await spool.launcher.claim("dir", from: queue, into: spool.place("one"), as: "sent")
        let report = try await spool.launcher.take(
            spool.place("one"), as: "bundle.tmp", form: .directory, maxBytes: 1000, maxEntries: 10)
        #expect(report.problems.map { String(decoding: $0.path, as: UTF8.self) } == ["others"])
    }

    @Test func whatARunLeftIsCleanedAndPublished() async throws {
        let script = """
            echo out >out; chmod 4777 out; ln -s /etc/passwd leaving; ln -s out staying; mkfifo pipe
            mkdir closed; echo in >closed/in; chmod 0 closed; exit 0
            """
        #expect(try await spool.shell(script).end == .exited(code: 0))
        try spool.directory.directory("active").directory("q").makeDirectory("one.RUN")
        let result = active.appending("one.RUN")
        try write("active/q/one.RUN/state", "succeeded\n", owner: 0)
        for round in 0..<2 {
            let report = try await spool.launcher.collect(
                spool.place("one"), into: result, for: Self.daemon, maxBytes: 1 << 20, maxEntries: 100)
            if round == 0 {
                #expect(Set(report.problems.map { String(decoding: $0.path, as: UTF8.self) }) == ["leaving", "pipe"])
            }
        }
        #expect(
            look("state/runs/one/upper") == "none" && look("state/runs/one/work") == "none"
                && look("state/runs/one/sent") == "none")
        let bytes = try await spool.launcher.publish("one.RUN", from: active, to: outbox, for: Self.dropper)
        #expect(bytes > 0)
        // Asked again, it says the same of what is there.
        #expect(try await spool.launcher.publish("one.RUN", from: active, to: outbox, for: Self.dropper) == bytes)
        #expect(look("outbox/q/one.RUN") == "750 4001:4002")
        #expect(look("outbox/q/one.RUN/state") == "640 4001:4002")
        #expect(look("outbox/q/one.RUN/files/out") == "750 4001:4002")
        #expect(look("outbox/q/one.RUN/files/closed/in") == "640 4001:4002")
        #expect(look("outbox/q/one.RUN/files/staying").hasPrefix("777 4001"))
        #expect(look("outbox/q/one.RUN/files/leaving") == "none" && look("outbox/q/one.RUN/files/pipe") == "none")
        await #expect(throws: LauncherError.self) {
            try await spool.launcher.publish("never", from: active, to: outbox, for: Self.dropper)
        }
    }

    @Test func filesAreThereEvenIfNothingRan() async throws {
        try spool.directory.directory("active").directory("q").makeDirectory("r")
        let report = try await spool.launcher.collect(
            spool.place("one"), into: active.appending("r"), for: Self.dropper, maxBytes: 1, maxEntries: 1)
        #expect(report.isClean)
        #expect(look("active/q/r/files") == "750 4001:4002")
    }

    @Test func outputLimitsAreReported() async throws {
        _ = try await spool.shell("for i in 1 2 3 4 5 6 7 8 9; do echo 123456789 >$i; done")
        try spool.directory.directory("active").directory("q").makeDirectory("r")
        let report = try await spool.launcher.collect(
            spool.place("one"), into: active.appending("r"), for: Self.dropper, maxBytes: 50, maxEntries: 100)
        #expect(report.exceeded == [.output])
        #expect(report.bytes <= 50)
    }

    @Test func aRejectedBundleGoesBack() async throws {
        try write("inbox/q/x.exe", mode: 0o6755)
        _ = try await spool.launcher.claim("x.exe", from: queue, into: spool.place("one"), as: "sent")
        try spool.directory.directory("active").directory("q").makeDirectory("r")
        for _ in 0..<2 {
            try await spool.launcher.sendBack(spool.place("one"), into: active.appending("r"), for: Self.dropper)
        }
        #expect(look("active/q/r/sent") == "755 4001:4002")
    }

    @Test func directoriesOfAQueue() async throws {
        chown(path("inbox/q"), 4001, 4002)
        for _ in 0..<2 {
            try await spool.launcher.makeDirectory("q", in: Place(["outbox"]), mode: 0o2770, like: queue)
            #expect(look("outbox/q") == "2770 0:4002")
            chown(path("outbox/q"), 4001, 4001)
        }
    }

    @Test("a request reaches nothing beyond the spool", arguments: ["link", "mounted"])
    func beyond(_ name: EntryName) async throws {
        try spool.directory.makeLink("link", to: Array("/tmp".utf8))
        await #expect(throws: LauncherError.self) { try await spool.launcher.remove("nothing", in: Place([name])) }
    }

    @Test func aLargeTreeDoesNotBlock() async throws {
        let big = path("state/trash/big")
        for index in 0..<20 {
            let directory = "\(big)/\(index)"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            for file in 0..<400 { close(open("\(directory)/\(file)", O_CREAT | O_WRONLY, 0o644)) }
        }
        let spool = spool
        try await withThrowingTaskGroup(of: String.self) { group in
            group.addTask {
                try await spool.launcher.remove("big", in: Place(["state", "trash"]))
                return "large"
            }
            group.addTask {
                for index in 0..<3 { _ = try await spool.shell("true", EntryName("small\(index)")) }
                return "small"
            }
            var order: [String] = []
            for try await done in group { order.append(done) }
            #expect(order.count == 2)
        }
        #expect(look("state/trash/big") == "none")
    }

    @Test func aDeepTreeIsRemoved() async throws {
        _ = try await spool.shell(
            "python3 -c \"\nimport os\nfor i in range(3000):\n os.mkdir('d'); os.chdir('d')\n\"")
        try spool.directory.directory("active").directory("q").makeDirectory("r")
        let report = try await spool.launcher.collect(
            spool.place("one"), into: active.appending("r"), for: Self.dropper, maxBytes: 1 << 20, maxEntries: 10_000)
        #expect(!report.isClean)
        try await spool.launcher.remove("r", in: active)
        #expect(look("active/q/r") == "none")
    }
}
