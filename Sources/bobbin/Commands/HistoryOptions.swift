import ArgumentParser
import Bundles
import History
import Linux
import Presentation
import Runs

/// Which runs of the history a command is about.
struct HistoryOptions: ParsableArguments {
    @Option(help: "Only these queues'.")
    var queue: [String] = []

    @Option(help: "Only those in these states.")
    var state: [String] = []

    @Option(help: "Only bundles of these names or patterns.")
    var name: [String] = []

    @Option(help: "Only these users'.")
    var owner: [String] = []

    @Option(help: ArgumentHelp("Only those with this label; may be given several times.", valueName: "key=value"))
    var label: [String] = []

    @Option(help: "Only those that these ran.")
    var runtime: [String] = []

    @Option(help: ArgumentHelp("Submitted then or later.", valueName: "moment"))
    var since: String?

    @Option(help: ArgumentHelp("Submitted before.", valueName: "moment"))
    var until: String?

    @Option(help: ArgumentHelp("Ran so long or longer.", valueName: "duration"))
    var longerThan: String?

    @Option(help: ArgumentHelp("Ran less than that.", valueName: "duration"))
    var shorterThan: String?

    @Option(help: ArgumentHelp("Ended by itself with this code, or one of a range as 2-125.", valueName: "code"))
    var exitCode: [String] = []

    @Option(help: ArgumentHelp("With this text in the reason, in any case.", valueName: "text"))
    var reason: String?

    var isEmpty: Bool { (try? filter()) == HistoryFilter() }

    func filter() throws -> HistoryFilter {
        var filter = HistoryFilter()
        filter.queues = try ListedValue.queues(queue)
        let states = RunState.final.map(\.rawValue)
        for word in try ListedValue.all(state, "state") {
            guard let state = RunState(rawValue: word), state.isFinal else {
                throw ListedValue.unknown(word, "final state", states)
            }
            filter.states.insert(state)
        }
        filter.names = try ListedValue.names(name)
        filter.owners = try ListedValue.all(owner, "owner")
        filter.labels = try label.map(Self.label)
        filter.runtimes = try ListedValue.all(runtime, "runtime")
        filter.since = try since.map(ListedValue.moment)
        filter.until = try until.map(ListedValue.moment)
        filter.longerThan = try longerThan.map(Self.duration)
        filter.shorterThan = try shorterThan.map(Self.duration)
        filter.exitCodes = try ListedValue.all(exitCode, "exit code").map(Self.exitCodes)
        if reason == "" { throw ValidationError("--reason has no text; leave it out for all reasons") }
        filter.reason = reason
        return filter
    }

    private static func label(_ text: String) throws -> Label {
        guard let equals = text.utf8.firstIndex(of: 0x3D), equals != text.startIndex else {
            throw ValidationError("'\(escaped(text.utf8))' is no label; write KEY=VALUE")
        }
        return Label(key: String(text[..<equals]), value: String(text[text.utf8.index(after: equals)...]))
    }

    private static func duration(_ text: String) throws -> Int64 {
        guard let duration = DurationText.parse(text) else {
            throw ValidationError("'\(escaped(text.utf8))' is no duration; write 90s, 15m or 1h30m")
        }
        return duration
    }

    private static func exitCodes(_ text: String) throws -> ClosedRange<Int32> {
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in part.allSatisfy(\.isASCII) && part.first != "+" ? Int32(part) : nil }
        guard numbers.count == parts.count, let first = numbers.first, let last = numbers.last, first <= last,
            first >= 0
        else {
            throw ValidationError("'\(escaped(text.utf8))' is no exit code; write a number, or a range as 2-125")
        }
        return first...last
    }
}
