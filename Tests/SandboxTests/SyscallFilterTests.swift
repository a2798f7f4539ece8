import Glibc
import Linux
import LauncherCore
import Sandbox
import SandboxProtocol
import Testing

/// Calls that the filter must refuse, made from inside by number, past any libc.
@Suite(.enabled(if: CallTable.isSupported, "the call numbers below are x86-64's")) struct SyscallFilterTests {
    @Test func refused() async throws {
        let spool = try TestSpool()
        var script = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        script += "def call(name, wanted, *args):\n"
        script += "    ctypes.set_errno(0)\n"
        script += "    result = libc.syscall(*[ctypes.c_ulong(a) for a in args])\n"
        script += "    if result != -1 or ctypes.get_errno() != wanted: print(name, result, ctypes.get_errno())\n"
        for call in CallTable.refused { script += "call('\(call.name)', \(call.errno), \(call.arguments))\n" }
        script += "print('done')\n"
        try spool.prepare("one")
        let started = try await spool.start(spool.plan("one", ["/usr/bin/python3", "-c", script]))
        #expect(try await started.run.end().end == .exited(code: 0))
        #expect(started.read() == "done\n")
    }

    @Test(
        "a call of another architecture is death",
        arguments: [
            // getpid as x32 has it, and by the 32-bit gate: mov eax, 20; int 0x80; ret.
            "libc.syscall(0x40000027)",
            "m = mmap.mmap(-1, 4096, prot=7); m.write(bytes([0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xc3])); "
                + "ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()",
        ])
    func foreign(_ call: String) async throws {
        let spool = try TestSpool()
        try spool.prepare("one")
        let script = "import ctypes, mmap\nlibc = ctypes.CDLL(None)\n\(call)\nprint('alive')"
        let started = try await spool.start(spool.plan("one", ["/usr/bin/python3", "-c", script]))
        #expect(try await started.run.end().end == .signalled(SIGSYS))
    }

    @Test(
        "what programs need goes on",
        arguments: [
            "import threading; t = threading.Thread(target=print, args=('ok',)); t.start(); t.join()",
            "import subprocess; print(subprocess.run(['echo', 'ok'], capture_output=True, text=True).stdout, end='')",
            "import multiprocessing as m; print('ok' if m.Pool(2).map(abs, [-1, -2]) == [1, 2] else 'no')",
            "import socket; s = socket.create_server(('127.0.0.1', 0)); c = socket.create_connection(s.getsockname()); print('ok')",
            "import socket; a, b = socket.socketpair(); a.send(b'ok\\n'); print(b.recv(9).decode(), end='')",
            "import socket; socket.if_nameindex(); socket.getaddrinfo('localhost', 80); print('ok')",
            "import signal; signal.alarm(1); signal.signal(signal.SIGALRM, lambda *a: print('ok')); signal.pause()",
            "import os; r, w = os.pipe(); os.pidfd_open(os.getpid()); os.memfd_create('x'); print('ok')",
        ])
    func allowed(_ script: String) async throws {
        let spool = try TestSpool()
        try spool.prepare("one")
        let started = try await spool.start(spool.plan("one", ["/usr/bin/python3", "-c", script]))
        #expect(try await started.run.end().end == .exited(code: 0))
        #expect(started.read() == "ok\n")
    }
}

enum CallTable {
    #if arch(x86_64)
    static let isSupported = true
    #else
    static let isSupported = false
    #endif

    struct Call {
        let name: String
        let errno: Int32
        /// The number first, as Python writes it.
        let arguments: String
    }

