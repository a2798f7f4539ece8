import Glibc
import Linux

/// What the kernel's own files say.
enum KernelExamination {
    static func findings(requiresMemory: Bool) -> [Finding] {
        [version(), controlGroups(isRequired: requiresMemory), watches()]
    }

    /// 5.11 brought overlayfs in user namespaces with `userxattr`.
    private static func version() -> Finding {
        let release = text("/proc/sys/kernel/osrelease")
        let numbers = release.split(whereSeparator: { !$0.isNumber }).prefix(2).compactMap { Int($0) }
        guard numbers.count == 2, (numbers[0], numbers[1]) >= (5, 11) else {
            return Finding(
                subject: "kernel", verdict: .missing, detail: release.isEmpty ? "unknown" : release,
                meaning:
                    "Bobbin needs Linux 5.11 or later: before, an ordinary user cannot mount a copy-on-write directory.",
                remedy: "install a newer kernel", isRequired: true)
        }
        return .ok("kernel", release)
    }

    /// cgroup v2, delegated: without it limits are those of single processes.
    private static func controlGroups(isRequired: Bool) -> Finding {
        let subject = "cgroup v2"
        let meaning = "Memory is limited for each process alone, not for a run as a whole, and cpus not at all."
        guard access("/sys/fs/cgroup/cgroup.controllers", R_OK) == 0 else {
            return Finding(
                subject: subject, verdict: isRequired ? .missing : .degraded,
                detail: "not mounted at /sys/fs/cgroup as the only hierarchy", meaning: meaning,
                remedy: "boot with systemd.unified_cgroup_hierarchy=1", isRequired: isRequired)
        }
        let own = text("/proc/self/cgroup").split(separator: "\n").first { $0.hasPrefix("0::") }?.dropFirst(3) ?? "/"
        let path = "/sys/fs/cgroup\(own)"
        if access("\(path)/cgroup.procs", W_OK) == 0, access(path, W_OK) == 0 {
            return .ok(subject, "\(path), controllers: \(text("\(path)/cgroup.controllers"))")
        }
        return Finding(
            subject: subject, verdict: isRequired ? .missing : .degraded,
            detail: "\(path) is not delegated to this user",
            meaning: meaning,
            remedy:
                "run bobbind as a systemd service with Delegate=yes, or: systemd-run --user --scope -p Delegate=yes bobbind",
            isRequired: isRequired)
    }

    /// One watch a queue and one for each directory that is being made in an inbox.
    private static func watches() -> Finding {
        let watches = Int(text("/proc/sys/fs/inotify/max_user_watches")) ?? 0
        let instances = Int(text("/proc/sys/fs/inotify/max_user_instances")) ?? 0
        let detail = "\(watches) watches, \(instances) instances a user"
        if watches >= 8192, instances >= 16 { return .ok("inotify", detail) }
        return Finding(
            subject: "inotify", verdict: .degraded, detail: detail,
            meaning: "Drops that no watch is left for are found by the next rescan only (intake.rescan).",
            remedy: "sysctl fs.inotify.max_user_watches=65536 fs.inotify.max_user_instances=128")
    }

    /// A file of the kernel's, without the newline at its end.
    private static func text(_ path: String) -> String {
        let raw = open(path, O_RDONLY | O_CLOEXEC)
        guard raw >= 0 else { return "" }
        let file = OwnedDescriptor(taking: raw)
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(file.rawValue, &buffer, buffer.count)
        guard count > 0 else { return "" }
        let end = buffer[..<count].lastIndex { $0 != 0x0A } ?? 0
        return String(decoding: buffer[...end], as: UTF8.self)
    }
}
