import Foundation
import Testing

@Suite struct OperatingTests {
    @Test func configSaysWhereEachSettingComesFrom() async throws {
        let spool = try await TestSpool()
        try spool.write("spool/bobbin.yaml", "slots: 3\nqueues:\n  nightly: {timeout: 2h}\n")
        let answer = try await spool.bobbin("config", "--json")
        #expect(answer.lines.contains(#"{"key":"slots","value":"3","source":"bobbin.yaml:1"}"#))
        #expect(answer.lines.contains(#"{"key":"queues.nightly.timeout","value":"2h","source":"bobbin.yaml:3"}"#))
        #expect(answer.lines.contains(#"{"key":"intake.quiet","value":"200ms","source":"default"}"#))
        #expect(answer.lines.contains(#"{"key":"log_level","value":"info","source":"default"}"#))
        // A queue that only is there.
        #expect(answer.lines.contains(#"{"key":"queues.default.timeout","value":"15m","source":"default"}"#))
        #expect(answer.lines.contains(#"{"key":"queues.default.slots","value":"global","source":"default"}"#))
        let keys = answer.lines.compactMap { $0.split(separator: "\"").dropFirst(3).first }
        #expect(Set(keys).count == keys.count)
        let environment = try await Program.run(
            ["config", "--json"], in: spool.directory,
            environment: ["BOBBIN_SLOTS": "5", "BOBBIN_LOG_LEVEL": "Debug", "BOBBIN_SPOOL": spool.spool.path])
        #expect(environment.lines.contains(#"{"key":"slots","value":"5","source":"BOBBIN_SLOTS"}"#))
        #expect(environment.lines.contains(#"{"key":"log_level","value":"debug","source":"BOBBIN_LOG_LEVEL"}"#))
        #expect(environment.lines.first?.hasSuffix(#""source":"BOBBIN_SPOOL"}"#) == true)
        let option = try await Program.run(
            ["config", "--json", "--spool", "spool"], in: spool.directory, environment: ["BOBBIN_SPOOL": "elsewhere"])
        #expect(option.lines.first == #"{"key":"spool","value":"spool","source":"--spool"}"#)
    }

    @Test(arguments: ["BOBBIN_SLOTS", "BOBBIN_LOG_LEVEL"])
    func aWrongEnvironmentIsNamed(variable: String) async throws {
        let spool = try await TestSpool()
        let answer = try await Program.run(["config"], in: spool.directory, environment: [variable: "201x"])
        #expect(answer.code == 65)
        #expect(answer.errors.contains("\(variable) ") && answer.errors.contains("'201x'"), "\(answer.errors)")
    }

    @Test func wrongSettingsAreNamedByLine() async throws {
        let spool = try await TestSpool()
        try spool.write("spool/bobbin.yaml", "slotz: 3\n")
        let config = try await spool.bobbin("config")
        #expect(config.code == 65)
        #expect(config.errors.contains("bobbin.yaml:1:1: unknown key 'slotz'; did you mean 'slots'?"))
        let doctor = try await spool.bobbin("doctor")
        #expect(doctor.code == 1)
        #expect(doctor.output.contains("unknown key 'slotz'"))
    }

    @Test func doctorSaysOneThingALine() async throws {
        let spool = try await TestSpool()
        let answer = try await spool.bobbin("doctor", "--json")
        let objects = answer.lines.compactMap {
            (try? JSONSerialization.jsonObject(with: Data($0.utf8))) as? [String: Any]
        }
        #expect(objects.count == answer.lines.count)
        let verdicts = Dictionary(
            objects.compactMap { object in
                (object["check"] as? String).flatMap { check in (object["verdict"] as? String).map { (check, $0) } }
            }, uniquingKeysWith: { first, _ in first })
        #expect(verdicts["kernel"] != nil && verdicts["free space"] != nil && verdicts["runtime sh"] == "ok")
        for object in objects where object["verdict"] as? String != "ok" {
            #expect(object["meaning"] != nil, "\(object["check"] ?? "") says what it means")
        }
        // The exit code is the answer to: is something missing that is required?
        let isMissing = objects.contains { $0["verdict"] as? String == "missing" && $0["required"] as? Bool == true }
        #expect(answer.code == (isMissing ? 1 : 0))
        #expect(spool.list("spool/state/trash").isEmpty, "the trial leaves nothing")
    }

