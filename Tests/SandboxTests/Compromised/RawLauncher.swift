import Foundation
import Glibc
import Linux
import SandboxProtocol
import SystemPackage
import Testing

@testable import Sandbox

/// A real launcher, root's, as somebody would use it who has taken over the daemon: whatever bytes, whatever descriptors, replies read
/// or not. Its spool is laid out as the daemon's, with something in each place, beside a directory that is none of its business:
///
///     BASE/spool      the spool, user 64123's
///     BASE/outside    root's and others' files
final class RawLauncher {
    static let owner: UInt32 = 64123
    /// Of the first slot.
    static let runUser: UInt32 = 2_000_000_000

    let base: String
    let socket: MessageSocket
    let keeper: Int32
    private let control: MessageSocket
    private var last: UInt64 = 100

    var spool: String { base + "/spool" }
    var outside: String { base + "/outside" }

    private static let layout = """
        mkdir -p spool/inbox/q spool/inbox/r spool/active/q/n.RUN/files spool/active/r spool/outbox/q/o.RUN spool/outbox/r \
            spool/state/runs/one/bundle spool/state/runs/two spool/state/trash spool/state/archive/old/bundle \
            spool/state/environments/e spool/control/answers spool/history outside/tree/sub
        for f in bobbin.yaml state/lock state/runs/one/run.json state/runs/one/bundle/main.sh history/history.sqlite \
            inbox/q/drop.sh active/q/n.RUN/state outbox/q/o.RUN/state state/archive/old/run.json \
            state/archive/old/bundle/main.sh; do echo "$f" >spool/$f; done
        chown -R 64123:64123 spool; chown -R 4001:4002 spool/inbox/q/drop.sh spool/outbox/q/o.RUN
        chmod 700 spool/state; chmod 755 spool/state/runs/one/bundle/main.sh
        for f in secret mine tree/file tree/sub/file; do echo "$f" >outside/$f; chmod 600 outside/$f; done
        chown 4001:4001 outside/mine; mkfifo -m 666 outside/fifo; chmod 4755 outside/tree/file
        """

    /// - Parameters:
    ///   - prepare: shell commands, in BASE, before the launcher starts.
    ///   - mounts: shell commands in a mount namespace of the launcher's own.
    init(prepare: String = ":", mounts: String? = nil, hostNetwork: Bool = false, buildersNetwork: Bool = false) throws
    {
        var template = Array("/tmp/bobbin-raw-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        base = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(base, 0o755)
        try Self.shell("cd '\(base)' || exit; \(Self.layout)\n\(prepare)")
        var executable = TestSpool.executable
        if let mounts {
            let wrapper = base + "/mounting"
            // The spool's descriptor belongs to the namespace that is left.
            let inside = "cd \(base) && { \(mounts); } && cd / && exec 4<\(base)/spool && exec \(executable) \"$@\""
            try Self.shell(
                """
                cat >'\(wrapper)' <<'END' && chmod 755 '\(wrapper)'
                #!/bin/sh
                exec unshare -m --propagation private sh -ec '\(inside)' sh "$@"
                END
                """)
            executable = wrapper
        }
        var options = LauncherOptions(owner: FileOwnership(owner: Self.owner, group: Self.owner))
        options.hostNetwork = hostNetwork
        options.buildersNetwork = buildersNetwork
        options.firstRunUser = Self.runUser
        let (mine, keepers) = try MessageSocket.pair()
        control = mine
        let directory = try Directory(path: base + "/spool")
        keeper = try withExtendedLifetime(directory) {
            try LauncherProcess.spawn(executable, options, control: keepers.rawValue, spool: directory.rawValue)
        }
        // Whoever waits in vain says so.
        Self.limitWaiting(mine)
        let connection = try #require(try mine.receive()).descriptors
        socket = MessageSocket(
            OwnedDescriptor(taking: fcntl(try #require(connection.first).rawValue, F_DUPFD_CLOEXEC, 3)))
        Self.limitWaiting(socket)
        let greeting = try receive().reply
        try #require(greeting == .done)
    }

    deinit {
        shutdown(socket.rawValue, Int32(SHUT_RDWR))
        shutdown(control.rawValue, Int32(SHUT_RDWR))
        var status: Int32 = 0
        while waitpid(keeper, &status, 0) < 0, errno == EINTR {}
        _ = try? Self.shell("rm -rf -- '\(base)'")
    }

    private static func limitWaiting(_ socket: MessageSocket) {
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(socket.rawValue, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    @discardableResult
    static func shell(_ script: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-ec", "umask 022; " + script]
        let pipe = Foundation.Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(script)")
        return String(decoding: output, as: UTF8.self)
    }

    // MARK: Asking

    func send(_ bytes: [UInt8], _ descriptors: [Int32] = []) throws { try socket.send(bytes, descriptors: descriptors) }

    func receive() throws -> (number: UInt64, reply: Reply) {
        let message = try #require(try socket.receive(), "the launcher has ended")
        return try Reply.decode(message.bytes)
    }

    /// Asks and waits for the first answer to that; what comes for other numbers is passed over.
    func ask(_ request: Request, _ descriptors: [Int32] = [], as number: UInt64? = nil) throws -> Reply {
        last += 1
        let number = number ?? last
        try send(request.encoded(number: number), descriptors)
        while true {
            let (answered, reply) = try receive()
            if answered == number { return reply }
        }
    }

    /// Asks for a run, with /dev/null for what is not given.
    func run(
        _ plan: SandboxPlan, input: Int32? = nil, output: Int32? = nil, program: Int32? = nil, as number: UInt64? = nil
    ) throws -> Reply {
        let memory = try SealedMemory.make(plan.encoded(), name: "plan")
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        return try ask(
            .run(sendsProgram: program != nil),
            [memory.rawValue, input ?? null, output ?? null, null] + (program.map { [$0] } ?? []), as: number)
    }

    /// The same, to its end.
    func runToItsEnd(_ plan: SandboxPlan, output: Int32? = nil) throws -> Reply {
        last += 1
        let number = last
        let first = try run(plan, output: output, as: number)
        guard case .started = first else { return first }
        while true {
            let (answered, reply) = try receive()
            if answered == number { return reply }
        }
    }

    func plan(_ script: String = "exit 0", run: EntryName = "one", slot: UInt32 = 0) -> SandboxPlan {
        SandboxPlan(
            place: Place(["state", "runs", run]), slot: slot, program: .path([Array("/bin/sh".utf8)]),
            arguments: ["sh", "-c", script].map { Array($0.utf8) }, environment: [])
    }

    // MARK: Looking

    /// Whether it still answers.
    func isAlive() -> Bool {
        (try? ask(.measure(place: Place([]), name: "history"))).map { "\($0)".contains("report") } ?? false
    }

    /// The launcher itself: the keeper's child.
    var pid: Int32 {
        get throws {
            let children = try String(contentsOfFile: "/proc/\(keeper)/task/\(keeper)/children", encoding: .utf8)
            return try #require(children.split(separator: " ").first.flatMap { Int32($0) })
        }
    }

    /// Everything that no request may change, with owners, modes, sizes, link counts and times of change of content.
    func untouchable() throws -> String {
        try Self.shell(
            """
            cd '\(base)'; find outside spool/bobbin.yaml spool/history spool/inbox spool/state/lock \
                spool/state/runs/one/run.json spool/state/archive -exec stat -c '%n %u:%g %a %s %Y %h' {} + | sort
            """)
    }
}
