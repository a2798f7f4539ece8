import Foundation
import Glibc
import SystemPackage
import Testing

/// A spool for one suite or test, in a directory of its own that every user reaches:
///
///     BASE/spool     the spool; its queue `default` may be written by everybody
///     BASE/scratch   where drops are made, on the same filesystem; everybody may write here
///     BASE/log.N     what the Nth daemon said
///     BASE/bin       the programs, for a rootless daemon
final class TemporarySpool: Sendable {
    /// Who runs the daemon, and who drops.
    enum Mode: Sendable, Hashable, CaseIterable {
        /// root starts it; the spool belongs to one plain user, and another drops.
        case root
        /// One plain user does it all.
        case rootless

        /// What this machine's user can do: root can do both.
        static var possible: [Mode] { geteuid() == 0 ? [.root, .rootless] : [.rootless] }
    }

    let base: String
    let mode: Mode
    /// Whom the spool belongs to.
    let owner: UInt32
    /// Who drops, unless a test says otherwise.
    let dropper: UInt32
    /// The group of the queue `default`, which every user of the shell commands is in: its members read the results.
    let group: UInt32

    /// Where spool and scratch are; else in `base` itself.
    private let disk: SmallDisk?

    var path: String { (disk?.outside ?? base) + "/spool" }
    var scratch: String { (disk?.outside ?? base) + "/scratch" }
    /// As the daemon knows it.
    private var daemonPath: String { (disk?.inside ?? base) + "/spool" }
    func inbox(_ queue: String = "default") -> String { "\(path)/inbox/\(queue)" }
    func outbox(_ queue: String = "default") -> String { "\(path)/outbox/\(queue)" }
    func active(_ queue: String = "default") -> String { "\(path)/active/\(queue)" }

    /// - Parameters:
    ///   - settings: the text of bobbin.yaml; nil: there is none.
    ///   - disk: where spool and scratch are to be, and how large that is.
    init(_ mode: Mode? = nil, settings: String? = nil, disk: SmallDisk.Form? = nil) async throws {
        let root = geteuid() == 0
        self.mode = mode ?? (root ? .root : .rootless)
        // `nobody` has an entry in the user database everywhere: scp does not run for a user without one.
        let nobody: UInt32 = 65534
        owner = !root ? geteuid() : self.mode == .root ? 64123 : nobody
        dropper = self.mode == .root ? nobody : owner
        group = !root ? getegid() : self.mode == .root ? 64300 : owner
        let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        var template = Array("\(parent)/bobbin-system-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        base = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(base, 0o755)
        self.disk = if let disk { try await SmallDisk(disk, in: base) } else { nil }
        for directory in [path, path + "/inbox", inbox()] {
            mkdir(directory, 0o755)
            if root { chown(directory, owner, owner) }
        }
        mkdir(scratch, 0o755)
        chmod(scratch, 0o1777)
        if root { chown(inbox(), owner, group) }
        chmod(inbox(), 0o3777)
        if let settings { try configure(settings) }
        if root, self.mode == .rootless { try await BuiltPrograms.link(into: base + "/bin") }
    }

    /// Writes bobbin.yaml; a running daemon reads it at SIGHUP.
    func configure(_ settings: String) throws {
        try Data(settings.utf8).write(to: URL(fileURLWithPath: path + "/bobbin.yaml"))
        chmod(path + "/bobbin.yaml", 0o644)
    }

    /// Removes all of it, however deep it is; call it when no daemon runs on it.
    func remove() async {
        await disk?.remove()
        _ = try? await Command.run(["rm", "-rf", "--", base])
    }

    /// What goes before a command so that `user` runs it.
    func prefix(_ user: UInt32) -> [String] {
        if user == geteuid() { return [] }
        return ["setpriv", "--reuid", "\(user)", "--regid", "\(user)", "--groups", "\(group)", "--"]
    }

    /// The command that starts a daemon on this spool.
    func daemonCommand(_ arguments: [String]) -> [String] {
        let isRootless = mode == .rootless && geteuid() == 0
        let program = (isRootless ? base + "/bin" : BuiltPrograms.directory) + "/bobbind"
        let starter = disk?.starter ?? []
        return starter + (isRootless ? prefix(owner) : []) + [program, "--spool", daemonPath] + arguments
    }

    /// What goes before a command that is to see the spool, and the spool's path then.
    var commandPlace: (starter: [String], path: String) { (disk?.starter ?? [], daemonPath) }

    /// The small disk that it is on.
    var smallDisk: SmallDisk {
        get throws { try #require(disk, "the spool is on no disk of its own") }
    }

    /// Runs shell commands as a person would type them: as `user`, in `scratch`, `$INBOX` being a queue's inbox. Fails if any
    /// of them fails.
    @discardableResult
    func shell(
        _ script: String, as user: UInt32? = nil, queue: String = "default", environment: [String: String] = [:]
    ) async throws -> String {
        var variables = ["INBOX": inbox(queue), "OUTBOX": outbox(queue), "SPOOL": path, "SCRATCH": scratch]
        variables.merge(environment) { $1 }
        return try await Command.check(
            prefix(user ?? dropper) + ["bash", "-euo", "pipefail", "-c", script], environment: variables, in: scratch)
    }
}