    @Test func doctorKnowsWhatTheSpoolLiesOn() async throws {
        let place = URL(fileURLWithPath: "/dev/shm/bobbin-doctor-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: place) }
        #expect(try await Program.run(["init", "spool"], in: place).code == 0)
        let answer = try await Program.run(["doctor", "--spool", "spool", "--json"], in: place)
        let line = answer.lines.first { $0.contains("\"check\":\"filesystem\"") } ?? ""
        #expect(
            line.contains("\"verdict\":\"degraded\"") && line.contains("tmpfs, mounted at /dev/shm"), "\(answer.output)"
        )
        #expect(line.contains("gone when the machine stops"), "\(line)")
    }

    @Test(.enabled(if: geteuid() == 0, "mounts over /etc/subuid in a namespace of its own"))
    func doctorSeesThatRunsUsersAreGivenAway() async throws {
        let spool = try await TestSpool()
        try spool.write("subuid", "alice:100000:65536\nbob:1999999000:1001\n")
        let script = "mount --bind subuid /etc/subuid && exec '\(Program.executable.path)' doctor --json"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments = ["-m", "--propagation", "private", "sh", "-ec", ": >>/etc/subuid; \(script)"]
        process.currentDirectoryURL = spool.directory
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let line = output.split(separator: "\n").first { $0.contains("\"check\":\"run users\"") } ?? ""
        #expect(line.contains("degraded") && line.contains("/etc/subuid gives bob some of these"), "\(output)")
    }

    @Test func checkJudgesWithoutDropping() async throws {
        let spool = try await TestSpool()
        try spool.write("spool/bobbin.yaml", "queues:\n  quick: {max_timeout: 1m, timeout: 30s}\n")
        try spool.write("report/main.py", "print(1)\n")
        try spool.write("report/manifest.yaml", "timeout: 2m\n")
        #expect(try await spool.bobbin("check", "report").output == "accepted: python main.py\n")
        let quick = try await spool.bobbin("check", "report", "--queue", "quick")
        #expect(quick.code == 65)
        #expect(quick.errors.contains("manifest.yaml:1:10"))
        #expect(spool.list("spool/inbox/default").isEmpty)
        #expect(try await spool.bobbin("check", "report", "--queue", "A b").code == 64)
    }

    @Test func checkTellsWhichEnvironmentIsNeeded() async throws {
        let spool = try await TestSpool()
        try spool.write("report/main.py", "print(1)\n")
        try spool.write("report/requirements.txt", "numpy\n")
        let answer = try await spool.bobbin("check", "report")
        #expect(
            answer.output.contains(#/needs: Python 3[.0-9]+, 1 requirement, environment [0-9a-f]{12}\n/#),
            "\(answer.output)")
        let json = try await spool.bobbin("check", "report", "--json")
        #expect(
            json.output.contains(
                #/"environment":\{"python":"3[.0-9]+","requirements":\["numpy"\],"key":"[0-9a-f]{32}"\}/#))
        try spool.write("report/manifest.yaml", "python: '>=3.99'\n")
        let future = try await spool.bobbin("check", "report")
        #expect(future.code == 0 && future.errors.contains("no Python here is '>=3.99'; found: 3."), "\(future.errors)")
        try spool.write("spool/bobbin.yaml", "environments: {enabled: false}\n")
        #expect(try await spool.bobbin("check", "report").code == 65)
    }

    @Test func environmentsAreListedWithoutADaemon() async throws {
        let spool = try await TestSpool()
        #expect(try await spool.bobbin("environments", "--json").output.isEmpty)
        let line =
            #"{"key":"\#(String(repeating: "a1", count: 16))","python":"3.11.2","requirements":["numpy"],"packages":{"numpy":"1.26.4"},"bytes":4096,"builder":"uv","built_at":"2026-01-02T03:04:05.678Z","used_at":"2026-01-02T03:04:05.678Z"}"#
        try spool.write("spool/control/environments.json", "[\n\(line)\n]\n")
        #expect(try await spool.bobbin("environments", "--json").output == line + "\n")
        let table = try await spool.bobbin("environments")
        #expect(
            table.output.contains("a1a1a1a1a1a1  3.11.2  4KiB") && table.output.contains("numpy 1.26.4"),
            "\(table.output)")
        #expect(try await spool.bobbin("environments", "rm", "b").code == 66)
        #expect(try await spool.bobbin("environments", "rm", "a1a1").code == 69, "only a daemon removes")
    }

