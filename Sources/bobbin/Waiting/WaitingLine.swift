import Bundles
import Linux
import Runs
import Spool
import SystemPackage

/// The runs of a queue that wait, in the order in which they will start: by priority, then by when they were taken.
struct WaitingLine {
    let runs: [RunID]

    func position(of run: RunID) -> Int? { runs.firstIndex(of: run).map { $0 + 1 } }

    init(_ waiting: [(found: SpoolView.Found, status: RunStatus)]) {
        let ranked = waiting.map { (run: $0.status.run, rank: (Self.priority($0.found), $0.status.submittedAt)) }
        runs = ranked.sorted { ($0.rank.0, $0.rank.1, $0.run) < ($1.rank.0, $1.rank.1, $1.run) }.map(\.run)
    }

    /// The line of one queue; nil if it is too long to be looked at every second, or not readable.
    init?(of queue: QueueName, in view: SpoolView, atMost limit: Int) {
        guard let active = try? view.activeRuns(in: queue).runs, active.count <= limit else { return nil }
        self.init(
            active.compactMap { found in
                guard let status = try? found.status(), found.fits(status), status.isInLine else { return nil }
                return (found, status)
            })
    }

    private static func priority(_ found: SpoolView.Found) -> Int64 {
        let standard: Int64 = 50
        guard let bytes = try? found.directory().read(SpoolLayout.Result.manifest, limit: 4 << 20) else {
            return standard
        }
        return Document(reading: bytes, file: "manifest.json", format: .json, bounds: .init(size: 4 << 20)).root?[
            "priority"]?
            .integer ?? standard
    }
}

extension RunStatus {
    /// Whether it waits for its turn; one that waits for the time of another attempt is in no line yet.
    var isInLine: Bool { state == .queued && retryAt.map { $0 <= .now() } ?? true }
}
