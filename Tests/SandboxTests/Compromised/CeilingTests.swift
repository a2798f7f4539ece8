import CLinux
import Foundation
import Glibc
import Linux
import SandboxProtocol
import Testing

extension CompromisedTests {
    /// Who has taken over the daemon asks root's launcher for weaker sandboxes than it was started to make.
    @Suite struct CeilingTests {
        @Test func theHostsNetworkIsGivenOnlyWhereItWasAllowed() throws {
            for isAllowed in [false, true] {
                let launcher = try RawLauncher(hostNetwork: isAllowed)
                var plan = launcher.plan()
                plan.hostNetwork = true
                let reply = try launcher.runToItsEnd(plan)
                if isAllowed {
                    #expect(reply.hasEnded(0), "\(reply)")
                } else if case .failed(let errno, let subject) = reply {
                    #expect(errno == EPERM && subject.contains("start bobbind again"), "\(subject)")
                } else {
                    Issue.record("\(reply)")
                }
            }
        }

        @Test("slots beyond the pool", arguments: [256, 65536, UInt32.max, UInt32.max - 2_000_000_000]) func slots(
            _ slot: UInt32
        ) throws {
            let launcher = try RawLauncher()
            #expect(try launcher.run(launcher.plan(slot: slot)) == .notStarted(.plan, errno: ERANGE))
        }

        @Test func noTwoRunsHaveOneUser() throws {
            let launcher = try RawLauncher(
                prepare: "mkdir spool/state/runs/two/bundle; chown 64123 spool/state/runs/two/bundle")
            guard case .started = try launcher.run(launcher.plan("sleep 1000"), as: 900) else {
                Issue.record("the first did not start")
                return
            }
            #expect(try launcher.run(launcher.plan(run: "two")) == .notStarted(.plan, errno: EBUSY))
            #expect(try launcher.run(launcher.plan(run: "two", slot: 1), as: 900) == .notStarted(.plan, errno: EINVAL))
            guard case .started = try launcher.run(launcher.plan(run: "two", slot: 1)) else {
                Issue.record("another slot is free")
                return
            }
            try launcher.send(Request.kill(run: 900).encoded(number: 0))
            while true {
                let (number, reply) = try launcher.receive()
                if number != 900 { continue }
                #expect(reply.isEnded)
                break
            }
            #expect(try launcher.runToItsEnd(launcher.plan()).hasEnded(0), "and now it is free again")
        }

        private static let key = "0123456789abcdef0123456789abcdef"
        private static let built = "spool/state/environments/\(key)"

        /// - Parameter script: what the builder does.
        private func builder(_ script: String) -> SandboxPlan {
            SandboxPlan(
                place: Place(["state", "environments", EntryName(Self.key + ".tmp")]), slot: 248,
                program: .path([Array("/bin/sh".utf8)]), arguments: ["sh", "-c", script].map { Array($0.utf8) },
                environment: [], workspace: .building)
        }

        private static let layout = """
            mkdir -p \(built)/env \(built).tmp/env \(built).tmp/bundle; chmod 711 spool/state/environments \(built) \(built).tmp
            echo packages >\(built)/env/word; chown -R 64123:64123 spool/state/environments
            """

        @Test func aRunSeesAnEnvironmentAndCannotWriteToIt() throws {
            let launcher = try RawLauncher(prepare: Self.layout)
            var plan = launcher.plan(
                "grep -q packages /env/word && ! touch /env/x && ! touch /env/word && ! rm /env/word")
            plan.packages = EntryName(Self.key)
            #expect(try launcher.runToItsEnd(plan).hasEnded(0))
            plan = launcher.plan("test -z \"$(ls -A /env)\"")
            #expect(try launcher.runToItsEnd(plan).hasEnded(0), "without one there is none")
        }

