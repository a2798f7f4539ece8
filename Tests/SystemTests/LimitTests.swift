import Foundation
import Testing

/// By what memory, processes and processors are held where no control group is, and what an operator may insist on.
@Suite(.inTurn) struct LimitTests {
    @Test(arguments: TemporarySpool.Mode.possible) func statusSaysByWhatLimitsAreHeld(_ mode: TemporarySpool.Mode)
        async throws
    {
        try await withDaemon(mode, settings: Brisk.settings) { daemon in
            try daemon.spool.drop("say.sh", script: "cat /proc/self/cgroup")
            let result = try await daemon.spool.result(of: "say.sh")
            let enforced = result.enforced
            #expect(["cgroup", "rlimit"].contains(enforced["memory"]), "\(enforced)")
            #expect(["cgroup", "rlimit"].contains(enforced["processes"]), "\(enforced)")
            #expect(["cgroup", "none"].contains(enforced["cpu"]), "\(enforced)")
            let isWhole = enforced["memory"] == "cgroup" && enforced["cpu"] == "cgroup"
            #expect(daemon.log.contains("each run has a control group of its own") || !isWhole, "\(daemon.log)")
            #expect(daemon.log.contains("no control group holds") || isWhole, "it says what is missing: \(daemon.log)")
        }
    }

    /// Where the limit is held all the same, the run runs; else nothing does, and it is said at start and in the result.
    @Test(arguments: ["memory", "processes", "cpu"]) func whatIsRequiredIsHeldOrNothingRuns(_ limit: String)
        async throws
    {
        try await withDaemon(settings: Brisk.settings("sandbox: {require: [namespaces, seccomp, \(limit)]}")) {
            daemon in
            try daemon.spool.drop("try.sh", script: "echo ran")
            let result = try await daemon.spool.result(of: "try.sh")
            if result.state == "succeeded" {
                let by = result.enforced[limit]
                #expect(by == "cgroup" || limit == "processes" && by == "rlimit", "\(result.enforced)")
                #expect(!daemon.log.contains("every run will end 'errored'"))
            } else {
                #expect(result.state == "errored" && result.stdout.isEmpty, "\(result)")
                #expect(result.reason.contains("hold a run's \(limit) by a control group"), "\(result)")
                #expect(result.reason.contains("bobbin doctor"), "\(result)")
                #expect(daemon.log.contains("every run will end 'errored': sandbox.require asks for \(limit)"))
                let doctor = try await Command.run([
                    BuiltPrograms.directory + "/bobbin", "doctor", "--spool", daemon.spool.path,
                ])
                #expect(doctor.code == 1 && doctor.output.contains("cgroup"), "\(doctor)")
            }
        }
    }

    /// What an operator names must be a group, and given to the spool's user; else it is said, and runs go on without.
    @Test(arguments: ["/sys/fs/cgroup/no-such-group", "/tmp", "/sys/fs/cgroup/memory"])
    func aGroupThatIsNoneIsNotUsed(_ path: String) async throws {
        try await withDaemon(settings: Brisk.settings("sandbox: {cgroup: \(path)}")) { daemon in
            try daemon.spool.drop("try.sh", script: "echo ran")
            let result = try await daemon.spool.result(of: "try.sh")
            #expect(result.state == "succeeded", "\(result)")
            #expect(result.enforced["memory"] == "rlimit")
            #expect(daemon.log.contains("no control group holds") && daemon.log.contains(path), "\(daemon.log)")
        }
    }

    /// Limits of single processes that let the common runtimes start under the contract's defaults.
    @Test(
        .needs("node", "python3", "Rscript", "perl", "ruby", "git", "sqlite3", "gcc", "java"),
        arguments: [
            ("node.js", "const a = []; for (let i = 0; i < 1e6; i++) a.push({i}); console.log('fine')"),
            ("numbers.py", "data = [bytearray(1 << 20) for _ in range(300)]; print('fine')"),
            ("numbers.R", "x <- rnorm(1e6); cat('fine\\n')"),
            ("arrays.py", "import numpy; numpy.linalg.svd(numpy.random.rand(300, 300)); print('fine')"),
            ("sums.pl", "my $sum = 0; $sum += $_ for 1..1000; print \"fine\\n\" if $sum == 500500;"),
            ("threads.rb", "puts 'fine' if Thread.new { (1..1000).sum }.value == 500500"),
            (
                "commit.sh",
                "git init -q r && cd r && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x && git log | grep -q x && echo fine"
            ),
            ("table.sh", "sqlite3 db \"CREATE TABLE t (x); INSERT INTO t VALUES ('fine'); SELECT x FROM t\""),
            ("compile.sh", "echo 'int main(void) { return 0; }' >a.c && gcc -O2 -pthread -o a a.c && ./a && echo fine"),
            ("version.sh", "java -version >/dev/null 2>&1 && echo fine"),
        ]) func runtimesStartUnderTheDefaults(_ entry: String, _ script: String) async throws
    {
        try await withDaemon(settings: Brisk.settings) { daemon in
            try daemon.spool.drop(entry, script: script)
            try await daemon.spool.expect(entry, prints: "fine\n")
        }
    }
}
