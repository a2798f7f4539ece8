import Glibc
import Linux
import Sandbox
import SandboxProtocol
import SystemPackage
import Testing

@Suite struct ProtocolTests {
    static let place = Place(["state", "runs", "01J"])
    static let requests: [Request] = [
        .run(sendsProgram: true), .terminate(run: 7), .kill(run: .max),
        .claim(queue: Place(["inbox", "q"]), name: "n", run: place, newName: "sent"),
        .look(queue: place, name: "n"),
        .take(run: place, name: "bundle.tmp", form: .script("x.py"), bytes: 1, entries: 2),
        .take(run: place, name: "bundle.tmp", form: .directory, bytes: 0, entries: 0),
        .collect(
            run: place, result: place, trash: nil, ownership: FileOwnership(owner: 1, group: 2), bytes: 3, entries: 4),
        .sendBack(run: place, result: place, ownership: FileOwnership(owner: 1, group: 2)),
        .publish(active: place, outbox: place, name: "n", ownership: FileOwnership(owner: 1, group: 2)),
        .remove(place: Place([]), name: EntryName(bytes: [0xFF, 0x0A])),
        .discard(place: place, name: "n", trash: place, newName: "m", deletes: true),
        .copy(place: place, name: "n", target: place, newName: "m", ownership: FileOwnership(owner: 1, group: 2)),
        .measure(place: Place([]), name: "inbox"),
        .makeDirectory(place: place, name: "q", mode: 0o2770, model: place),
        .sample(place: place, name: "upper", bytes: 5, entries: 6), .seal(place: place, bytes: 7, entries: 8),
        .reap(ProcessIdentity(pid: 2, startTime: 3)), .probe, .controlGroup,
    ]
    static let outOfMemory: SandboxUsage = {
        var usage = SandboxUsage(userMicroseconds: 1, systemMicroseconds: 2, maxResidentBytes: 3)
        usage.outOfMemory = .machine
        return usage
    }()
    static let replies: [Reply] = [
        .done, .failed(errno: 13, subject: "é"), .refused("no"), .report([1, 2]), .longReport,
        .published(before: true, bytes: 7),
        .started(ProcessIdentity(pid: 5, startTime: 6), enforced: [Enforcement(what: "a", by: "b")]),
        .notStarted(.bundle, errno: 22),
        .ended(.signalled(9), SandboxUsage(userMicroseconds: 1, systemMicroseconds: 2, maxResidentBytes: 3)),
        .ended(
            .failed(.execute, errno: 2), SandboxUsage(userMicroseconds: 0, systemMicroseconds: 0, maxResidentBytes: 0)),
        .ended(.killed, outOfMemory), .sampled(bytes: 7, entries: 8),
        .controlGroup(ControlGroupReport(path: "/sys/fs/cgroup/x", controllers: [.memory, .cpu], problem: "no pids")),
        .probed([ProbeResult(what: "x", errno: 1)]),
    ]

    static let plan: SandboxPlan = {
        var plan = SandboxPlan(
            place: place, slot: 3, program: .path([Array("/bin/sh".utf8)]), arguments: [[0x61], []],
            environment: [[0xFF]],
            workspace: .direct("w"))
        plan.shown = [.resolver]
        plan.hostNetwork = true
        return plan
    }()

    @Test("a request survives the way", arguments: requests) func request(_ request: Request) throws {
        let (number, decoded) = try Request.decode(request.encoded(number: 42))
        #expect(number == 42)
        #expect(decoded == request)
    }

    @Test("a reply survives the way", arguments: replies) func reply(_ reply: Reply) throws {
        let (number, decoded) = try Reply.decode(reply.encoded(number: 43))
        #expect(number == 43)
        #expect(decoded == reply)
    }

    @Test(arguments: [SandboxPlan.Workspace.overlay, .direct("w"), .empty])
    func plan(_ workspace: SandboxPlan.Workspace) throws {
        var plan = Self.plan
        plan.workspace = workspace
        #expect(try SandboxPlan(decoding: plan.encoded()) == plan)
        plan.packages = "e"
        #expect(try SandboxPlan(decoding: plan.encoded()) == plan)
        plan.workspace = .building
        #expect(throws: WireError.self, "both would be /env") { try SandboxPlan(decoding: plan.encoded()) }
        plan.packages = nil
        #expect(try SandboxPlan(decoding: plan.encoded()) == plan)
    }

