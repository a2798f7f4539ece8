import Testing

/// What an entry's name says.
@Suite("names", .sharedDaemon()) struct NameTests {
    @Test(
        "the bundle's name is the entry's without its ending",
        arguments: [
            ("plain.sh", "plain"), ("two.dots.sh", "two.dots"), ("UPPER_case-1.sh", "UPPER_case-1"), ("9.sh", "9"),
            ("long\(String(repeating: "x", count: 124)).sh", "long\(String(repeating: "x", count: 124))"),
            ("a.py.sh", "a.py"), ("b.tar.sh", "b.tar"),
        ])
    func script(_ entry: String, _ name: String) async throws {
        let spool = try Daemon.shared.spool
        try spool.drop(entry, script: "echo $BOBBIN_NAME")
        let result = try await spool.result(of: entry, name: name)
        #expect(result.stdout == name + "\n", "\(result)")
    }

    @Test("a directory keeps its dots", arguments: ["data.v2", "looks-like.tar.gz", "looks-like.py", "ends.in.dot."])
    func directory(_ entry: String) async throws {
        let spool = try Daemon.shared.spool
        try spool.drop(entry, files: ["main.sh": "echo $BOBBIN_NAME"])
        try await spool.expect(entry, name: entry, prints: entry + "\n")
    }

    @Test("a file without a known ending runs if it is executable and begins with #!")
    func executable() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop("tool.v1", script: "#!/bin/sh\necho $BOBBIN_NAME", mode: 0o755)
        try await spool.expect("tool.v1", name: "tool.v1", prints: "tool.v1\n")
        for (entry, script, mode, code) in [
            ("not-executable", "#!/bin/sh\n", 0o644, "not_executable"),
            ("no-interpreter", "echo no", 0o755, "unknown_runtime"), ("data.csv", "a,b\n", 0o644, "unknown_runtime"),
            ("wrong.PY", "print()", 0o644, "unknown_runtime"), ("archive.rar", "Rar!", 0o644, "unknown_runtime"),
        ] {
            try spool.drop(entry, script: script, mode: UInt32(mode))
            let result = try await spool.result(of: entry, name: entry)
            #expect(result.state == "rejected", "\(result)")
            #expect(result.errorCodes == [code], "\(result)")
        }
    }

    static let scripts = [
        (".py", "import os; print(os.environ['BOBBIN_NAME'])", "python3"), (".sh", "echo $BOBBIN_NAME", "sh"),
        (".bash", "[[ $BOBBIN_NAME ]] && echo $BOBBIN_NAME", "bash"),
        (".R", "cat(Sys.getenv('BOBBIN_NAME'), '\\n', sep = '')", "Rscript"),
        (".js", "console.log(process.env.BOBBIN_NAME)", "node"),
        (".mjs", "import process from 'process'; console.log(process.env.BOBBIN_NAME)", "node"),
        (".pl", "print \"$ENV{BOBBIN_NAME}\\n\"", "perl"), (".rb", "puts ENV['BOBBIN_NAME']", "ruby"),
    ]

    @Test("each ending of a script", arguments: scripts.indices) func ending(_ index: Int) async throws {
        let (ending, script, program) = Self.scripts[index]
        guard Command.exists(program) else { try Test.cancel("\(program) is missing") }
        let spool = try Daemon.shared.spool
        let name = "ending" + ending.dropFirst()
        try spool.drop(name + ending, script: script)
        let result = try await spool.result(of: name + ending)
        #expect(result.stdout == name + "\n", "\(result)")
    }
}
