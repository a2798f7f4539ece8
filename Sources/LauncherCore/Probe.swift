internal import CLinux
internal import Glibc
internal import SandboxProtocol

/// Tries single protections in throw-away processes, so that `doctor` can say which one a machine lacks.
enum Probe {
    private static let namespaces: [(name: String, flag: Int)] = [
        ("user namespace", 0), ("mount namespace", LINUX_CLONE_NEWNS), ("pid namespace", LINUX_CLONE_NEWPID),
        ("network namespace", LINUX_CLONE_NEWNET), ("ipc namespace", LINUX_CLONE_NEWIPC),
        ("uts namespace", LINUX_CLONE_NEWUTS), ("cgroup namespace", LINUX_CLONE_NEWCGROUP),
    ]

    static func results() -> [ProbeResult] {
        namespaces.map { name, flag in ProbeResult(what: name, errno: tryNamespace(UInt64(flag))) }
            + [ProbeResult(what: "seccomp", errno: trySeccomp())]
    }

    private static func tryNamespace(_ flag: UInt64) -> Int32 {
        var pidfd: Int32 = -1
        let pid = linux_clone3(UInt64(LINUX_CLONE_NEWUSER) | flag, &pidfd, -1)
        if pid == 0 { _exit(0) }
        if pid < 0 { return errno }
        close(pidfd)
        while linux_wait4(pid, nil, 0, nil) < 0, errno == EINTR {}
        return 0
    }

    private static func trySeccomp() -> Int32 {
        // A filter at an address where nothing is: EFAULT where there are filters, EINVAL where the kernel has none. (At
        // address 0 it is EINVAL everywhere.)
        if linux_seccomp_filter(UnsafeRawPointer(bitPattern: 1), 1) < 0, errno == EFAULT { return 0 }
        return errno
    }
}
