import Foundation
import Runs

/// A spool in a directory of its own, and a stand-in for what the daemon does to it.
final class TestSpool {
    let directory: URL
    var spool: URL { directory.appendingPathComponent("spool") }

    init() async throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("commands-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let answer = try await bobbin("init", "spool", "--owner", "root")
        if answer.code != 0 {
            // An ordinary user's spool is its own.
            _ = try await bobbin("init", "spool")
        }
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    func bobbin(_ arguments: String..., input: String = "") async throws -> Program.Answer {
        try await Program.run(arguments, in: directory, input: input)
    }

    func start(_ arguments: String...) throws -> Program.Running { try Program.start(arguments, in: directory) }

    // MARK: Files

    @discardableResult
    func write(_ path: String, _ text: String, executable: Bool = false) throws -> URL {
        let url = directory.appendingPathComponent(path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        // As the daemon does it: whoever reads meanwhile sees the old or the new content.
        try Data(text.utf8).write(to: url, options: .atomic)
        if executable { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: url.path) }
        return url
    }

    func append(_ path: String, _ text: String) throws {
        let handle = try FileHandle(forWritingTo: directory.appendingPathComponent(path))
        defer { try? handle.close() }
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
    }

    /// Names in a directory, hidden ones too, in order.
    func list(_ path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory.appendingPathComponent(path).path)) ?? [])
            .sorted()
    }

    // MARK: The daemon's steps

    static func status(
        _ name: String, _ state: RunState, queue: String = "default", at milliseconds: Int64 = 1_790_000_000_000,
        run: RunID? = nil, code: Int32? = nil
    ) throws -> RunStatus {
        let moment = Timestamp(milliseconds: milliseconds)
        var generator = SystemRandomNumberGenerator()
        guard let bundle = BundleName(name), let place = QueueName(queue) else { throw CocoaError(.formatting) }
        var status = RunStatus(
            run: run ?? RunID(at: moment, using: &generator), name: bundle, queue: place, state: state, owner: "root",
            submittedAt: moment)
        status.exitCode = code
        if state != .queued {
            status.startedAt = moment
            status.attempt = 1
        }
        return status
    }

    static func path(_ status: RunStatus, _ part: String = "active") -> String {
        "spool/\(part)/\(status.queue)/\(status.name).\(status.run)"
    }

    /// Makes or renews what readers see of a run.
    func show(_ status: RunStatus, priority: Int = 50) throws {
        let path = Self.path(status)
        try write("\(path)/manifest.json", "{\"priority\": \(priority)}")
        try write("\(path)/status.json", status.json(pretty: true) + "\n")
        try write("\(path)/state", "\(status.state.rawValue)\n")
    }

    /// Publishes it: one rename, and the link.
    func publish(_ status: RunStatus, linked: Bool = true) throws {
        try show(status)
        let outbox = directory.appendingPathComponent("spool/outbox/\(status.queue)")
        try FileManager.default.createDirectory(at: outbox, withIntermediateDirectories: true)
        try FileManager.default.moveItem(
            at: directory.appendingPathComponent(Self.path(status)),
            to: directory.appendingPathComponent(Self.path(status, "outbox")))
        if !linked { return }
        let link = outbox.appendingPathComponent("\(status.name)").path
        try? FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "\(status.name).\(status.run)")
    }
}
