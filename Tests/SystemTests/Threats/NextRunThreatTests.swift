import Foundation
import Testing

/// THREATS 27: nothing of one run reaches the next in its slot.
@Suite("scripts 27: the next run in the slot", .inTurn, .needs("python3"))
struct NextRunThreatTests {
    /// What a run can leave where the next one in its slot, of the same user outside, would look.
    private static let leaving = #"""
        import ctypes, mmap, os, resource, socket, subprocess, sys
        libc = ctypes.CDLL(None, use_errno=True)
        for path in ["/tmp/left", "/dev/shm/left", "/var/tmp/left", "left-beside"]: open(path, "w").write("secret-word")
        os.makedirs("/tmp/closed"); os.chmod("/tmp/closed", 0)
        os.mkfifo("/tmp/pipe")
        # Refused inside; if one were not, it must not be seen by the next.
        libc.shmget(0x5EC, 4096, 0o1666); libc.semget(0x5EC, 1, 0o1666); libc.msgget(0x5EC, 0o1666)
        libc.syscall(248, b"user", b"left", b"secret-word", 11, -5)
        s = socket.socket(socket.AF_UNIX); s.bind("\0left"); s.listen()
        for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE):
            soft, hard = resource.getrlimit(limit); resource.setrlimit(limit, (hard // 2, hard // 2))
        os.nice(5)
        subprocess.Popen(["sleep", "600"], start_new_session=True)
        subprocess.Popen(["sh", "-c", "trap '' TERM HUP; sleep 600"])
        os.chmod(".", 0o777); os.symlink("/tmp", "link"); os.environ["LEFT"] = "secret-word"
        try: socket.sethostname("other")
        except OSError: pass
        # Used up, so that counters which stayed would be seen.
        data = bytearray(200 << 20); data[::4096] = b"x" * len(data[::4096])
        end = os.times().user + 0.3
        while os.times().user < end: pass
        os.umask(0o777)
        print(open("/proc/self/limits").read())
        """#

    /// Prints what it finds; each line is something that it should not.
    private static let looking = #"""
        import ctypes, os, resource, socket, sys
        libc = ctypes.CDLL(None, use_errno=True)
        def found(*what): print("found", *what)
        for place in ["/tmp", "/dev/shm", "/var/tmp"]:
            for name in os.listdir(place): found(place, name)
        for name in sorted(os.listdir(".")):
            if name != os.path.basename(sys.argv[0]): found("beside it", name)
        if libc.shmget(0x5EC, 4096, 0) >= 0 or libc.semget(0x5EC, 1, 0) >= 0 or libc.msgget(0x5EC, 0) >= 0: found("IPC")
        if libc.syscall(249, b"user", b"left", None, 0) >= 0: found("a key")
        try: keys = open("/proc/keys").read()
        except OSError: keys = ""
        if "left" in keys: found("keys", keys)
        for file in ("shm", "sem", "msg"):
            if len(open(f"/proc/sysvipc/{file}").readlines()) != 1: found("IPC", file)
        try: socket.socket(socket.AF_UNIX).connect("\0left"); found("a socket")
        except OSError: pass
        others = [p for p in os.listdir("/proc") if p.isdigit() and int(p) not in (1, os.getpid())]
        if others: found("processes", others)
        if os.nice(0) != 0: found("niceness", os.nice(0))
        if (mask := os.umask(0o022)) != 0o022: found("umask", oct(mask))
        if socket.gethostname() != "bobbin" or "LEFT" in os.environ: found(socket.gethostname(), dict(os.environ))
        if resource.getrlimit(resource.RLIMIT_NOFILE)[0] != 1024: found("limits", resource.getrlimit(resource.RLIMIT_NOFILE))
        for line in open("/proc/self/cgroup"):
            if line.startswith("0::") and line != "0::/\n": found("its group's name", line)
        print(open("/proc/self/limits").read())
        """#

    @Test(arguments: TemporarySpool.Mode.possible) func findsNothingOfTheLast(_ mode: TemporarySpool.Mode) async throws
    {
        try await withDaemon(mode, settings: Brisk.settings(slots: 1)) { daemon in
            let spool = daemon.spool
            try spool.drop("first.py", script: Self.looking)
            let first = try await spool.result(of: "first.py")
            try spool.drop("leaving.py", script: Self.leaving)
            let left = try await spool.result(of: "leaving.py")
            #expect(left.state == "succeeded", "\(left)")
            #expect(left.text("files/left-beside") == "secret-word")
            #expect(AttackGround.alive(run: left.run).isEmpty)
            try spool.drop("second.py", script: Self.looking)
            let second = try await spool.result(of: "second.py")
            for result in [first, second] {
                #expect(result.state == "succeeded", "\(result)")
                #expect(!result.stdout.contains("found"), "\(result.stdout)")
            }
            // The same limits as before, and the figures of a small run, not of the one before it.
            #expect(first.stdout == second.stdout)
            #expect(left.status["cpu_seconds"] as? Double ?? 0 > 0.25)
            #expect(second.status["cpu_seconds"] as? Double ?? 9 < 0.25, "\(second)")
            #expect(left.status["max_rss_bytes"] as? Int ?? 0 > 150 << 20)
            #expect(second.status["max_rss_bytes"] as? Int ?? .max < 100 << 20, "\(second)")
        }
    }
}
