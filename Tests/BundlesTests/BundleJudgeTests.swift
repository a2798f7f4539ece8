import Bundles
import Glibc
import Linux
import Runs
import TestSupport
import Testing

@Suite struct BundleJudgeTests {
    @Test(arguments: [
        (["main.py"], "main.py", "python"), (["a.py"], "a.py", "python"), (["a.py", "main.py"], "main.py", "python"),
        (["main.R", "data.csv"], "main.R", "r"), (["x.r"], "x.r", "r"), (["x.js"], "x.js", "node"),
        (["x.mjs"], "x.mjs", "node"),
        (["x.sh"], "x.sh", "sh"), (["x.bash"], "x.bash", "bash"), (["x.pl"], "x.pl", "perl"),
        (["x.rb"], "x.rb", "ruby"),
        (["x.py", ".hidden.py", "lib/b.py", "README"], "x.py", "python"), (["x.jl"], "x.jl", "julia"),
        (["main.sh", "a.py", "b.R"], "main.sh", "sh"),
    ])
    func entries(_ names: [String], _ entry: String, _ runtime: String) throws {
        var settings = Settings()
        var julia = Settings.RuntimeSettings(command: ["julia"])
        julia.endings = [".jl"]
        settings.runtimes["julia"] = julia
        let judgement = try judge(names.map { ($0, "") }, settings: settings)
        #expect(judgement.manifest?.entry == entry)
        #expect(judgement.manifest?.runtime == runtime)
    }

    @Test(arguments: [
        ("#!/bin/sh\n", 0o755, "sh" as String?), ("#!/usr/bin/env python3\n", 0o755, "python"),
        ("#! /usr/bin/env  bash \r\n", 0o755, "bash"),
        ("#!/usr/bin/perl -T\n", 0o755, "executable"), ("#!/opt/bin/python3\n", 0o755, "executable"),
        ("#!/usr/bin/Rscript", 0o755, "r"),
        ("#!/usr/bin/env -S node --x\n", 0o755, "executable"), ("#!\n", 0o755, "executable"),
        ("#!/bin/sh\n", 0o644, nil), ("echo\n", 0o755, nil),
    ])
    func interpreters(_ text: String, _ mode: Int, _ runtime: String?) throws {
        #expect(try judge([("tool", text)], mode: UInt32(mode)).manifest?.runtime == runtime)
    }

    @Test func bashInSh() throws {
        #expect(try judge([("x.sh", "#!/usr/bin/env bash\n")]).manifest?.runtime == "bash")
        #expect(try judge([("x.py", "#!/bin/sh\n")]).manifest?.runtime == "python")
    }

    @Test(arguments: [
        (
            ["a.py", "b.R"],
            "several scripts in the bundle's root: a.py, b.R; name one of them main.*, or say 'entry' in manifest.yaml"
        ),
        (
            ["main.py", "main.R", "c.sh"],
            "several scripts in the bundle's root: main.R, main.py; name one of them main.*, or say 'entry' in manifest.yaml"
        ),
        (["README"], "no script in the bundle's root; name one main.*, or say 'entry' in manifest.yaml"),
        (["lib/a.py"], "no script in the bundle's root; name one main.*, or say 'entry' in manifest.yaml"),
        (
            ["manifest.yaml", "manifest.json", "main.py"],
            "manifest.yaml: a bundle has one manifest; this one has manifest.yaml and manifest.json"
        ),
        ([], "no script in the bundle's root; name one main.*, or say 'entry' in manifest.yaml"),
    ])
    func noEntry(_ names: [String], _ message: String) throws {
        #expect(try judge(names.map { ($0, "") }).messages == [message])
    }

