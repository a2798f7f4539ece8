import Glibc
import Testing

/// Each runtime, as a plain script with `args`, `env` and `input`.
@Suite(
    .inTurn,
    .sharedDaemon(
        settings: Brisk.settings(
            """

            runtimes:
              lua: {command: [lua-is-not-here, -q], endings: [.lua]}
              shout: {command: [sh, -e], endings: [.shout]}
            """)))
struct RuntimeTests {
    struct Language: Sendable, CustomTestStringConvertible {
        let runtime: String
        let program: String
        let entry: String
        /// Prints its arguments, `$GREETING`, and its standard input, a line each.
        let script: String
        var testDescription: String { runtime }
    }

    static let languages = [
        Language(
            runtime: "python", program: "python3", entry: "main.py",
            script:
                "import os, sys\nfor a in sys.argv[1:]: print(a)\nprint(os.environ['GREETING'])\nprint(sys.stdin.read())"
        ),
        Language(
            runtime: "r", program: "Rscript", entry: "main.R",
            script: """
                writeLines(commandArgs(trailingOnly = TRUE)); writeLines(Sys.getenv("GREETING"))
                writeLines(readLines(file("stdin"), warn = FALSE))
                """),
        Language(
            runtime: "node", program: "node", entry: "main.js",
            script: """
                for (const a of process.argv.slice(2)) console.log(a)
                console.log(process.env.GREETING); console.log(require('fs').readFileSync(0, 'utf8'))
                """),
        Language(
            runtime: "sh", program: "sh", entry: "main.sh",
            script: "for a in \"$@\"; do echo \"$a\"; done; echo \"$GREETING\"; cat; echo"),
        Language(
            runtime: "bash", program: "bash", entry: "main.bash",
            script: "a=(\"$@\"); printf '%s\\n' \"${a[@]}\" \"$GREETING\"; cat; echo"),
        Language(
            runtime: "perl", program: "perl", entry: "main.pl",
            script: "print \"$_\\n\" for @ARGV; print \"$ENV{GREETING}\\n\"; print <STDIN>; print \"\\n\";"),
        Language(
            runtime: "ruby", program: "ruby", entry: "main.rb",
            script: "ARGV.each { |a| puts a }; puts ENV['GREETING']; puts $stdin.read"),
        Language(
            runtime: "executable", program: "sh", entry: "tool",
            script: "#!/bin/sh\nfor a in \"$@\"; do echo \"$a\"; done; echo \"$GREETING\"; cat; echo"),
        Language(
            runtime: "shout", program: "sh", entry: "main.shout",
            script: "for a in \"$@\"; do echo \"$a\"; done; echo \"$GREETING\"; cat; echo"),
    ]

    @Test(arguments: languages) func argumentsEnvironmentAndInputArrive(_ language: Language) async throws {
        guard Command.exists(language.program) else {
            // A case cannot be skipped by itself: the next test says what a run says then.
            return
        }
        let spool = try Daemon.shared.spool
        let manifest = """
            runtime: \(language.runtime)
            entry: \(language.entry)
            args: [a b, '$HOME *', --flag=1]
            env: {GREETING: 'hello  "world"'}
            input: {z: 1.50, a: [true, null]}
            """
        let path = try spool.makeDirectory(["manifest.yaml": manifest, language.entry: language.script], mode: 0o755)
        try spool.move(path, to: "in-\(language.runtime)")
        let result = try await spool.result(of: "in-\(language.runtime)")
        #expect(result.state == "succeeded", "\(result)")
        let lines = result.stdout.split(separator: "\n").map(String.init)
        #expect(lines.prefix(4) == ["a b", "$HOME *", "--flag=1", "hello  \"world\""], "\(result.stdout)")
        // Numbers keep their digits, objects their order.
        #expect(lines.dropFirst(4).joined() == "{\"z\":1.50,\"a\":[true,null]}")
        #expect(result.status["runtime"] as? String == language.runtime)
    }

    @Test(.enabled(if: !Command.exists("lua-is-not-here"))) func aRuntimeThatIsNotInstalledEndsErrored() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop("nothing.lua", script: "print(1)")
        let result = try await spool.result(of: "nothing.lua", name: "nothing")
        #expect(result.state == "errored", "\(result)")
        #expect(result.reason.contains("lua-is-not-here") && result.reason.contains("bobbin.yaml"), "\(result)")
    }

    /// In a mount namespace of its own the daemon does not find what the machine has.
    @Test(.needsRoot, .needs("perl")) func ofABuiltInRuntimeItNamesThePackage() async throws {
        let spool = try await TemporarySpool(settings: Brisk.settings)
        let command = "mount --bind /dev/null /usr/bin/perl && exec \"$@\""
        let process = try ChildProcess(
            ["unshare", "--mount", "sh", "-c", command, "sh"] + spool.daemonCommand([]), output: spool.base + "/log.1")
        defer { process.signal(SIGKILL) }
        try spool.drop("missing.pl", script: "print 1")
        let result = try await spool.result(of: "missing.pl")
        #expect(result.state == "errored", "\(result)")
        #expect(result.reason.contains("apt-get install perl"), "\(result)")
        #expect(!result.has("exit_code"))
        process.signal(SIGTERM)
        #expect(await process.end() == .exited(0))
        await spool.remove()
    }

    @Test func withoutAnInputStandardInputIsEmptyAndSoIsTheEnvironment() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop(
            "bare.sh",
            script: "wc -c; env | cut -d= -f1 | sort | tr '\\n' ' '; pwd; umask; echo $HOME $TMPDIR $PATH $LANG")
        let result = try await spool.result(of: "bare.sh")
        let lines = result.stdout.split(separator: "\n").map(String.init)
        #expect(lines.first == "0")
        let names = (lines.dropFirst().first ?? "").split(separator: " ")
        let expected: Set<Substring> = [
            "BOBBIN_ATTEMPT", "BOBBIN_EVENTS", "BOBBIN_NAME", "BOBBIN_QUEUE", "BOBBIN_RESULT", "BOBBIN_RUN", "HOME",
            "LANG", "PATH", "PWD", "TMPDIR",
            "TZ", "/bundle",
        ]
        #expect(Set(names).subtracting(expected).isEmpty, "\(result.stdout)")
        #expect(
            result.stdout.contains("/bundle\n0022\n/tmp /tmp /usr/local/bin:/usr/bin:/bin C.UTF-8\n"),
            "\(result.stdout)")
    }

    @Test func aFileAsInputComesByteForByte() async throws {
        let spool = try Daemon.shared.spool
        let path = try spool.makeDirectory([
            "manifest.yaml": "input: {file: sub/data.bin}\n",
            "main.sh": "cmp - sub/data.bin && cmp \"$BOBBIN_INPUT\" sub/data.bin && echo same",
            "sub/data.bin": "\u{0}\r\n é \u{1}",
        ])
        try spool.move(path, to: "file-input")
        #expect(try await spool.result(of: "file-input").stdout == "same\n")
    }
}