    @Test func everyCutIsAnError() {
        for request in Self.requests {
            let bytes = request.encoded(number: 1)
            for length in bytes.indices {
                #expect(throws: WireError.self) { try Request.decode(Array(bytes[..<length])) }
            }
            #expect(throws: WireError.trailing) { try Request.decode(bytes + [0]) }
        }
        let bytes = Self.plan.encoded()
        for length in bytes.indices {
            #expect(throws: WireError.self) { try SandboxPlan(decoding: Array(bytes[..<length])) }
        }
    }

    /// Whatever comes is a value or an error, never a trap; and what is a value is a safe one.
    @Test func noiseIsHarmless() {
        var random = SystemRandomNumberGenerator()
        let seeds =
            Self.requests.map { $0.encoded(number: 1) } + [Self.plan.encoded()]
            + Self.replies.map { $0.encoded(number: 2) }
        for _ in 0..<20_000 {
            guard var bytes = seeds.randomElement(using: &random) else { return }
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                guard let index = bytes.indices.randomElement(using: &random) else { break }
                bytes[index] =
                    [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random)
                    ?? 0
            }
            if let (_, request) = try? Request.decode(bytes), case .remove(let place, let name) = request {
                #expect(name.isSafe && place.names.allSatisfy(\.isSafe))
            }
            _ = try? Reply.decode(bytes)
            _ = try? SandboxPlan(decoding: bytes)
        }
    }

    @Test("names that are none", arguments: ["", ".", "..", "a/b", "a\0b", "/etc", String(repeating: "x", count: 256)])
    func unsafeNames(_ name: String) {
        for request in [
            Request.remove(place: Self.place, name: EntryName(name)),
            .remove(place: Place([EntryName(name)]), name: "x"),
        ] { #expect(throws: WireError.self) { try Request.decode(request.encoded(number: 1)) } }
    }

    @Test func valuesThatMeanSomethingElse() {
        let nobody = FileOwnership(owner: .max, group: 0)
        for request: Request in [
            .reap(ProcessIdentity(pid: 1, startTime: 0)), .reap(ProcessIdentity(pid: -1, startTime: 0)),
            .sendBack(run: Self.place, result: Self.place, ownership: nobody),
            .makeDirectory(place: Self.place, name: "x", mode: 0o4755, model: Self.place),
            .take(run: Self.place, name: "x", form: .archive, bytes: -1, entries: 1),
            .remove(place: Place(Array(repeating: "x", count: 9)), name: "x"),
        ] { #expect(throws: WireError.self) { try Request.decode(request.encoded(number: 1)) } }
        var plan = Self.plan
        plan.limits.memory = 0
        #expect(throws: WireError.self) { try SandboxPlan(decoding: plan.encoded()) }
        plan.limits.memory = .max
        #expect(throws: WireError.self) { try SandboxPlan(decoding: plan.encoded()) }
        plan = Self.plan
        plan.program = .path([Array("sh".utf8)])
        #expect(throws: WireError.self) { try SandboxPlan(decoding: plan.encoded()) }
    }

    @Test func memoryMustBeSealed() throws {
        let sealed = try SealedMemory.make([1, 2, 3], name: "test")
        #expect(try SealedMemory.read(sealed.rawValue, limit: 3) == [1, 2, 3])
        #expect(throws: Errno.fileTooLarge) { try SealedMemory.read(sealed.rawValue, limit: 2) }
        let null = OwnedDescriptor(taking: open("/dev/null", O_RDONLY | O_CLOEXEC))
        #expect(throws: Errno.self) { try SealedMemory.read(null.rawValue, limit: 10) }
    }

    @Test func theLaunchersCommandLineSurvives() throws {
        var options = LauncherOptions(owner: FileOwnership(owner: 7, group: 8))
        options.firstRunUser = 100_000
        options.shown = ["/opt/R"]
        options.without = [.seccomp, .network]
        options.buildersNetwork = true
        options.linkDirectories = ["/srv/wheels"]
        #expect(try LauncherOptions(parsing: options.arguments) == options)
        for wrong in [
            ["--owner"], [], ["--owner", "x"], ["--owner", "1:2", "--show", "usr"], ["--owner", "1:2", "--what", "x"],
            ["--owner", "1:2", "--network", "all"], ["--owner", "1:2", "--find-links", "a"],
        ] {
            #expect(throws: LauncherUsageError.self) { try LauncherOptions(parsing: wrong) }
        }
    }
}