    static let refused: [Call] = [
        Call(name: "mount", errno: EPERM, arguments: "165, 0, 0, 0, 0, 0"),
        Call(name: "umount2", errno: EPERM, arguments: "166, 0, 0"),
        Call(name: "pivot_root", errno: EPERM, arguments: "155, 0, 0"),
        Call(name: "chroot", errno: EPERM, arguments: "161, 0"),
        Call(name: "unshare", errno: EPERM, arguments: "272, 0x10000000"),
        Call(name: "setns", errno: EPERM, arguments: "308, 0, 0"),
        Call(name: "clone, user namespace", errno: EPERM, arguments: "56, 0x10000011, 0, 0, 0, 0"),
        Call(name: "clone, network namespace", errno: EPERM, arguments: "56, 0x40000011, 0, 0, 0, 0"),
        Call(name: "clone, mount namespace among others", errno: EPERM, arguments: "56, 0x20020011, 0, 0, 0, 0"),
        Call(name: "clone3", errno: ENOSYS, arguments: "435, 0, 0"),
        Call(name: "open_tree", errno: ENOSYS, arguments: "428, 0, 0, 0"),
        Call(name: "fsopen", errno: ENOSYS, arguments: "430, 0, 0"),
        Call(name: "move_mount", errno: ENOSYS, arguments: "429, 0, 0, 0, 0, 0"),
        Call(name: "mount_setattr", errno: ENOSYS, arguments: "442, 0, 0, 0, 0, 0"),
        Call(name: "open_by_handle_at", errno: EPERM, arguments: "304, 0, 0, 0"),
        Call(name: "add_key", errno: EPERM, arguments: "248, 0, 0, 0, 0, 0"),
        Call(name: "request_key", errno: EPERM, arguments: "249, 0, 0, 0, 0"),
        Call(name: "keyctl", errno: EPERM, arguments: "250, 0, 0, 0, 0, 0"),
        Call(name: "io_uring_setup", errno: ENOSYS, arguments: "425, 1, 0"),
        Call(name: "bpf", errno: EPERM, arguments: "321, 0, 0, 0"),
        Call(name: "userfaultfd", errno: EPERM, arguments: "323, 0"),
        Call(name: "perf_event_open", errno: EPERM, arguments: "298, 0, 0, 0, 0, 0"),
        Call(name: "ptrace", errno: EPERM, arguments: "101, 0, 0, 0, 0"),
        Call(name: "process_vm_readv", errno: EPERM, arguments: "310, 1, 0, 0, 0, 0, 0"),
        Call(name: "pidfd_getfd", errno: EPERM, arguments: "438, 0, 0, 0"),
        Call(name: "kcmp", errno: EPERM, arguments: "312, 1, 1, 0, 0, 0"),
        Call(name: "kexec_load", errno: EPERM, arguments: "246, 0, 0, 0, 0"),
        Call(name: "init_module", errno: EPERM, arguments: "175, 0, 0, 0"),
        Call(name: "modify_ldt", errno: EPERM, arguments: "154, 0, 0, 0"),
        Call(name: "personality, READ_IMPLIES_EXEC", errno: EPERM, arguments: "135, 0x400000"),
        Call(name: "clock_settime", errno: EPERM, arguments: "227, 0, 0"),
        Call(name: "TIOCSTI", errno: EPERM, arguments: "16, 0, 0x5412, 0"),
        Call(name: "TIOCSTI with high bits", errno: EPERM, arguments: "16, 0, 0x100005412, 0"),
        Call(name: "TIOCLINUX", errno: EPERM, arguments: "16, 0, 0x541C, 0"),
        Call(name: "AF_PACKET", errno: EAFNOSUPPORT, arguments: "41, 17, 3, 0"),
        Call(name: "AF_VSOCK", errno: EAFNOSUPPORT, arguments: "41, 40, 1, 0"),
        Call(name: "AF_ALG", errno: EAFNOSUPPORT, arguments: "41, 38, 5, 0"),
        Call(name: "AF_VSOCK with high bits", errno: EAFNOSUPPORT, arguments: "41, 0x100000028, 1, 0"),
        Call(name: "AF_KEY", errno: EAFNOSUPPORT, arguments: "41, 15, 3, 2"),
        Call(name: "NETLINK_AUDIT", errno: EAFNOSUPPORT, arguments: "41, 16, 3, 9"),
    ]
}