        @Test func aBuilderWritesToItsEnvironmentAndSeesNoRun() throws {
            let launcher = try RawLauncher(prepare: Self.layout)
            let before = try launcher.untouchable()
            let script =
                "echo x >/env/made && ! touch /bundle/x && test ! -e /run/input.x && ! touch /run/input && test -z \"$(ls -A /bundle)\""
            #expect(try launcher.runToItsEnd(builder(script)).hasEnded(0))
            #expect(access(launcher.spool + "/state/environments/\(Self.key).tmp/env/made", F_OK) == 0)
            #expect(try launcher.untouchable() == before)
            let reply = try launcher.ask(
                .seal(
                    place: Place(["state", "environments", EntryName(Self.key + ".tmp")]), bytes: 1 << 20, entries: 10))
            guard case .report = reply else {
                Issue.record("\(reply)")
                return
            }
            let owner = try RawLauncher.shell(
                "stat -c '%u %a' '\(launcher.spool)/state/environments/\(Self.key).tmp/env/made'")
            #expect(owner == "64123 644\n")
        }

        @Test("no environment is reached through a link", arguments: ["env", ""]) func linkedEnvironments(
            _ part: String
        ) throws {
            let place = "\(Self.built)\(part.isEmpty ? "" : "/" + part)"
            let launcher = try RawLauncher(
                prepare: Self.layout
                    + "\nrm -rf \(place); mkdir -p outside/env; echo secret >outside/env/word; ln -s \(part.isEmpty ? "../../../outside" : "../../../../outside/env") \(place)"
            )
            var plan = launcher.plan("ls -A /env")
            plan.packages = EntryName(Self.key)
            let reply = try launcher.runToItsEnd(plan)
            guard case .notStarted(.environment, let errno) = reply else {
                Issue.record("\(reply)")
                return
            }
            #expect(errno == ELOOP || errno == ENOTDIR, "\(errno)")
            var building = builder("touch /env/x")
            building.place = Place(["state", "environments", EntryName(Self.key)])
            guard case .refused = try launcher.run(building) else {
                Issue.record("it built in a sealed one")
                return
            }
        }

        @Test func theNetworkOfBuildersIsNoRuns() throws {
            let launcher = try RawLauncher(prepare: Self.layout, buildersNetwork: true)
            var plan = launcher.plan()
            plan.hostNetwork = true
            guard case .failed(EPERM, _) = try launcher.runToItsEnd(plan) else {
                Issue.record("a run had it")
                return
            }
            var building = builder("exit 0")
            building.hostNetwork = true
            #expect(try launcher.runToItsEnd(building).hasEnded(0))
            let other = try RawLauncher(prepare: Self.layout)
            guard case .failed(EPERM, _) = try other.runToItsEnd(building) else {
                Issue.record("a builder had it though no setting wants it")
                return
            }
        }

        /// What mount(2) would follow.
        @Test(
            "nothing of the host is mounted through a link",
            arguments: [
                ("input", "/proc/kallsyms"), ("input", "/proc/1/cmdline"), ("input", "/spool/bobbin.yaml"),
                ("input", "/base/bin/sh"),
                ("bundle", "/proc"), ("bundle", "/spool"), ("bundle", "/"), ("bundle", "../two"),
                ("bundle.tmp", "/proc"),
                ("bundle.tmp", "/spool/history"), ("bundle.tmp", "../../../history"),
            ])
        func links(_ name: EntryName, _ target: String) throws {
            let launcher = try RawLauncher(
                prepare: "rm -rf spool/state/runs/one/\(name); ln -s \(target) spool/state/runs/one/\(name)")
            let before = try launcher.untouchable()
            var plan = launcher.plan("ls /run/input /bundle; exit 0")
            if name == "input" { plan.shown = [.input] }
            if name == "bundle.tmp" { plan.workspace = .direct("bundle.tmp") }
            let reply = try launcher.runToItsEnd(plan)
            guard case .notStarted(let step, _) = reply else {
                Issue.record("\(name) → \(target): \(reply)")
                return
            }
            #expect([.bundle, .shown, .ownership].contains(step), "\(step)")
            #expect(try launcher.untouchable() == before)
        }

