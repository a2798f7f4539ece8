import Foundation
import Glibc

extension String {
    /// Shell commands that are run in the spool's directory.
    var inSpool: String { "cd \"$SPOOL\" && { \(self)\n}" }
}

extension TemporarySpool {
    /// What readers see of a bundle's run that waits or runs.
    func live(_ name: String, _ queue: String = "default") -> ResultDirectory? {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: active(queue))) ?? []
        return entries.first { $0.dropLast(27) == name }.map { ResultDirectory(path: "\(active(queue))/\($0)") }
    }

    /// Waits until a run of the bundle is in that state, and returns its id.
    @discardableResult
    func run(
        of name: String, in state: String, queue: String = "default", within limit: Duration = .seconds(60)
    ) async throws -> String {
        try await eventually(within: limit, "\(queue)/\(name) is \(state); there is: \(everything(queue))") {
            guard let live = live(name, queue), live.state == state else { return nil }
            return String(live.path.suffix(26))
        }
    }

    /// How many runs of a queue wait or run.
    func liveCount(_ queue: String = "default") -> Int {
        ((try? FileManager.default.contentsOfDirectory(atPath: active(queue))) ?? []).filter { !$0.hasPrefix(".") }
            .count
    }

    /// For messages: what lies in a queue's directories.
    private func everything(_ queue: String) -> String {
        [inbox(queue), active(queue), outbox(queue)].map { path in
            let entries = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            return entries.prefix(20).map { "\($0) \(ResultDirectory(path: path + "/" + $0).state ?? "-")" }.joined(
                separator: ", ")
        }.joined(separator: " | ")
    }
}
