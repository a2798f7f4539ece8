extension AttackCases {
    /// THREATS 16 to 18.
    static let surroundings: [Attack] = [
        Attack(
            threat: 16, phrase: "terminal injection (TIOCSTI, TIOCLINUX, high bits set)",
            script: """
                for request in (0x5412, 0x541C, 0x100005412, 0x10000541C, 0xFFFFFFFF00005412):
                    for descriptor in (0, 1, 2): call(hex(request), "EPERM", 16, descriptor, request, 0)
                refused("/dev/tty", "ENOENT|ENXIO", lambda: os.open("/dev/tty", os.O_RDWR))
                for path in ("/dev/console", "/dev/tty0", "/dev/ptmx", "/dev/pts/0"):
                    refused(path, "ENOENT|ENOTDIR", lambda: os.open(path, os.O_RDWR))
                end()
                """, heldBy: "seccomp, session, /dev"),
        Attack(
            threat: 16, phrase: "escapes and NUL in logs",
            script: #"import sys; sys.stdout.buffer.write(b"\x1b]0;taken\x07\x1b[2J\0\x9b31m\r"); end()"#, prints: nil,
            heldBy: "bytes kept, never shown raw",
            judge: { result in
                let wanted = Array("\u{1B}]0;taken\u{7}\u{1B}[2J\0".utf8) + [0x9B] + Array("31m\rheld\n".utf8)
                let status = result.bytes("status.json") ?? [0x1B]
                return result.bytes("stdout") == wanted && !status.contains { $0 < 0x20 && $0 != 0x0A }
                    ? nil : "\(result.stdout)"
            }),
        Attack(
            threat: 17, phrase: "descriptors: none but 0-2 inherited; /proc/self/fd/*",
            script: """
                found = {}
                for number in os.listdir("/proc/self/fd"):
                    # The listing's own is closed by now.
                    try: found[int(number)] = os.readlink(f"/proc/self/fd/{number}")
                    except FileNotFoundError: pass
                expect(str(found), set(found) == {0, 1, 2})
                for number in (0, 1, 2):
                    target = found[number]
                    expect(target, target.startswith("pipe:") or target == "/dev/null")
                    refused(f"through {number}", "ENOTDIR|ENOENT", lambda: os.open(f"/proc/self/fd/{number}/../../..", os.O_RDONLY))
                end()
                """, heldBy: "close_range"),
        Attack(
            threat: 17, phrase: "cwd through a leaked descriptor",
            script: """
                for number in range(0, 1024):
                    try: os.fchdir(number)
                    except OSError: continue
                    bad.append(f"{number} is a directory")
                for path in ("/proc/1/cwd", "/proc/1/root", "/proc/1/fd/3", "/proc/1/task/1/cwd"):
                    refused(path, "EACCES|EPERM|ENOENT", lambda: os.chdir(path))
                os.chdir("/")
                for _ in range(40): os.chdir("..")
                expect("the root has the host's", not os.path.exists(base) and not os.path.exists("/root"))
                end()
                """, heldBy: "close_range, private root"),
        Attack(
            threat: 17, phrase: "the daemon's and init's environ, mem, maps, fd, root",
            script: """
                for file in ("environ", "mem", "maps", "smaps", "auxv", "io", "syscall", "stack", "pagemap", "clear_refs"):
                    refused(f"init's {file}", "EACCES|EPERM|ENOENT", lambda: open(f"/proc/1/{file}", "rb").read(1) or os.open(".no", 0))
                for file in ("fd", "map_files", "ns/mnt", "root", "cwd", "exe"):
                    refused(f"init's {file}", "EACCES|EPERM|ENOENT",
                        lambda: os.listdir(f"/proc/1/{file}") if file in ("fd", "map_files") else os.readlink(f"/proc/1/{file}"))
                for pid in (daemon, launcher, keeper):
                    refused(pid, "ENOENT", lambda: os.open(f"/proc/{pid}/environ", os.O_RDONLY))
                expect(open("/proc/1/comm").read(), open("/proc/1/comm").read() == "init\\n")
                expect("init's command line", open("/proc/1/cmdline", "rb").read().strip(b"\\0") == b"")
                expect("the host's environment", set(os.environ) <= {"BOBBIN_RUN", "BOBBIN_NAME", "BOBBIN_QUEUE", "BOBBIN_ATTEMPT",
                    "BOBBIN_RESULT", "BOBBIN_EVENTS", "PYTHONPATH",
                    "BOBBIN_INPUT", "HOME", "TMPDIR", "PATH", "LANG", "TZ", "LC_CTYPE"})
                end()
                """, heldBy: "not dumpable, pid namespace"),
        Attack(
            threat: 18, phrase: "ptrace, process_vm_*, pidfd_getfd, kcmp, keyctl",
            script: """
                import signal
                child = os.fork()
                if child == 0: signal.pause()
                for pid in (1, child):
                    call("ptrace attach", "EPERM", 101, 16, pid, 0, 0)
                    call("ptrace seize", "EPERM", 101, 0x4206, pid, 0, 0)
                    call("process_vm_readv", "EPERM", 310, pid, 0, 0, 0, 0, 0)
                    call("process_vm_writev", "EPERM", 311, pid, 0, 0, 0, 0, 0)
                    call("kcmp", "EPERM", 312, pid, os.getpid(), 0, 0, 0)
                    call("pidfd_getfd", "EPERM", 438, os.pidfd_open(pid), 0, 0)
                    call("process_madvise", "EPERM", 440, os.pidfd_open(pid), 0, 0, 0, 0)
                call("keyctl", "EPERM", 250, 0, 0xFFFFFFFFFFFFFFFC, 1)
                call("add_key", "EPERM", 248, 0, 0, 0, 0, 0)
                call("request_key", "EPERM", 249, 0, 0, 0, 0)
                os.kill(child, 9)
                end()
                """, heldBy: "seccomp"),
        Attack(
            threat: 18, phrase: "SysV IPC of another run",
            script: """
                key = 0x0B0BB1
                call("shmget", "ENOENT", 29, key, 4096, 0)
                call("semget", "ENOENT", 64, key, 1, 0)
                call("msgget", "ENOENT", 68, key, 0)
                for file in ("shm", "sem", "msg"):
                    expect(file, len(open(f"/proc/sysvipc/{file}").readlines()) == 1)
                end()
                """, heldBy: "ipc namespace"),
        Attack(
            threat: 18, phrase: "POSIX queues of another run",
            script: """
                call("mq_open", "ENOENT", 240, ctypes.c_char_p(b"bobbin-witness"), os.O_RDWR, 0, 0)
                end()
                """, heldBy: "ipc namespace"),
        Attack(
            threat: 18, phrase: "abstract sockets of another run",
            script: """
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    refused("connect", "ECONNREFUSED", lambda: socket.socket(socket.AF_UNIX, kind).connect("\\0bobbin-witness"))
                refused("tcp", "ECONNREFUSED", lambda: socket.create_connection(("127.0.0.1", 5599), 2))
                expect("sockets", "bobbin-witness" not in open("/proc/net/unix").read())
                end()
                """, heldBy: "network namespace"),
        Attack(
            threat: 18, phrase: "locks as a channel between runs",
            script: """
                import fcntl
                for path in ("/tmp/witness", "/bundle/given", "/bundle/main.py"):
                    file = os.open(path, os.O_RDWR | os.O_CREAT)
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                other = os.open("/tmp/other", os.O_RDWR | os.O_CREAT)
                fcntl.fcntl(other, 37, (ctypes.c_short * 16)(fcntl.F_WRLCK))  # F_OFD_SETLK, which the kernel lists to all
                expect("the kernel's list", open("/proc/locks").read() == "")
                end()
                """, heldBy: "private mounts"),
    ]
}
