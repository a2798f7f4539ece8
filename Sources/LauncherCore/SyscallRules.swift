internal import CLinux
internal import CSeccomp
internal import Glibc

/// One line of the filter: these calls, if all comparisons hold, end with that error.
struct SyscallRule {
    let calls: [String]
    let errno: Int32
    let comparisons: [scmp_arg_cmp]

    init(_ calls: [String], errno: Int32 = EPERM, if comparisons: [scmp_arg_cmp] = []) {
        self.calls = calls
        self.errno = errno
        self.comparisons = comparisons
    }
}

/// What runs may not ask of the kernel. Begun from what flatpak, isolate and Docker deny.
enum SyscallRules {
    static let all: [SyscallRule] = mounts + namespaces + others + observers + machine + sockets + terminals

    /// The root is made before the filter; ENOSYS for the new interface, so that programs fall back and then see EPERM.
    private static let mounts = [
        SyscallRule(["mount", "umount", "umount2", "pivot_root", "chroot"]),
        SyscallRule(
            [
                "fsopen", "fsconfig", "fsmount", "fspick", "open_tree", "move_mount", "mount_setattr", "statmount",
                "listmount",
            ],
            errno: ENOSYS),
        // Opens by inode number, past every directory's permissions.
        SyscallRule(["open_by_handle_at", "name_to_handle_at"]),
    ]

    /// A user namespace of its own would give a script all capabilities over it, and with them the kernel's least tried
    /// code.
    private static let namespaces: [SyscallRule] =
        [
            SyscallRule(["unshare", "setns"]),
            // Its flags are behind a pointer, which a filter cannot follow; libc falls back to clone, whose flags it
            // can see.
            SyscallRule(["clone3"], errno: ENOSYS),
        ]
        + [
            LINUX_CLONE_NEWNS, LINUX_CLONE_NEWCGROUP, LINUX_CLONE_NEWUTS, LINUX_CLONE_NEWIPC, LINUX_CLONE_NEWUSER,
            LINUX_CLONE_NEWPID, LINUX_CLONE_NEWNET,
        ].map { flag in
            SyscallRule(["clone"], if: [masked(0, UInt64(flag), equals: UInt64(flag))])
        }

    private static let others = [
        // Keyrings are not all bound to namespaces.
        SyscallRule(["keyctl", "add_key", "request_key"]),
        // Runs its operations in the kernel, past this filter.
        SyscallRule(["io_uring_setup", "io_uring_enter", "io_uring_register"], errno: ENOSYS),
        // Programs in the kernel.
        SyscallRule(["bpf"]),
        // Holds the kernel in the middle of a copy: the tool of many exploits.
        SyscallRule(["userfaultfd"]),
        // 16-bit segments; nothing of today needs them.
        SyscallRule(["modify_ldt"]),
        // Other personalities bring back old layouts and switch off address randomisation. Only PER_LINUX passes; a
        // query by
        // -1 is refused with the rest, as in flatpak.
        SyscallRule(["personality"], if: [scmp_arg_cmp(arg: 0, op: SCMP_CMP_NE, datum_a: 0, datum_b: 0)]),
        // Moves pages of other processes between memory nodes.
        SyscallRule(["move_pages", "migrate_pages"]),
        // Very old interfaces without users.
        SyscallRule(["uselib", "ustat", "sysfs", "_sysctl", "nfsservctl", "vm86", "vm86old", "lookup_dcookie"]),
    ]

    /// Looking into other processes; a run's processes are one another's and the init's neighbours.
    private static let observers = [
        SyscallRule(["ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp"]),
        SyscallRule(["perf_event_open"]),
    ]

    /// All of it needs capabilities that a run has not; this is the second lock.
    private static let machine = [
        SyscallRule(["kexec_load", "kexec_file_load", "reboot"]),
        SyscallRule([
            "init_module", "finit_module", "delete_module", "create_module", "query_module", "get_kernel_syms",
        ]),
        SyscallRule(["swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "fanotify_init", "syslog", "vhangup"]),
        SyscallRule(["settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "stime"]),
        SyscallRule(["iopl", "ioperm", "sethostname", "setdomainname"]),
    ]

    /// Unix, IPv4 and IPv6 sockets, and netlink for routes alone (getifaddrs asks it for the run's own loopback). All
    /// others are the drivers' least tried code, and AF_VSOCK leads to the hypervisor. Comparisons are of all 64 bits,
    /// so what has bits above the int that the kernel looks at is caught by 'greater'.
    private static let sockets: [SyscallRule] =
        (3...9).map { forbidFamily($0) } + (11...15).map { forbidFamily($0) } + [
            SyscallRule(
                ["socket", "socketpair"], errno: EAFNOSUPPORT,
                if: [scmp_arg_cmp(arg: 0, op: SCMP_CMP_GT, datum_a: 16, datum_b: 0)]),
            SyscallRule(
                ["socket"], errno: EAFNOSUPPORT,
                if: [
                    scmp_arg_cmp(arg: 0, op: SCMP_CMP_EQ, datum_a: 16, datum_b: 0),
                    scmp_arg_cmp(arg: 2, op: SCMP_CMP_NE, datum_a: 0, datum_b: 0),
                ]),
        ]

    /// Typing into a terminal and pasting into a console. The kernel takes the request's low 32 bits, so only these are
    /// compared (CVE-2019-10063).
    private static let terminals = [UInt64(0x5412), 0x541C].map { request in
        SyscallRule(["ioctl"], if: [masked(1, 0xFFFF_FFFF, equals: request)])
    }

    private static func forbidFamily(_ family: UInt64) -> SyscallRule {
        SyscallRule(
            ["socket", "socketpair"], errno: EAFNOSUPPORT,
            if: [scmp_arg_cmp(arg: 0, op: SCMP_CMP_EQ, datum_a: family, datum_b: 0)])
    }

    private static func masked(_ argument: UInt32, _ mask: UInt64, equals value: UInt64) -> scmp_arg_cmp {
        scmp_arg_cmp(arg: argument, op: SCMP_CMP_MASKED_EQ, datum_a: mask, datum_b: value)
    }
}
