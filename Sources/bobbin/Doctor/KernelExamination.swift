import Linux

/// What the kernel's own files say.
enum KernelExamination {
    static func findings() -> [Finding] { [version(), watches()] }

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

    /// A file of the kernel's, without the newline at its end; empty if it cannot be read.
    private static func text(_ path: String) -> String {
        let bytes = (try? readKernelFile(path)) ?? []
        return String(decoding: bytes.last == 0x0A ? bytes.dropLast() : bytes[...], as: UTF8.self)
    }
}
