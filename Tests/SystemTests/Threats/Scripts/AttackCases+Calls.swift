extension AttackCases {
    /// THREATS 19 and 20.
    static let calls: [Attack] = [
        Attack(
            threat: 19, phrase: "nested user namespaces",
            script: """
                for flag in (0x10000000, 0x10020000, 0x20000, 0x40000000, 0x20000000, 0x08000000, 0x04000000, 0x02000000, 0x80):
                    call(f"unshare {flag:#x}", "EPERM", 272, flag)
                    if flag != 0x80: call(f"clone {flag:#x}", "EPERM", 56, flag | 17, 0, 0, 0, 0)
                    call(f"clone {flag:#x} with high bits", "EPERM|EINVAL", 56, (1 << 32) | 0x10000000 | 17, 0, 0, 0, 0)
                call("clone3", "ENOSYS", 435, 0, 88)
                expect("its map", open("/proc/self/uid_map").read().split()[::2] == ["1000", "1"])
                end()
                """, heldBy: "seccomp"),
        Attack(
            threat: 19, phrase: "setns",
            script: """
                for kind in ("user", "mnt", "net", "pid", "ipc", "uts"):
                    call(f"setns {kind}", "EPERM", 308, os.open(f"/proc/self/ns/{kind}", os.O_RDONLY), 0)
                call("setns by pidfd", "EPERM", 308, os.pidfd_open(1), 0x20000)
                end()
                """, heldBy: "seccomp"),
        Attack(
            threat: 19, phrase: "mount and the new mount API",
            script: """
                tmpfs = ctypes.c_char_p(b"tmpfs"); tmp = ctypes.c_char_p(b"/tmp"); proc = ctypes.c_char_p(b"proc")
                call("mount", "EPERM", 165, tmpfs, tmp, tmpfs, 0, 0)
                call("remount", "EPERM", 165, 0, ctypes.c_char_p(b"/usr"), 0, 32 | 4096, 0)
                call("mount proc", "EPERM", 165, proc, tmp, proc, 0, 0)
                call("umount2", "EPERM", 166, ctypes.c_char_p(b"/bundle"), 2)
                for what, number in (("open_tree", 428), ("move_mount", 429), ("fsopen", 430), ("fsconfig", 431), ("fsmount", 432),
                        ("fspick", 433), ("mount_setattr", 442)):
                    call(what, "ENOSYS", number, 0, 0, 0, 0, 0)
                call("open_by_handle_at", "EPERM", 304, 0, 0, 0)
                end()
                """, heldBy: "seccomp, no capabilities"),
        Attack(
            threat: 19, phrase: "chroot, pivot_root",
            script: """
                refused("chroot", "EPERM", lambda: os.chroot("/tmp"))
                call("pivot_root", "EPERM", 155, ctypes.c_char_p(b"/tmp"), ctypes.c_char_p(b"/tmp"))
                end()
                """, heldBy: "seccomp"),
        Attack(
            threat: 19, phrase: "cgroup writes",
            script: """
                expect("/sys", not os.path.exists("/sys"))
                for line in open("/proc/self/cgroup"): expect(line, line.rstrip("\\n").split(":", 2)[2] == "/")
                for root, _, files in os.walk("/proc/self"):
                    if root.count("/") > 3: continue
                    expect(root, "cgroup.procs" not in files)
                refused("oom_score_adj", "EACCES|EPERM", lambda: os.write(os.open("/proc/self/oom_score_adj", os.O_WRONLY), b"-1000"))
                end()
                """, heldBy: "cgroup namespace, private root"),
        Attack(
            threat: 19, phrase: "io_uring, bpf, perf, userfaultfd, personality, modify_ldt, kexec",
            script: """
                room = ctypes.create_string_buffer(4096)
                call("io_uring_setup", "ENOSYS", 425, 8, room)
                call("io_uring_enter", "ENOSYS", 426, 0, 1, 1, 0, 0, 0)
                call("io_uring_register", "ENOSYS", 427, 0, 0, 0, 0)
                call("bpf", "EPERM", 321, 0, room, 72)
                call("perf_event_open", "EPERM", 298, room, 0, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF, 0)
                call("userfaultfd", "EPERM", 323, 1)
                for persona in (0x0040000, 0x0400000, 8, 0x100000008): call(f"personality {persona:#x}", "EPERM", 135, persona)
                call("modify_ldt", "EPERM", 154, 1, room, 16)
                call("kexec_load", "EPERM", 246, 0, 0, 0, 0)
                call("kexec_file_load", "EPERM", 320, 0, 0, 0, 0, 0)
                for what, number in (("init_module", 175), ("finit_module", 313), ("delete_module", 176), ("reboot", 169),
                        ("swapon", 167), ("acct", 163), ("syslog", 103), ("iopl", 172), ("sethostname", 170), ("quotactl", 179)):
                    call(what, "EPERM", number, 0, 0, 0, 0)
                end()
                """, heldBy: "seccomp"),
        Attack(
            threat: 19, phrase: "32-bit calls",
            script: """
                import mmap
                code = mmap.mmap(-1, 4096, prot=7)
                code.write(bytes([0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0xC3]))
                ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
                print("alive")
                """, state: "killed", prints: "", heldBy: "seccomp",
            judge: { $0.status["signal"] as? String == "SIGSYS" ? nil : "\($0.status["signal"] ?? "no signal")" }),
        Attack(
            threat: 19, phrase: "x32 calls", script: "libc.syscall(ctypes.c_ulong(0x40000027))\nprint('alive')\n",
            state: "killed",
            prints: "", heldBy: "seccomp",
            judge: { $0.status["signal"] as? String == "SIGSYS" ? nil : "\($0.status["signal"] ?? "no signal")" }),
        Attack(
            threat: 20, phrase: "network: outward",
            script: """
                for address in ("1.1.1.1", "8.8.8.8", "10.0.0.1", "192.168.0.1", "127.0.0.2"):
                    refused(address, "ENETUNREACH|ECONNREFUSED", lambda: socket.create_connection((address, 80), 2))
                refused("IPv6", "ENETUNREACH|EADDRNOTAVAIL|EHOSTUNREACH|EAFNOSUPPORT",
                    lambda: socket.create_connection(("2606:4700:4700::1111", 80), 2))
                refused("the host's loopback", "ECONNREFUSED", lambda: socket.create_connection(("127.0.0.1", int(port)), 2))
                refused("udp", "ENETUNREACH", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("1.1.1.1", 53)))
                refused("raw", "EPERM", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
                expect("devices", [n for _, n in socket.if_nameindex()] == ["lo"])
                end()
                """, heldBy: "network namespace"),
        Attack(
            threat: 20, phrase: "network: DNS",
            script: """
                expect("name servers", not os.path.exists("/etc/resolv.conf") or open("/etc/resolv.conf").read() == "")
                try: bad.append(str(socket.getaddrinfo("example.com", 80)))
                except socket.gaierror: pass
                end()
                """, heldBy: "network namespace"),
        Attack(
            threat: 20, phrase: "network: link-local metadata",
            script: """
                refused("169.254.169.254", "ENETUNREACH", lambda: socket.create_connection(("169.254.169.254", 80), 2))
                refused("fd00:ec2::254", "ENETUNREACH|EADDRNOTAVAIL|EHOSTUNREACH|EAFNOSUPPORT",
                    lambda: socket.create_connection(("fd00:ec2::254", 80), 2))
                end()
                """, heldBy: "network namespace"),
        Attack(
            threat: 20, phrase: "network: AF_VSOCK, NETLINK, PACKET",
            script: """
                for family in (40, 17, 38, 15, 29, 31, 21, 44, 0x100000028):
                    call(f"family {family}", "EAFNOSUPPORT", 41, family, 3, 0)
                    call(f"family {family} pair", "EAFNOSUPPORT", 53, family, 3, 0, ctypes.create_string_buffer(8))
                for protocol in range(1, 23): call(f"netlink {protocol}", "EAFNOSUPPORT", 41, 16, 3, protocol)
                end()
                """, heldBy: "seccomp"),
        Attack(
            threat: 20, phrase: "network: the system bus, a container engine's socket",
            script: """
                for path in ("/run/dbus/system_bus_socket", "/var/run/dbus/system_bus_socket", "/var/run/docker.sock", "/run/docker.sock",
                        "/run/podman/podman.sock", "/run/containerd/containerd.sock", "/run/systemd/private", "/run/systemd/notify",
                        "/dev/log", "/run/systemd/journal/socket", "/run/nscd/socket", "/run/user/0/bus"):
                    refused(path, "ENOENT|ENOTDIR", lambda: socket.socket(socket.AF_UNIX).connect(path))
                expect("/run", sorted(os.listdir("/run")) == ["bobbin", "events", "input", "links", "resolv.conf", "result", "schema"])
                end()
                """, heldBy: "private root"),
    ]
}
