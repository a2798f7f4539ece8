internal import Linux
internal import SandboxProtocol
internal import SystemPackage

/// The control group of one run.
struct RunGroup {
    let name: EntryName
    let group: ControlGroup

    /// Microseconds over which a run's share of the processors is counted: the kernel's own default.
    private static let period: UInt64 = 100_000

    /// Sets the limits, before a process is in it.
    func hold(_ limits: SandboxLimits, by controllers: Set<RunController>) throws(Errno) {
        if controllers.contains(.memory) {
            try group.write("\(limits.memory)", to: "memory.max")
            // Swapped out, a run's memory would be at the expense of all others; kernels without swap have no such file.
            if group.has("memory.swap.max") { try group.write("0", to: "memory.swap.max") }
            // The victim is the run as a whole, and not the process that the kernel likes least.
            try group.write("1", to: "memory.oom.group")
        }
        // The init beside the script's own.
        if controllers.contains(.processes) { try group.write("\(limits.processes + 1)", to: "pids.max") }
        if controllers.contains(.cpu) {
            // The kernel takes no less than a millisecond, and a processor of which there are more than exist is no limit.
            let quota = max(min(limits.millicpus, 1 << 20) * Self.period / 1000, 1000)
            try group.write("\(quota) \(Self.period)", to: "cpu.max")
        }
    }

    /// What the run used, in place of what wait4(2) says as far as the kernel counts it here.
    func refine(_ usage: SandboxUsage) -> SandboxUsage {
        var usage = usage
        // Counted without the controller as well.
        let time = group.numbers("cpu.stat")
        if let user = time["user_usec"], let system = time["system_usec"] {
            usage.userMicroseconds = Int64(clamping: user)
            usage.systemMicroseconds = Int64(clamping: system)
        }
        // Since Linux 5.19; before, the largest process is the nearest there is.
        if let peak = group.number("memory.peak") { usage.maxResidentBytes = Int64(clamping: peak) }
        usage.outOfMemory = shortage
        return usage
    }

    /// Whether its memory limit was in the way of anything.
    var hasReachedItsMemory: Bool { (group.numbers("memory.events")["max"] ?? 0) > 0 }

    /// `oom` counts the times that this group was at its own limit, `oom_kill` its processes that were killed by anybody's.
    private var shortage: MemoryShortage? {
        let events = group.numbers("memory.events")
        guard let killed = events["oom_kill"], killed > 0 else { return nil }
        return (events["oom"] ?? 0) > 0 ? .run : .machine
    }
}
