import Foundation
import Glibc
import Testing

/// How environments come and go under runs that want them.
@Suite(.inTurn) struct EnvironmentLifeTests {
    private static let slow = ["main.py": "import slow; print(slow.version)", "requirements.txt": "slow"]

    private static func makeSlow(_ spool: TemporarySpool, seconds: Int) async throws {
        try await spool.makeSources("slow", before: "import time; time.sleep(\(seconds))")
    }

    private static func environments(_ spool: TemporarySpool) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: spool.path + "/state/environments").sorted()
    }

    @Test func whoWaitsCanBeCancelledAndTheBuilderEnds() async throws {
        try await EnvironmentTests.withPackages(nil, "pip", "build_from_source: true") { daemon in
            let spool = daemon.spool
            try await Self.makeSlow(spool, seconds: 1000)
            try spool.drop("slow", files: Self.slow)
            let run = try await spool.run(of: "slow", in: "preparing")
            try await eventually("a builder is at work") { try Self.environments(spool).count == 1 }
            _ = try await spool.bobbin("cancel", run)
            let result = try await spool.result(of: "slow")
            #expect(result.state == "cancelled", "\(result)")
            try await eventually("what it began is gone") { try Self.environments(spool).isEmpty }
        }
    }

    @Test(arguments: [SIGKILL, SIGTERM]) func whoWaitsWaitsAgainAfterARestart(_ signal: Int32) async throws {
        try await EnvironmentTests.withPackages(nil, "pip", "build_from_source: true") { daemon in
            let spool = daemon.spool
            try await Self.makeSlow(spool, seconds: 1000)
            try spool.drop("slow", files: Self.slow)
            try spool.drop("more", files: Self.slow)
            try await spool.run(of: "slow", in: "preparing")
            try await eventually("a builder is at work") { try Self.environments(spool).count == 1 }
            if signal == SIGKILL { await daemon.kill() } else { #expect(try await daemon.stop() == .exited(0)) }
            try await Self.makeSlow(spool, seconds: 0)
            try await daemon.start()
            try await spool.expect("slow", prints: "1.0\n")
            try await spool.expect("more", prints: "1.0\n")
            #expect(try Self.environments(spool).allSatisfy { !$0.hasSuffix(".tmp") })
        }
    }

    @Test func aBuilderWhoseLauncherDiesIsStartedAgain() async throws {
        try await EnvironmentTests.withPackages(nil, "pip", "build_from_source: true") { daemon in
            let spool = daemon.spool
            try await Self.makeSlow(spool, seconds: 1000)
            try spool.drop("slow", files: Self.slow)
            try await spool.run(of: "slow", in: "preparing")
            let tree = spool.path + "/state/environments"
            try await eventually("pip is at work") {
                try Self.environments(spool).first.map { spool.exists("\(tree)/\($0)/env/bin/python") } == true
            }
            try await Self.makeSlow(spool, seconds: 0)
            kill(try daemon.launcher, SIGKILL)
            try await spool.expect("slow", prints: "1.0\n")
        }
    }

    @Test(arguments: TemporarySpool.Mode.possible) func oneInUseStaysAndOneThatIsNotGoes(_ mode: TemporarySpool.Mode)
        async throws
    {
        try await EnvironmentTests.withPackages(mode, "pip") { daemon in
            let spool = daemon.spool
            try await spool.makeWheel("alpha")
            let wait =
                "import alpha, os, time\nopen('begun', 'w')\nwhile not os.path.exists('/tmp/x'): time.sleep(0.05)"
            try spool.drop("user", files: ["main.py": wait, "requirements.txt": "alpha"])
            try await spool.run(of: "user", in: "running")
            let key = try #require(try Self.environments(spool).first)
            let inUse = try await spool.bobbin("environments", "rm", String(key.prefix(6)), as: spool.owner)
            #expect(inUse.code == 1 && inUse.output.contains("in use by a run"), "\(inUse)")
            if mode == .root {
                let stranger = try await spool.bobbin("environments", "rm", key)
                #expect(
                    stranger.code == 1 && stranger.output.contains("only root and the spool's admins"), "\(stranger)")
            }
            #expect(try Self.environments(spool) == [key])
            _ = try await spool.bobbin("cancel", "user")
            _ = try await spool.result(of: "user")
            let gone = try await spool.bobbin("environments", "rm", String(key.prefix(6)), as: spool.owner)
            #expect(gone.code == 0, "\(gone)")
            #expect(try Self.environments(spool).isEmpty)
            #expect(try await spool.bobbin("environments", "rm", key, as: spool.owner).code == 1)
            #expect(try await spool.bobbin("environments", "--json", as: spool.owner).output.isEmpty)
            try spool.drop("again", files: ["main.py": "import alpha; print(1)", "requirements.txt": "alpha"])
            try await spool.expect("again", prints: "1\n")
            #expect(EnvironmentTests.builds(daemon) == 2)
        }
    }

    @Test func oneThatSomebodyDeletedIsBuiltAgain() async throws {
        try await EnvironmentTests.withPackages(nil, "pip") { daemon in
            let spool = daemon.spool
            try await spool.makeWheel("alpha")
            for name in ["one", "two"] {
                try spool.drop(name, files: ["main.py": "import alpha; print(1)", "requirements.txt": "alpha"])
                try await spool.expect(name, prints: "1\n")
                try await spool.shell("rm -rf state/environments/*".inSpool, as: geteuid())
            }
            #expect(EnvironmentTests.builds(daemon) == 2)
        }
    }

    @Test func whatNobodyUsesIsSwept() async throws {
        let retention = "retention: {sweep_every: 1s, environments: {unused: 1s}}"
        let spool = try await TemporarySpool()
        mkdir(spool.packages, 0o755)
        try spool.configure(
            EnvironmentTests.settings("pip", "index: none, find_links: [\(spool.packages)]") + "\n" + retention)
        try await spool.makeWheel("alpha")
        let daemon = Daemon(on: spool)
        try await daemon.start()
        let wait = "import time; time.sleep(5)\nimport alpha; print(alpha.version)"
        try spool.drop("user", files: ["main.py": wait, "requirements.txt": "alpha"])
        // As long as it runs its environment stays, however old it is.
        try await spool.expect("user", prints: "1.0\n")
        try await eventually("the unused environment is swept") { try Self.environments(spool).isEmpty }
        try await daemon.stop()
        await spool.remove()
    }

    @Test("an interpreter is chosen by its version") func pythons() async throws {
        try await withDaemon(settings: EnvironmentTests.settings("pip", "index: none")) { daemon in
            let spool = daemon.spool
            try spool.drop("old.py", script: "print('no need')")
            try await spool.expect("old.py", prints: "no need\n")
            try spool.drop(
                "any", files: ["main.py": "import sys; print(sys.prefix)", "manifest.yaml": "python: '>=3.6'"])
            let any = try await spool.result(of: "any")
            #expect(any.state == "succeeded" && any.stdout == "/usr\n", "\(any)")
            let environment = try #require(any.status["environment"] as? [String: Any])
            #expect((environment["python"] as? String)?.hasPrefix("3.") == true && environment["key"] == nil)
            try spool.drop("future", files: ["main.py": "", "manifest.yaml": "python: '>=3.99'"])
            let future = try await spool.result(of: "future")
            #expect(
                future.state == "errored" && future.reason.contains("no Python here is '>=3.99'; found: 3."),
                "\(future)")
        }
    }

    @Test func whatTheQueueForbidsIsRejected() async throws {
        try await withDaemon(settings: Brisk.settings("queues: {default: {environments: false}}")) { daemon in
            try daemon.spool.drop("forbidden", files: ["main.py": "", "requirements.txt": "alpha"])
            let result = try await daemon.spool.result(of: "forbidden")
            #expect(result.state == "rejected" && result.messages.contains("allows no requirements"), "\(result)")
            try daemon.spool.drop(
                "bad", files: ["main.py": "", "manifest.yaml": "requirements: ['-r x', './y', 'z @ https://h/z']"])
            let bad = try await daemon.spool.result(of: "bad")
            #expect(bad.state == "rejected" && bad.errors.count == 3, "\(bad.messages)")
        }
    }
}