        @Test(
            "descriptors that lead out of the sandbox",
            arguments: ["directory", "socket", "device", "named pipe", "terminal", "path"])
        func descriptors(_ kind: String) throws {
            let launcher = try RawLauncher()
            let before = try launcher.untouchable()
            var held: [Int32] = []
            switch kind {
            case "directory": held = [open("/", O_RDONLY | O_DIRECTORY)]
            case "socket":
                held = [0, 0]
                socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &held)
            case "device": held = [open("/dev/zero", O_RDONLY)]
            case "named pipe": held = [open(launcher.outside + "/fifo", O_RDWR | O_NONBLOCK)]
            case "terminal": held = [open("/dev/ptmx", O_RDWR | O_NOCTTY)]
            default: held = [open("/etc", 0o10000000 /* O_PATH */)]
            }
            defer { for descriptor in held { close(descriptor) } }
            try #require(held[0] >= 0)
            for reply in [
                try launcher.run(launcher.plan(), input: held[0]), try launcher.run(launcher.plan(), output: held[0]),
            ] {
                #expect(reply == .notStarted(.output, errno: EINVAL), "\(kind): \(reply)")
            }
            var plan = launcher.plan()
            plan.program = .descriptor
            #expect(try launcher.run(plan, program: held[0]) == .notStarted(.output, errno: EINVAL))
            #expect(try launcher.untouchable() == before)
            #expect(launcher.isAlive())
        }

        @Test func aPlanMustBeSealedAndWhole() throws {
            let launcher = try RawLauncher()
            let null = open("/dev/null", O_RDWR | O_CLOEXEC)
            let file = open(launcher.outside + "/secret", O_RDONLY | O_CLOEXEC)
            let unsealed = linux_memfd_create("plan")
            let bytes = launcher.plan().encoded()
            write(unsealed, bytes, bytes.count)
            let short = try SealedMemory.make(Array(bytes.dropLast()), name: "plan")
            let long = try SealedMemory.make(bytes + [0], name: "plan")
            let huge = try SealedMemory.make([UInt8](repeating: 1, count: 32 << 20), name: "plan")
            defer { for descriptor in [null, file, unsealed] { close(descriptor) } }
            for plan in [null, file, unsealed, short.rawValue, long.rawValue, huge.rawValue] {
                let reply = try launcher.ask(.run(sendsProgram: false), [plan, null, null, null])
                guard case .notStarted(.plan, _) = reply else {
                    Issue.record("\(reply)")
                    continue
                }
            }
            for count in [0, 1, 3, 5, 8] {
                let reply = try launcher.ask(
                    .run(sendsProgram: false), Array(repeating: null, count: count))
                #expect(reply == .notStarted(.plan, errno: EINVAL), "\(count) descriptors")
            }
            // Beside a request that takes none they are closed.
            let open = try openFiles(launcher)
            for _ in 0..<50 { _ = try launcher.ask(.probe, [null, null, null, null]) }
            // What it opens for its own work comes and goes; 200 of them would be seen.
            #expect(try openFiles(launcher) < open + 50)
        }

        @Test func onlyRunsAreKilled() throws {
            let launcher = try RawLauncher()
            let pid = try launcher.pid
            let other = Process()
            other.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
            other.arguments = ["--reuid", "64123", "--clear-groups", "sleep", "1000"]
            other.standardOutput = FileHandle.nullDevice
            try other.run()
            defer { kill(other.processIdentifier, SIGKILL) }
            for victim in [pid, launcher.keeper, getpid(), getppid(), other.processIdentifier] {
                let stat = try String(contentsOfFile: "/proc/\(victim)/stat", encoding: .utf8)
                let fields = try #require(stat.split(separator: ")").last).split(separator: " ")
                let identity = ProcessIdentity(pid: victim, startTime: try #require(UInt64(fields[19])))
                #expect(try launcher.ask(.reap(identity)) == .failed(errno: EPERM, subject: "not a sandbox"))
            }
            for pid: Int32 in [1, 0, -1, -pid, .min] {
                guard case .refused = try launcher.ask(.reap(ProcessIdentity(pid: pid, startTime: 0))) else {
                    Issue.record("pid \(pid) was taken")
                    continue
                }
            }
            for number in [0, 1, UInt64(pid), UInt64(other.processIdentifier), .max] {
                try launcher.send(Request.terminate(run: number).encoded(number: 0))
                try launcher.send(Request.kill(run: number).encoded(number: 0))
            }
            #expect(launcher.isAlive())
            #expect(try launcher.pid == pid && other.isRunning)
        }

        private func openFiles(_ launcher: RawLauncher) throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/\(launcher.pid)/fd").count
        }
    }
}

extension Reply {
    fileprivate var isEnded: Bool { if case .ended = self { true } else { false } }
}
