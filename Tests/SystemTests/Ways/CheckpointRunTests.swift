import Glibc
import Testing

/// What one run leaves and the next is told, through the daemon and over its death.
@Suite(.inTurn, .needs("python3"))
struct CheckpointRunTests {
    private static let column: [String: String] = [
        "manifest.yaml": "call: statement\ninput: [{id: 3}, {id: 9}]\ncheckpoint: {column: id}",
        "main.py":
            "log.info(str(DATA_CHECKPOINT))\nreturn [{'id': r['id'] + (DATA_CHECKPOINT or 0)} for r in INPUT_DATA]\n",
    ]

    @Test(arguments: TemporarySpool.Mode.possible)
    func theLastRowsValueIsTheNextOnes(_ mode: TemporarySpool.Mode) async throws {
        try await withDaemon(mode, settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            for expected in ["9", "18", "27"] {
                try spool.drop("rows", files: Self.column)
                let result = try await spool.result(of: "rows")
                #expect(result.state == "succeeded", "\(result)")
                #expect("\(result.status["checkpoint"] ?? "")" == expected, "\(result)")
            }
            try await daemon.restartAfterKill()
            try spool.drop("rows", files: Self.column)
            #expect("\(try await spool.result(of: "rows").status["checkpoint"] ?? "")" == "36")
            // Another name has another.
            try spool.drop("other", files: Self.column)
            #expect("\(try await spool.result(of: "other").status["checkpoint"] ?? "")" == "9")
        }
    }

    @Test func whatFailsKeepsNone() async throws {
        try await withDaemon(settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            func run(_ script: String) async throws -> ResultDirectory {
                try spool.drop(
                    "helper",
                    files: ["manifest.yaml": "checkpoint: {key: k 1}", "main.py": "import bobbin, sys\n" + script])
                return try await spool.result(of: "helper")
            }
            #expect(try await run("bobbin.checkpoint({'at': 1.50})").state == "succeeded")
            #expect(try await run("bobbin.checkpoint(2); sys.exit(1)").state == "failed")
            #expect(try await run("bobbin.checkpoint(3); bobbin.log.error('x')").state == "failed")
            let told = try await run(
                "import os; print(os.environ['BOBBIN_CHECKPOINT'], bobbin.last_checkpoint()['at'])")
            #expect(told.stdout == "{\"at\":1.5} 1.5\n", "\(told)")
            // One that says nothing leaves it as it was.
            try await Self.remembered("k 1", "{\"at\":1.5}\n", in: spool)
            let listed = try TemporarySpool.objects(try await Self.admin(spool, "list", "--json"))
            #expect(listed.count == 1 && listed.first?["key"] as? String == "k 1")
            #expect(try await Self.admin(spool, "set", "k 1", "7").code == 0)
            #expect(try await run("print(bobbin.last_checkpoint())").stdout == "7\n")
            #expect(try await Self.admin(spool, "set", "k 1", "no json").code == 0)
            #expect(try await run("print(bobbin.last_checkpoint())").stdout == "no json\n")
            #expect(try await Self.admin(spool, "reset", "k 1").code == 0)
            #expect(try await run("print(bobbin.last_checkpoint())").stdout == "None\n")
            #expect(try await Self.admin(spool, "get", "k 1").code == 1)
        }
    }

    private static func admin(_ spool: TemporarySpool, _ verb: String, _ words: String...) async throws -> Command {
        switch words.count {
        case 0: try await spool.bobbin("checkpoint", verb, as: geteuid())
        case 1: try await spool.bobbin("checkpoint", verb, words[0], as: geteuid())
        default: try await spool.bobbin("checkpoint", verb, words[0], words[1], as: geteuid())
        }
    }

    /// A run is remembered a moment after its result is there.
    private static func remembered(_ key: String, _ value: String, in spool: TemporarySpool) async throws {
        try await eventually("the history has it") {
            try await admin(spool, "get", key).output == value
        }
    }

    @Test(.needsRoot) func onlyAdminsMayChangeIt() async throws {
        try await withDaemon(settings: Brisk.settings) { daemon in
            let spool = daemon.spool
            let refused = try await spool.bobbin("checkpoint", "set", "x", "1")
            #expect(refused.code != 0, "\(refused)")
            let asked = try await Self.admin(spool, "get", "x")
            #expect(asked.code == 1 || asked.code == 66, "\(asked)")
        }
    }
}
