import Glibc
import Linux
import SandboxProtocol
import SystemPackage
import TestSupport
import Testing

@testable import LauncherCore

/// What is written to a run's control group and read from it, on files of the same names; the kernel's own part is tried in the
/// guest of `make test-vm`.
@Suite struct RunGroupTests {
    private static let files = "memory.max memory.swap.max memory.oom.group pids.max cpu.max"

    private func held(_ limits: SandboxLimits, by controllers: Set<RunController>) throws -> [String: String] {
        let scratch = try Scratch()
        #expect(scratch.run("for file in \(Self.files); do : >$file; done") == 0)
        let group = ControlGroup(scratch.root)
        try RunGroup(name: "one", group: group).hold(limits, by: controllers)
        var found: [String: String] = [:]
        for file in Self.files.split(separator: " ") {
            let text = try group.read(EntryName(String(file)))
            if !text.isEmpty { found[String(file)] = text }
        }
        return found
    }

    @Test func eachControllerHoldsItsLimit() throws {
        var limits = SandboxLimits()
        limits.memory = 64 << 20
        limits.processes = 10
        limits.millicpus = 1500
        let memory = ["memory.max": "67108864", "memory.swap.max": "0", "memory.oom.group": "1"]
        #expect(try held(limits, by: [.memory]) == memory)
        #expect(try held(limits, by: [.processes]) == ["pids.max": "11"])
        #expect(try held(limits, by: [.cpu]) == ["cpu.max": "150000 100000"])
        #expect(try held(limits, by: Set(RunController.allCases)).count == 5)
        #expect(try held(limits, by: []).isEmpty)
    }

    @Test(arguments: [
        (1, "1000 100000"), (10, "1000 100000"), (500, "50000 100000"), (UInt64.max, "104857600 100000"),
    ])
    func aShareOfTheProcessorsIsOneThatTheKernelTakes(_ millicpus: UInt64, _ expected: String) throws {
        var limits = SandboxLimits()
        limits.millicpus = millicpus
        #expect(try held(limits, by: [.cpu])["cpu.max"] == expected)
    }

    /// A kernel without swap has no such file; without memory.max nothing may run.
    @Test func whatCannotBeHeldIsAnError() throws {
        let scratch = try Scratch()
        let run = RunGroup(name: "one", group: ControlGroup(scratch.root))
        #expect(throws: Errno.noSuchFileOrDirectory) { try run.hold(SandboxLimits(), by: [.memory]) }
        #expect(scratch.run(": >memory.max; : >memory.oom.group") == 0)
        try run.hold(SandboxLimits(), by: [.memory])
    }

    @Test(
        arguments: [
            ("oom 0\noom_kill 0", nil), ("oom 3\noom_kill 0", nil), ("oom 1\noom_kill 4", .run),
            // The group itself was not at its limit: another one's above it was, or the machine's.
            ("oom 0\noom_kill 1", .machine), ("", nil),
        ] as [(String, MemoryShortage?)])
    func whoseMemoryWasAtItsEnd(_ events: String, _ expected: MemoryShortage?) throws {
        let scratch = try Scratch()
        #expect(scratch.run("printf '\(events)\\n' >memory.events") == 0)
        let usage = RunGroup(name: "one", group: ControlGroup(scratch.root)).refine(Self.usage)
        #expect(usage.outOfMemory == expected)
        #expect(usage.maxResidentBytes == 3 && usage.userMicroseconds == 1)
    }

    @Test func figuresOfTheGroupReplaceThoseOfTheLargestProcess() throws {
        let scratch = try Scratch()
        #expect(
            scratch.run(
                "printf 'usage_usec 30\\nuser_usec 10\\nsystem_usec 20\\nnr_periods 0\\n' >cpu.stat; echo 4096 >memory.peak"
            )
                == 0)
        let usage = RunGroup(name: "one", group: ControlGroup(scratch.root)).refine(Self.usage)
        #expect(usage.userMicroseconds == 10 && usage.systemMicroseconds == 20 && usage.maxResidentBytes == 4096)
    }

    private static let usage = SandboxUsage(userMicroseconds: 1, systemMicroseconds: 2, maxResidentBytes: 3)

    @Test(arguments: [
        ("/sys/fs/cgroup/system.slice/bobbin.service", "/sys/fs/cgroup/system.slice/bobbin.service"),
        ("/sys/fs/cgroup/system.slice/bobbin.service/bobbin-supervisor", "/sys/fs/cgroup/system.slice/bobbin.service"),
        ("/sys/fs/cgroup/not-bobbin-supervisor", "/sys/fs/cgroup/not-bobbin-supervisor"),
    ])
    func theSupervisorsGroupIsBelowTheRuns(_ own: String, _ base: String) {
        #expect(GroupDelegation.base(of: own) == base)
    }

    /// Another hierarchy, a missing group, one that is somebody else's: said, and nothing is changed.
    @Test func whatIsNoDelegatedGroupIsNotUsed() throws {
        let scratch = try Scratch()
        var options = LauncherOptions(owner: FileOwnership(owner: 64123, group: 64123))
        for (path, problem) in [
            (scratch.path, "is no group of cgroup v2"), (scratch.path + "/none", "cannot open"),
            ("/sys/fs/cgroup/memory", ""),
        ] {
            options.controlGroup = .named(path)
            let groups = RunGroups(options, spool: scratch.root.rawValue)
            #expect(groups.report.controllers.isEmpty && groups.report.problem.contains(problem), "\(groups.report)")
            #expect(!groups.report.problem.isEmpty)
        }
        options.controlGroup = .none
        #expect(RunGroups(options, spool: scratch.root.rawValue).report.path == "")
    }
}
