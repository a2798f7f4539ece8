import Foundation
import Runs
import Testing

@Suite struct SubmitTests {
    private let inbox = "spool/inbox/default"

    @Test func aScriptArrivesWholeUnderItsRun() async throws {
        let spool = try await TestSpool()
        try spool.write("hello.py", "print(1)\n")
        let answer = try await spool.bobbin("submit", "hello.py")
        #expect(answer.code == 0, "\(answer.errors)")
        #expect(answer.errors.contains("no daemon runs"))
        let run = try #require(RunID(answer.output.trimmingCharacters(in: .newlines)))
        #expect(answer.output == "\(run)\n", "nothing but the id")
        #expect(spool.list(inbox) == ["hello.\(run).py"])
        let dropped = spool.directory.appendingPathComponent("\(inbox)/hello.\(run).py")
        #expect(try String(contentsOf: dropped, encoding: .utf8) == "print(1)\n")
    }

    @Test func aDirectoryIsCopiedWithItsDots() async throws {
        let spool = try await TestSpool()
        try spool.write("report.v2/main.sh", "echo\n")
        try spool.write("report.v2/data/x.csv", "1\n")
        let answer = try await spool.bobbin("submit", "report.v2/")
        let run = answer.output.trimmingCharacters(in: .newlines)
        #expect(spool.list(inbox) == ["report.v2.\(run)"])
        #expect(spool.list("\(inbox)/report.v2.\(run)/data") == ["x.csv"])
        #expect(spool.list("report.v2") == ["data", "main.sh"], "what was submitted stays")
    }

    @Test func inputAndNameTravelBeside() async throws {
        let spool = try await TestSpool()
        try spool.write("hello.py", "print(1)\n")
        try spool.write("in.json", "{\"b\": 1.50, \"a\": []}")
        let answer = try await spool.bobbin("submit", "hello.py", "--name", "other", "--input", "@in.json")
        let run = answer.output.trimmingCharacters(in: .newlines)
        #expect(spool.list(inbox) == [".\(run).submit.json", "other.\(run).py"])
        let options = spool.directory.appendingPathComponent("\(inbox)/.\(run).submit.json")
        #expect(
            try String(contentsOf: options, encoding: .utf8)
                == "{\"name\":\"other\",\"input\":{\"b\": 1.50, \"a\": []}}\n")
    }

    @Test(arguments: [
        (["-", "--name", "a.py"], "print(1)\n", "a", ".py"),
        (["-"], "#!/bin/sh\n", "stdin", ""),
        (["-", "--name", "b"], "#!/bin/sh\n", "b", ""),
    ])
    func standardInput(arguments: [String], text: String, name: String, ending: String) async throws {
        let spool = try await TestSpool()
        let answer = try await Program.run(["submit"] + arguments, in: spool.directory, input: text)
        #expect(answer.code == 0, "\(answer.errors)")
        #expect(spool.list(inbox) == ["\(name).\(answer.output.trimmingCharacters(in: .newlines))\(ending)"])
    }

    @Test func standardInputOfNoKindIsToldTheWayOut() async throws {
        let spool = try await TestSpool()
        let answer = try await Program.run(["submit", "-"], in: spool.directory, input: "echo hi\n")
        #expect(answer.code == 65)
        #expect(answer.errors.contains("begin the script with '#!'") && answer.errors.contains("--name answer.py"))
        #expect(spool.list(inbox).isEmpty)
    }

    @Test func aChosenRunIsKept() async throws {
        let spool = try await TestSpool()
        let run = RunID.new()
        try spool.write("hello.\(run).py", "print(1)\n")
        #expect(try await spool.bobbin("submit", "hello.\(run).py").output == "\(run)\n")
        let again = try await spool.bobbin("submit", "hello.\(run).py")
        #expect(again.code == 73)
        #expect(spool.list(inbox) == ["hello.\(run).py"])
    }

    /// Of several bundles none is dropped if one is bad, and nothing is left behind.
    @Test(arguments: [
        (
            "bad/manifest.yaml", "timout: 3\n", "bad",
            "bad: manifest.yaml:1:1: unknown key 'timout'; did you mean 'timeout'?"
        ),
        ("My report.py", "", "My report.py", "'My report.py' is no name of a bundle"),
        ("empty/x/y", "", "empty", "no script in the bundle's root"),
        ("notes.txt", "hello", "notes.txt", "notes.txt: no bundle: neither a known ending"),
    ])
    func badBundlesAreNotDropped(file: String, text: String, path: String, error: String) async throws {
        let spool = try await TestSpool()
        try spool.write("good.sh", "echo\n")
        try spool.write(file, text)
        try spool.write("bad/main.sh", "echo\n")
        let answer = try await spool.bobbin("submit", "good.sh", path)
        #expect(answer.code == 65)
        #expect(answer.output.isEmpty)
        #expect(answer.errors.contains(error), "\(answer.errors)")
        #expect(spool.list(inbox).isEmpty)
    }

    @Test func hostileTreesAreRefused() async throws {
        let spool = try await TestSpool()
        try spool.write("tree/main.sh", "echo\n")
        let link = spool.directory.appendingPathComponent("tree/l").path
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/etc/passwd")
        mkfifo(spool.directory.appendingPathComponent("tree/fifo").path, 0o600)
        for command in ["submit", "check"] {
            let answer = try await spool.bobbin(command, "tree")
            #expect(answer.code == 65)
            #expect(answer.errors.contains("l: is a link to /etc/passwd") && answer.errors.contains("fifo:"))
        }
        let fifo = try await spool.bobbin("submit", "tree/fifo")
        #expect(fifo.code == 65, "a FIFO is not opened")
        #expect(spool.list(inbox).isEmpty)
    }

    @Test(arguments: [
        (["submit", "hello.py", "--queue", "nope"], 66, "there are: default"),
        (["submit", "gone.py"], 66, "cannot find 'gone.py'"),
        (["submit", "hello.py", "--input", "{"], 65, "--input:1:2"),
        (["submit", "hello.py", "--input", "@gone"], 66, "gone"),
        (["submit", "hello.py", "--name", "a b"], 64, "is no bundle's name"),
        (["submit"], 64, "Missing expected argument"),
        (["submit", "hello.py", "--spool", "gone"], 66, "gone is no spool"),
    ])
    func refusals(arguments: [String], code: Int32, error: String) async throws {
        let spool = try await TestSpool()
        try spool.write("hello.py", "print(1)\n")
        let answer = try await Program.run(arguments, in: spool.directory)
        #expect(answer.code == code)
        #expect(answer.errors.contains(error), "\(answer.errors)")
        #expect(spool.list(inbox).isEmpty)
    }

    @Test func waitingFollowsTheRunToItsEnd() async throws {
        let spool = try await TestSpool()
        try spool.write("hello.py", "print(1)\n")
        let running = try spool.start("submit", "hello.py", "--wait")
        while running.printed.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        let run = try #require(RunID(running.printed.trimmingCharacters(in: .newlines)))
        try FileManager.default.removeItem(at: spool.directory.appendingPathComponent("\(inbox)/hello.\(run).py"))
        try spool.show(TestSpool.status("hello", .running, run: run))
        try spool.publish(TestSpool.status("hello", .failed, run: run, code: 7))
        #expect(try await running.answer().code == 7)
    }
}