    @Test func checkUnpacksArchives() async throws {
        let spool = try await TestSpool()
        try spool.write("report/main.py", "print(1)\n")
        for arguments in [
            ["-czf", "good.tar.gz", "report"], ["-czf", "leaves.tar.gz", "-P", "--xform=s,^,../,", "report"],
        ] {
            let tar = Process()
            tar.executableURL = URL(fileURLWithPath: "/bin/tar")
            tar.arguments = arguments
            tar.currentDirectoryURL = spool.directory
            let (ended, end) = AsyncStream.makeStream(of: Void.self)
            tar.terminationHandler = { _ in end.finish() }
            try tar.run()
            for await _ in ended {}
        }
        let good = try await spool.bobbin("check", "good.tar.gz")
        #expect(good.output == "accepted: python main.py\n", "\(good.errors)")
        let leaves = try await spool.bobbin("check", "leaves.tar.gz")
        #expect(leaves.code == 65)
        #expect(leaves.errors.contains("'..'"), "\(leaves.errors)")
        let whole = try Data(contentsOf: spool.directory.appendingPathComponent("good.tar.gz"))
        try whole.prefix(40).write(to: spool.directory.appendingPathComponent("cut.tar.gz"))
        #expect(try await spool.bobbin("submit", "cut.tar.gz").code == 65)
        #expect(spool.list("spool/inbox/default").isEmpty)
    }

    @Test func checkTellsOfInlineMetadata() async throws {
        let spool = try await TestSpool()
        try spool.write("a.py", "# /// script\n# [tool.bobbin]\n# timout = 1\n# ///\nprint(1)\n")
        let answer = try await spool.bobbin("check", "a.py")
        #expect(answer.code == 65)
        #expect(answer.errors.contains("a.py:3:3: unknown key 'timout'"))
    }

    @Test func whichSpoolIsMeant() async throws {
        let spool = try await TestSpool()
        let elsewhere = FileManager.default.temporaryDirectory
        let path = spool.spool.path
        #expect(try await Program.run(["ps", "--spool", path], in: elsewhere).code == 0)
        #expect(try await Program.run(["ps"], in: elsewhere, environment: ["BOBBIN_SPOOL": path]).code == 0)
        #expect(try await Program.run(["ps"], in: spool.directory).code == 0)
        let none = try await Program.run(["ps", "--spool", "/nonexistent"], in: elsewhere)
        #expect(none.code == 66)
        #expect(none.errors.contains("/nonexistent is no spool"))
    }

    @Test(arguments: [
        "init", "submit", "wait", "status", "ps", "logs", "result", "history", "cancel", "pause", "resume", "drain",
        "check",
        "doctor", "config",
    ])
    func helpShowsExamples(command: String) async throws {
        let answer = try await Program.run(["help", command], in: FileManager.default.temporaryDirectory)
        #expect(answer.code == 0)
        #expect(answer.output.contains("EXAMPLES") && answer.output.contains("bobbin \(command)"))
        let wrong = try await Program.run([command, "--no-such-option"], in: FileManager.default.temporaryDirectory)
        #expect(wrong.code == 64)
    }
}
