import ArgumentParser
import Linux
import Presentation
import Runs
import Spool

struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print what a run wrote to its standard output.",
        discussion: """
            The bytes as they were written; on a terminal, control characters are shown as \\xNN.

            EXAMPLES
              bobbin logs report
              bobbin logs report --stderr
              bobbin logs report --log                 what it logged, one JSON object a line
              bobbin logs report -f                    until the run is over
              bobbin logs report --attempt 1           of a run that was tried again
            """)

    @OptionGroup var spool: SpoolOption

    @Argument(help: ArgumentHelp("A beginning of the run's id, or its bundle's name.", valueName: "run"))
    var named: String

    @Flag(name: .shortAndLong, help: "Go on until the run is over.")
    var follow = false

    @Flag(help: "What it wrote to standard error instead.")
    var stderr = false

    @Flag(help: "What it logged, with levels, instead: log.jsonl.")
    var log = false

    @Option(help: "Of an earlier attempt, from 1. The last one otherwise.")
    var attempt: Int?

    func validate() throws {
        if let attempt, attempt < 1 { throw ValidationError("attempts are counted from 1") }
        if stderr, log { throw ValidationError("--stderr and --log exclude each other") }
        if attempt != nil, follow { throw ValidationError("-f follows the last attempt; leave --attempt out") }
    }

    func run() throws {
        let view = try spool.view()
        let finder = RunFinder(view)
        let log =
            self.log ? SpoolLayout.Result.log : stderr ? SpoolLayout.Result.stderr : SpoolLayout.Result.stdout
        let look = try finder.look(follow ? finder.findSoon(named) : finder.find(named))
        guard let place = look.place else {
            throw Failure(.no, "the result of run \(look.status.run) was deleted, and its output with it")
        }
        let last = look.status.attempt ?? 1
        if let attempt, attempt > last {
            throw Failure(
                .notFound, "\(look.status.name) (\(look.status.run)) has no attempt \(attempt); the last is \(last)")
        }
        // The last attempt's is in the result itself, unless it was to be tried again: while it waits, or if it was ended then.
        let isPutAway = Self.hasPutAway(last, place)
        let isFollowed = follow && !place.isFinished
        let earlier = attempt.flatMap { $0 < last || isPutAway ? $0 : nil } ?? (isPutAway && !isFollowed ? last : nil)
        var reader = LogReader(log, of: place, attempt: look.status.attempt, earlier: earlier)
        if isFollowed {
            try reader.follow(finder)
        } else {
            try reader.copyAll(look.status)
        }
    }

    private static func hasPutAway(_ attempt: Int, _ place: SpoolView.Found) -> Bool {
        let kept = try? place.directory().directory(SpoolLayout.Result.attempts)
        return (try? kept?.status(of: EntryName(String(attempt)))) != nil
    }
}
