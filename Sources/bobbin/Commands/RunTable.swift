import Linux
import Presentation
import Runs

/// Runs as a table, one a line.
struct RunTable {
    let table: Table

    /// - Parameter runs: with what is said of one that is not in its status, as its place in the queue.
    init(_ runs: [(status: RunStatus, note: String?)], isHistory: Bool) {
        let isLocal = Console.outputIsTerminal
        var table = Table([
            .init("RUN"), .init("NAME", flexible: true), .init("QUEUE", flexible: true), .init("STATE"),
            .init("OWNER", flexible: true), .init(isHistory ? "SUBMITTED" : "SINCE"), .init("TIME", right: true),
            .init(isHistory ? "EXIT" : "", right: isHistory, flexible: !isHistory),
        ])
        for (status, note) in runs {
            table.add([
                .init(status.run.description), .init(status.name.description), .init(status.queue.description),
                .init(status.state.rawValue, status.state.tint), .init(escaped(status.owner.utf8)),
                .init(
                    MomentText.text(
                        isHistory ? status.submittedAt : status.startedAt ?? status.submittedAt, local: isLocal),
                    .dim),
                .init(Self.time(status)),
                .init(note ?? status.exitCode.map { "\($0)" } ?? status.signal.map { escaped($0.utf8) } ?? ""),
            ])
        }
        self.table = table
    }

    private static func time(_ status: RunStatus) -> String {
        if status.state.isFinal { return status.wallMilliseconds.map(ElapsedText.text) ?? "" }
        let since = status.startedAt ?? status.submittedAt
        return ElapsedText.text(Timestamp.now().milliseconds - since.milliseconds)
    }
}
