import ArgumentParser
import History
import Linux
import Runs
import Spool

/// Which runs of the history are to run again.
struct RetryChoice: ParsableArguments {
    @Option(help: "Those of these queues.")
    var fromQueue: [String] = []

    @Option(help: "Those in these states.")
    var state: [String] = []

    @Option(help: "Bundles of these names or patterns.")
    var name: [String] = []

    @Option(help: "Those of these users.")
    var owner: [String] = []

    @Option(help: ArgumentHelp("Those with this label.", valueName: "key=value"))
    var label: [String] = []

    @Option(help: ArgumentHelp("Submitted then or later.", valueName: "moment"))
    var since: String?

    @Option(help: ArgumentHelp("Submitted before.", valueName: "moment"))
    var until: String?

    @Option(help: ArgumentHelp("With this text in the reason.", valueName: "text"))
    var reason: String?

    var isEmpty: Bool { arguments.isEmpty }

    func filter() throws -> HistoryFilter { try HistoryOptions.parse(arguments).filter() }

    /// The same as `bobbin history` would be asked.
    private var arguments: [String] {
        let lists = [
            ("--queue", fromQueue), ("--state", state), ("--name", name), ("--owner", owner), ("--label", label),
            ("--since", since.map { [$0] } ?? []), ("--until", until.map { [$0] } ?? []),
            ("--reason", reason.map { [$0] } ?? []),
        ]
        return lists.flatMap { option, values in values.flatMap { ["\(option)=\($0)"] } }
    }

    /// The runs, oldest first, once their number is confirmed.
    ///
    /// - Parameter isSaid: whether that was said beforehand.
    func runs(in view: SpoolView, isSaid: Bool) throws -> [RunStatus] {
        var filter = try filter()
        filter.limit = nil
        var found: [RunStatus] = []
        do {
            try Memory(of: view).reader().forEach(filter) { found.append($0.status) }
        } catch let error as HistoryError {
            throw Failure(error)
        }
        found.reverse()
        if found.isEmpty { throw Failure(.notFound, "no run of the history is like that") }
        let count = found.count == 1 ? "1 run" : "\(found.count) runs"
        if isSaid { return found }
        guard Console.errorIsTerminal, Console.inputIsTerminal else {
            throw Failure(.usage, "\(count) would be retried; say --yes if that is meant")
        }
        Console.show("retry \(count)? [y/N] ")
        guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
            throw Failure(.no, "nothing is retried")
        }
        return found
    }
}
