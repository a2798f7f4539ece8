internal import CLinux
internal import Glibc
internal import Linux
internal import SandboxProtocol

/// Tries single protections in throw-away processes, so that `doctor` can say which one a machine lacks.
enum Probe {
    private static let namespaces: [(name: String, flag: Int)] = [
        ("user namespace", 0), ("mount namespace", LINUX_CLONE_NEWNS), ("pid namespace", LINUX_CLONE_NEWPID),
        ("network namespace", LINUX_CLONE_NEWNET), ("ipc namespace", LINUX_CLONE_NEWIPC),
        ("uts namespace", LINUX_CLONE_NEWUTS), ("cgroup namespace", LINUX_CLONE_NEWCGROUP),
    ]

    static func results(filter: SyscallFilter) -> [ProbeResult] {
        namespaces.map { name, flag in ProbeResult(what: name, errno: tryNamespace(UInt64(flag))) }
            + [ProbeResult(what: "seccomp", errno: trySeccomp(filter))]
    }

    private static func tryNamespace(_ flag: UInt64) -> Int32 {
        var pidfd: Int32 = -1
        let pid = linux_clone3(UInt64(LINUX_CLONE_NEWUSER) | flag, &pidfd, -1)
        if pid == 0 { _exit(0) }
        if pid < 0 { return errno }
        close(pidfd)
        _ = try? retrying { linux_wait4(pid, nil, 0, nil) }
        return 0
    }

    /// Loads the filter in a process of its own, whose exit code is the errno.
    private static func trySeccomp(_ filter: SyscallFilter) -> Int32 {
        let pid = linux_fork()
        if pid == 0 {
            if linux_set_no_new_privileges() < 0 || filter.load() < 0 { _exit(errno & 0x7F) }
            _exit(0)
        }
        if pid < 0 { return errno }
        var status: Int32 = 0
        _ = try? retrying { linux_wait4(pid, &status, 0, nil) }
        return status & 0x7F == 0 ? status >> 8 & 0xFF : EPERM
    }
}
