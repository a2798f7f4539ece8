import Runs
import Spool
import SystemPackage

/// Everything that waits or runs: what runs first, then each queue's waiting ones in their order.
struct ActiveRuns {
    struct Run {
        let status: RunStatus
        /// In its queue, from 1, if it waits.
        let position: Int?
    }

    private(set) var runs: [Run] = []
    let unreadable: [QueueName]

    init(in view: SpoolView, _ queue: QueueName?) throws(Failure) {
        let found: [SpoolView.Found]
        do {
            (found, unreadable) = try view.activeRuns(in: queue)
        } catch {
            throw Failure.reading("\(view.path)/active", error)
        }
        var waiting: [QueueName: [(found: SpoolView.Found, status: RunStatus)]] = [:]
        for run in found {
            // One that is gone has just finished; one that does not fit was edited by its reader and is not believed.
            guard let status = try? run.status(), run.fits(status), !status.state.isFinal else { continue }
            if status.isInLine {
                waiting[run.queue, default: []].append((run, status))
            } else {
                runs.append(Run(status: status, position: nil))
            }
        }
        runs.sort { ($0.status.startedAt ?? $0.status.submittedAt) < ($1.status.startedAt ?? $1.status.submittedAt) }
        for (_, queued) in waiting.sorted(by: { $0.key < $1.key }) {
            let line = WaitingLine(queued)
            let statuses = Dictionary(queued.map { ($0.status.run, $0.status) }) { first, _ in first }
            for (index, run) in line.runs.enumerated() {
                if let status = statuses[run] { runs.append(Run(status: status, position: index + 1)) }
            }
        }
    }
}
