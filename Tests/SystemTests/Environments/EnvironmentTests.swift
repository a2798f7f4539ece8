import Foundation
import Glibc
import Testing

/// What a bundle requires is there when it runs: the same with pip and with uv.
@Suite(.inTurn) struct EnvironmentTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let mode: TemporarySpool.Mode
        let builder: String
        var testDescription: String { "\(mode), \(builder)" }

        static var all: [Case] {
            TemporarySpool.Mode.possible.flatMap { mode in
                TemporarySpool.builders.map { Case(mode: mode, builder: $0) }
            }
        }
    }

    /// - Parameter rest: further keys of `environments`.
    static func settings(_ builder: String, _ rest: String) -> String {
        Brisk.settings("environments: {builder: \(builder), \(rest)}")
    }

    /// A daemon whose builders find packages in a directory beside its spool, and nowhere else.
    static func withPackages(
        _ mode: TemporarySpool.Mode? = nil, _ builder: String, _ rest: String = "",
        _ body: (Daemon) async throws -> Void
    ) async throws {
        let spool = try await TemporarySpool(mode)
        mkdir(spool.packages, 0o755)
        try spool.configure(
            settings(builder, "index: none, find_links: [\(spool.packages)]\(rest.isEmpty ? "" : ", " + rest)"))
        let daemon = Daemon(on: spool)
        try await daemon.start()
        try await body(daemon)
        daemon.expectWell()
        #expect(try await daemon.stop() == .exited(0))
        await spool.remove()
    }

    static func builds(_ daemon: Daemon) -> Int { daemon.log.components(separatedBy: " was built with ").count - 1 }

    private static let prints = """
        import alpha, beta, os, sys
        print(alpha.version, beta.version, sys.prefix, os.environ["PATH"].split(":")[0])
        try: open("/env/lib/x", "w")
        except OSError as error: print(error.strerror)
        """

    @Test("from directories of the host", arguments: Case.all) func findLinks(_ what: Case) async throws {
        try await Self.withPackages(what.mode, what.builder) { daemon in
            let spool = daemon.spool
            try await spool.makeWheel("alpha", requires: ["beta>=2"])
            try await spool.makeWheel("beta", "1.0")
            try await spool.makeWheel("beta", "2.1")
            for name in ["one", "two"] {
                try spool.drop(name, files: ["main.py": Self.prints, "requirements.txt": "alpha\n"])
                let result = try await spool.result(of: name)
                #expect(result.state == "succeeded", "\(result)")
                #expect(result.stdout == "1.0 2.1 /env /env/bin\nRead-only file system\n", "\(result)")
                let environment = try #require(result.status["environment"] as? [String: Any])
                #expect(environment["packages"] as? [String: String] == ["alpha": "1.0", "beta": "2.1"])
                #expect((environment["key"] as? String)?.count == 32)
                #expect((environment["python"] as? String)?.hasPrefix("3.") == true)
            }
            #expect(Self.builds(daemon) == 1, "the second finds what the first had built")
            let listed = try TemporarySpool.objects(
                try await spool.bobbin("environments", "--json", as: what.mode == .root ? geteuid() : spool.owner))
            #expect(listed.count == 1 && listed[0]["builder"] as? String == what.builder, "\(listed)")
            #expect((listed[0]["bytes"] as? Int).map { $0 > 4096 } == true)
            let left = try FileManager.default.contentsOfDirectory(atPath: spool.path + "/state/environments")
            #expect(left.count == 1, "\(left)")
        }
    }

    @Test("from wheels in the bundle itself", arguments: Case.all) func wheels(_ what: Case) async throws {
        try await withDaemon(what.mode, settings: Self.settings(what.builder, "offline: true")) { daemon in
            let spool = daemon.spool
            let bundle = spool.freshScratch()
            for version in ["1.0", "2.0"] {
                try await spool.makeWheel("gamma", version, in: bundle + "/vendor/wheels")
                try await spool.shell(
                    """
                    cat >'\(bundle)/manifest.yaml' <<END
                    requirements: [Gamma]
                    wheels: vendor/wheels
                    END
                    echo 'import gamma; print(gamma.version)' >'\(bundle)/main.py'
                    """, as: geteuid())
                try await spool.shell("chmod -R a+rX '\(bundle)'", as: geteuid())
                try await spool.shell(
                    "cp -r '\(bundle)' \"$INBOX/.v\(version)\"; mv \"$INBOX/.v\(version)\" \"$INBOX/v\(version)\"")
                try await spool.expect("v\(version)", name: "v\(version)", prints: version + "\n")
            }
            #expect(Self.builds(daemon) == 2, "other wheels are another environment")
        }
    }

    @Test("those who need the same at one time wait for one builder", arguments: TemporarySpool.builders)
    func together(_ builder: String) async throws {
        try await Self.withPackages(nil, builder, "build_from_source: true") { daemon in
            let spool = daemon.spool
            // Until the test says so, in a directory that builders see.
            try await spool.makeSources(
                "slow",
                before: """
                    import os, time
                    print('at work', flush=True)
                    while not os.path.exists('/run/links/0/go'): time.sleep(0.05)
                    """)
            let files = ["main.py": "import slow; print(slow.version)", "manifest.yaml": "requirements: [slow]"]
            for number in 0..<4 { try spool.drop("run\(number)", files: files) }
            try await spool.run(of: "run0", in: "preparing")
            // It holds no slot meanwhile.
            for number in 0..<3 { try spool.drop("other\(number).sh", script: "echo hi") }
            for number in 0..<3 { try await spool.expect("other\(number).sh", prints: "hi\n") }
            #expect(spool.live("run0")?.state == "preparing")
            try await eventually("all of them wait") { spool.liveCount() == 4 }
            let words = spool.live("run0")?.status["progress_text"] as? String
            #expect(words?.isEmpty == false, "what the builder says is shown")
            try Data().write(to: URL(fileURLWithPath: spool.packages + "/go"))
            for number in 0..<4 { try await spool.expect("run\(number)", prints: "1.0\n") }
            #expect(Self.builds(daemon) == 1, "\(daemon.log)")
        }
    }

    @Test(
        "what cannot be resolved ends errored, in the resolver's words, and is not tried again at once",
        arguments: TemporarySpool.builders)
    func unresolvable(_ builder: String) async throws {
        try await Self.withPackages(nil, builder, "retry_failed_after: 1h") { daemon in
            let spool = daemon.spool
            try await spool.makeWheel("beta", "1.0")
            try spool.drop("first", files: ["main.py": "", "requirements.txt": "beta>=7"])
            let first = try await spool.result(of: "first")
            #expect(first.state == "errored", "\(first)")
            #expect(
                first.reason.contains("environment cannot be built: \(builder): ") && first.reason.contains("beta>=7"),
                "\(first.reason)")
            #expect(first.stderr.contains("beta"), "\(first.stderr)")
            #expect(!first.has("exit_code"))
            try await spool.makeWheel("beta", "7.0")
            try spool.drop("second", files: ["main.py": "", "requirements.txt": "beta >= 7"])
            let second = try await spool.result(of: "second")
            #expect(second.state == "errored" && second.reason.contains("will not be again before 20"), "\(second)")
            #expect(second.stderr == first.stderr)
        }
    }

    @Test func aFailureIsForgottenAfterAWhile() async throws {
        try await Self.withPackages(nil, "pip", "retry_failed_after: 1ms") { daemon in
            let spool = daemon.spool
            try spool.drop("first", files: ["main.py": "", "requirements.txt": "beta"])
            #expect(try await spool.result(of: "first").state == "errored")
            try await spool.makeWheel("beta", "7.0")
            try spool.drop("second", files: ["main.py": "print('in')", "requirements.txt": "beta"])
            try await spool.expect("second", prints: "in\n")
        }
    }

    @Test("an index on the host's loopback, with a password that nobody sees", arguments: TemporarySpool.builders)
    func index(_ builder: String) async throws {
        let spool = try await TemporarySpool()
        for name in ["alpha", "beta"] {
            try await spool.makeWheel(
                name, requires: name == "alpha" ? ["beta"] : [], in: "\(spool.base)/www/simple/\(name)")
        }
        let server = try ChildProcess(
            [
                "/usr/bin/python3", "-I", "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory",
                spool.base + "/www",
            ],
            output: spool.base + "/server.log")
        defer { server.signal(SIGKILL) }
        let port: String = try await eventually("the index listens") {
            let text = (try? String(contentsOfFile: spool.base + "/server.log", encoding: .utf8)) ?? ""
            return text.firstMatch(of: /port ([0-9]+)/).map { String($0.output.1) }
        }
        try spool.configure(Self.settings(builder, "index: 'http://someone:s3cr3t@127.0.0.1:\(port)/simple'"))
        let daemon = Daemon(on: spool)
        try await daemon.start()
        try spool.drop(
            "good", files: ["main.py": "import alpha, beta; print(alpha.version)", "requirements.txt": "alpha"])
        try await spool.expect("good", prints: "1.0\n")
        try spool.drop("bad", files: ["main.py": "", "requirements.txt": "nowhere"])
        let bad = try await spool.result(of: "bad")
        #expect(bad.state == "errored" && bad.reason.contains("nowhere"), "\(bad)")
        let shown = try await spool.bobbin("config", as: spool.owner).output
        #expect(shown.contains("http://****@127.0.0.1:\(port)/simple"), "\(shown)")
        let everything = try await spool.shell(
            "grep -rl s3cr3t outbox active history control state || true".inSpool, as: geteuid())
        #expect(everything.isEmpty && !daemon.log.contains("s3cr3t") && !shown.contains("s3cr3t"), "\(everything)")
        // The run itself has none of the network that its builder had.
        try spool.drop(
            "net", files: ["main.py": "print(open('/proc/net/dev').read().count(':'))", "requirements.txt": "alpha"])
        try await spool.expect("net", prints: "1\n")
        try await daemon.stop()
        await spool.remove()
    }

    @Test func withoutAnIndexABuilderHasNoNetwork() async throws {
        try await Self.withPackages(nil, "pip", "build_from_source: true") { daemon in
            let spool = daemon.spool
            try await spool.makeSources(
                "sees",
                before:
                    "print(); print('devices', open('/proc/net/dev').read().count(':'), flush=True); raise SystemExit(3)"
            )
            try spool.drop("sees", files: ["main.py": "", "requirements.txt": "sees"])
            let result = try await spool.result(of: "sees")
            #expect(result.state == "errored" && result.stderr.contains("devices 1\n"), "\(result.stderr)")
        }
    }

    @Test(arguments: TemporarySpool.builders) func onlyWheelsUnlessTheOperatorSaysSo(_ builder: String) async throws {
        try await Self.withPackages(nil, builder) { daemon in
            let spool = daemon.spool
            try await spool.makeSources("built", before: "open('/env/ran', 'w')")
            try spool.drop("built", files: ["main.py": "", "requirements.txt": "built"])
            let result = try await spool.result(of: "built")
            #expect(result.state == "errored" && result.reason.contains("built"), "\(result)")
        }
    }

    @Test(arguments: TemporarySpool.builders) func whatIsTooLargeIsNotKept(_ builder: String) async throws {
        try await Self.withPackages(nil, builder, "build_from_source: true, max_size: 8MiB") { daemon in
            let spool = daemon.spool
            try await spool.makeSources(
                "large",
                before:
                    "import time; [open(f'/env/{n}', 'wb').write(b'x' * 1000000) for n in range(20)]; time.sleep(60)")
            try spool.drop("large", files: ["main.py": "", "requirements.txt": "large"])
            let result = try await spool.result(of: "large")
            #expect(result.state == "errored" && result.reason.contains("larger than 8MiB"), "\(result)")
            let left = try FileManager.default.contentsOfDirectory(atPath: spool.path + "/state/environments")
            #expect(left.isEmpty, "\(left)")
        }
    }

    @Test func whatTakesTooLongIsEnded() async throws {
        try await Self.withPackages(nil, "pip", "build_from_source: true, timeout: 3s") { daemon in
            try await daemon.spool.makeSources("stuck", before: "import time; time.sleep(1000)")
            try daemon.spool.drop("stuck", files: ["main.py": "", "requirements.txt": "stuck"])
            let result = try await daemon.spool.result(of: "stuck")
            #expect(result.state == "errored" && result.reason.contains("longer than 3s"), "\(result)")
        }
    }
}