    @Test func namedEntry() throws {
        #expect(
            try judge([("manifest.yml", "entry: b/x.py"), ("b/x.py", ""), ("a.py", "")]).manifest?.entry == "b/x.py")
        #expect(
            try judge([("manifest.yml", "entry: x.dat"), ("x.dat", "")]).messages == [
                "x.dat: cannot tell how to run it: no known ending and no '#!'; say 'runtime' in manifest.yaml"
            ])
        #expect(try judge([("manifest.yml", "entry: x\nruntime: executable"), ("x", "")]).codes == ["not_executable"])
        #expect(
            try judge([("manifest.yml", "entry: x"), ("x", "\u{7F}ELF")], mode: 0o755).manifest?.runtime == "executable"
        )
        #expect(try judge([("manifest.yml", "runtime: python"), ("main.txt", "")]).manifest?.entry == "main.txt")
        #expect(
            try judge([("manifest.yml", "entry: b"), ("b/x.py", "")]).messages == [
                "manifest.yml:1:8: 'entry' 'b' must be a regular file; this is a directory"
            ])
        #expect(
            try judge([("manifest.yml", "entry: main.py\nruntime: pyton"), ("main.py", "")]).codes == ["bad_value"])
    }

    @Test func singleScript() throws {
        let text = "#!/usr/bin/env python3\nprint(1)\n"
        guard case .accepted(let manifest, let notes) = try judge([("report.py", text)], script: "report.py") else {
            throw Rejected()
        }
        #expect(manifest.entry == "report.py" && manifest.title == "report")
        #expect(notes.isEmpty)
        #expect(
            try judge([("tool", "x")], script: "tool").messages == [
                "tool: no bundle: neither a known ending nor an executable file that begins with '#!'"
            ])
        #expect(try judge([("tool", "x")], script: "tool", mode: 0o755).codes == ["unknown_runtime"])
        #expect(try judge([("tool", "#!/bin/sh\n")], script: "tool", mode: 0o755).manifest?.runtime == "sh")
        #expect(try judge([("tool", "#!/bin/x\n")], script: "tool").codes == ["not_executable"])
        #expect(try judge([("tool", "#!/bin/sh\n")], script: "tool").codes == ["not_executable"])
        #expect(try judge([("tool.sh", "#!/bin/sh\n")], script: "tool.sh").manifest?.runtime == "sh")
        #expect(
            try judge([("manifest.yaml", "#!/bin/sh\n")], script: "manifest.yaml", mode: 0o755).manifest?.entry
                == "manifest.yaml")
    }

    @Test(arguments: ["manifest.yaml", "main.py", "data.csv"])
    func specialFiles(_ name: String) throws {
        let kinds: [(String, (String) -> Int32)] = [
            ("fifo", { mkfifo($0, 0o600) }), ("directory", { mkdir($0, 0o755) }),
            ("link", { symlink("/etc/passwd", $0) }),
            ("link", { symlink("nowhere", $0) }), ("link", { symlink("loop", $0) }),
            ("link", { symlink("../../../etc/passwd", $0) }),
        ]
        for (kind, make) in kinds {
            let scratch = try Scratch()
            symlink("loop", scratch.path + "/loop")
            if name != "manifest.yaml" { try scratch.write("manifest.yaml", "entry: main.py\ninput: {file: data.csv}") }
            if name != "main.py" { try scratch.write("main.py", "") }
            if name != "data.csv" { try scratch.write("data.csv", "") }
            #expect(make(scratch.path + "/" + name) == 0)
            let judgement = try judge(scratch.root)
            #expect(judgement.codes.count == 1, "\(name) \(kind) \(judgement)")
            #expect(judgement.messages.first?.hasPrefix("manifest.yaml:") == true, "\(judgement)")
        }
    }

    @Test func linksThatStay() throws {
        let scratch = try Scratch()
        try scratch.write("manifest.yaml", "entry: main.py")
        try scratch.write("src/a.py", "")
        symlink("src/a.py", scratch.path + "/main.py")
        #expect(try judge(scratch.root).manifest?.entry == "main.py")
    }

    @Test func largeAndSparseManifests() throws {
        let scratch = try Scratch()
        try scratch.write("main.py", "")
        try scratch.write("manifest.yaml", "")
        #expect(truncate(scratch.path + "/manifest.yaml", 1 << 40) == 0)
        #expect(
            try judge(scratch.root).messages == ["manifest.yaml: is 1099511627776 bytes; at most 256KiB is allowed"])
    }

    @Test func namesThatAreNoText() throws {
        let scratch = try Scratch()
        try scratch.root.create(EntryName(bytes: [0xFF] + Array(".py".utf8)), with: [])
        #expect(try judge(scratch.root).messages == ["the script '\\xff.py' has a name that is not UTF-8; rename it"])
    }
}
