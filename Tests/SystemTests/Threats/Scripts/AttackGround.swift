// What attacks are made on: a started daemon, beside it on the host what no run may reach, and a run that holds one of each thing that
// runs could meet at. It stops itself, and when all attacks are over it goes on and looks at what is left of its own.

import Foundation
import Glibc
import Synchronization
import Testing

final class AttackGround: Sendable {
    @TaskLocal private static var current: AttackGround?
    static var shared: AttackGround { get throws { try #require(current, "the suite lacks its ground") } }

    let daemon: Daemon
    let pids: [Int32]
    private let listener: Int32
    let port: UInt16
    private let before: String
    private let lines = Mutex<[String]>([])

    private static let witness = #"""
        import fcntl, mmap, os, signal, socket, ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        stream = socket.socket(socket.AF_UNIX); stream.bind("\0bobbin-witness"); stream.listen()
        datagram = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); datagram.bind("\0bobbin-witness-d")
        tcp = socket.create_server(("127.0.0.1", 5599))
        shared = libc.shmget(0x0B0BB1, 4096, 0o1666); semaphore = libc.semget(0x0B0BB1, 1, 0o1666); messages = libc.msgget(0x0B0BB1, 0o1666)
        queue = libc.syscall(240, b"bobbin-witness", os.O_RDWR | os.O_CREAT, 0o666, (ctypes.c_long * 8)(0, 1, 64))
        held = open("/tmp/witness", "w+"); held.write("mine"); held.flush(); fcntl.flock(held, fcntl.LOCK_EX)
        given = open("/bundle/given", "r+"); fcntl.flock(given, fcntl.LOCK_EX)
        assert min(shared, semaphore, messages, queue) >= 0
        child = os.fork()
        if child == 0:
            while True: signal.pause()
        os.kill(os.getpid(), signal.SIGSTOP)
        for server in (stream, tcp):
            server.setblocking(False)
            try: server.accept(); print("somebody connected")
            except BlockingIOError: pass
        assert os.waitpid(child, os.WNOHANG) == (0, 0), "its child was killed"
        assert open("/tmp/witness").read() == "mine" and open("/bundle/given").read() == "as sent\n"
        assert libc.shmget(0x0B0BB1, 4096, 0) == shared and os.listdir("/tmp") == ["witness"]
        print("unharmed")
        """#

    private init(_ daemon: Daemon) async throws {
        self.daemon = daemon
        pids = [try #require(daemon.process?.pid), try daemon.launcher, try daemon.keeper]
        let outside = daemon.spool.base + "/outside"
        try await Command.check([
            "sh", "-c",
            "mkdir \(outside); echo secret >\(outside)/secret; chmod 777 \(outside); chmod 666 \(outside)/secret",
        ])
        (listener, port) = try Self.listen()
        before = try await Self.look(daemon)
        try daemon.spool.drop(
            "witness",
            files: ["main.py": Self.witness, "given": "as sent\n", "manifest.yaml": "entry: main.py\ntimeout: 30m\n"])
        try await eventually("the witness has stopped itself") { [daemon] in
            daemon.processes.contains {
                Processes.isStopped($0) && Processes.variable("BOBBIN_NAME", of: $0) == "witness"
            }
        }
    }

    /// Something on the host's own loopback.
    private static func listen() throws -> (Int32, UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | 0o2000000 /* SOCK_CLOEXEC */, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bound in
                bind(descriptor, bound, length) == 0 && Glibc.listen(descriptor, 8) == 0
                    && getsockname(descriptor, bound, &length) == 0
            }
        }
        try #require(isBound)
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    /// What no run may change.
    private static func look(_ daemon: Daemon) async throws -> String {
        try await Command.check([
            "sh", "-c",
            """
            cd \(daemon.spool.base); find outside spool/bobbin.yaml spool/inbox spool/control/cancel -exec stat -c '%n %u:%g %a' {} +
            cat outside/secret; cat /proc/sys/kernel/core_pattern
            find /tmp /var/tmp /dev/shm /usr/bin /usr/lib /etc /run / -maxdepth 1 -name '*bobbin-attack-marker*' 2>/dev/null || :
            """,
        ])
    }

    // MARK: One attack

    /// Makes it, and says in what it was not held.
    func make(_ attack: Attack) async throws {
        let spool = daemon.spool
        let name = spool.freshName("attack\(attack.threat)-")
        var files = attack.files
        let arguments = ([1] + pids).dropFirst().map(String.init) + [spool.path, spool.base, "\(port)"]
        let list = (["x"] + arguments).map { "'\($0)'" }.joined(separator: ", ")
        files["manifest.yaml", default: ""] +=
            "args: [\(list)]\n" + (attack.manifest.contains("timeout") ? "" : "timeout: 10m\n")
        try spool.drop(name, files: files)
        let result = try await spool.result(of: name, within: .seconds(150))
        var problems: [String] = []
        if let state = attack.state, result.state != state {
            problems.append("it is \(result.state ?? "without a state"): \(result)")
        }
        if let prints = attack.prints, result.stdout != prints {
            problems.append("it printed: \(result.stdout.prefix(2000))")
        }
        if let problem = try await attack.judge(result) { problems.append(problem) }
        let alive = Self.alive(run: result.run)
        if !alive.isEmpty { problems.append("alive after the result: \(alive)") }
        let now = [daemon.process?.pid ?? 0, (try? daemon.launcher) ?? 0, (try? daemon.keeper) ?? 0]
        if now != pids { problems.append("daemon, launcher and keeper were \(pids) and are \(now)") }
        let by = result.enforced[attack.heldBy].map { "\(attack.heldBy): \($0)" } ?? attack.heldBy
        lines.withLock {
            $0.append("\(problems.isEmpty ? "held" : "NOT HELD") | \(attack.threat) | \(attack.phrase) | \(by)")
        }
        #expect(problems.isEmpty, "\(attack.threat): \(attack.phrase): \(problems.joined(separator: "; "))")
    }

    /// Processes anywhere on the machine with a run's environment.
    static func alive(run: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).filter { entry in
            Int32(entry).map { Processes.variable("BOBBIN_RUN", of: $0) == run } ?? false
        }
    }

    /// After the last.
    private func judge() async throws {
        try await daemon.letGo("witness")
        let witness = try await daemon.spool.result(of: "witness")
        #expect(witness.state == "succeeded" && witness.stdout == "unharmed\n", "\(witness)")
        #expect(try await Self.look(daemon) == before, "the host was touched")
        var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        #expect(poll(&waiting, 1, 0) == 0, "somebody reached the host's loopback")
        close(listener)
        #expect(!daemon.log.utf8.contains(0x1B), "escapes in the daemon's log")
        let all = lines.withLock { $0 }
        let held = all.filter { $0.hasPrefix("held") }.count
        let mode = daemon.spool.mode
        let table = (all.sorted() + ["attacks, \(mode): \(all.count) tried, \(held) held"]).map { "[\(mode)] \($0)\n" }
            .joined()
        FileHandle.standardOutput.write(Data(table.utf8))
    }

    /// Gives all attacks of a suite one ground, and judges it when they are over.
    struct SuiteGround: SuiteTrait, TestScoping {
        let mode: TemporarySpool.Mode

        func provideScope(
            for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
        ) async throws {
            try await withDaemon(mode, settings: Brisk.settings(slots: 4)) { daemon in
                let ground = try await AttackGround(daemon)
                try await AttackGround.$current.withValue(ground) { try await function() }
                try await ground.judge()
            }
        }
    }
}

extension Trait where Self == AttackGround.SuiteGround {
    static func attackGround(_ mode: TemporarySpool.Mode) -> Self { Self(mode: mode) }
}
