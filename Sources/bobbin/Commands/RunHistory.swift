import History
import Linux
import Presentation
import Runs
import Spool

/// One run of the history, whole.
struct RunHistory {
    private let view: SpoolView
    private let reader: HistoryReader

    init(_ view: SpoolView, _ reader: HistoryReader) {
        self.view = view
        self.reader = reader
    }

    func show(_ text: String, asJSON: Bool) throws {
        let record = try find(text)
        if asJSON {
            let line = HistoryJSONLines.line(record, HistoryColumn.allCases)
            let earlier = try reader.earlierAttempts(of: record.status)
            return Swift.print(earlier.isEmpty ? line : Self.adding(earlier, to: line), terminator: "")
        }
        let place = try? view.place(of: record.status.run, named: record.status.name, in: record.status.queue)
        for line in StatusText(record.status, place: place, in: view).lines { Console.print(line) }
        if record.account.utf8.elementsEqual(record.status.owner.utf8) == false { line("account", record.account) }
        if let priority = record.priority { line("priority", "\(priority)") }
        if let bytes = record.resultBytes { line("result", BytesText.text(bytes)) }
        if let bytes = record.bundleBytes { line("bundle", BytesText.text(bytes)) }
        try showAttempts(record)
        if let manifest = record.manifest {
            Console.print("")
            Console.print(Console.tinted("MANIFEST", .dim))
            Console.print(escaped(manifest.utf8))
        }
    }

    /// The line with one key more: how the attempts ended that another one followed, each with status.json's keys.
    private static func adding(_ earlier: [RunStatus], to line: String) -> String {
        let attempts = earlier.map { $0.json(pretty: false) }.joined(separator: ",")
        return line.dropLast(2) + ",\"attempts\":[\(attempts)]}\n"
    }

    private func line(_ key: String, _ value: String) {
        Console.print(key + String(repeating: " ", count: max(1, 11 - key.count)) + escaped(value.utf8))
    }

    /// A name means its latest run; of a beginning there must be one.
    private func find(_ text: String) throws -> HistoryRecord {
        let selector = try RunFinder.selector(text)
        var run = selector.run
        if run == nil, let name = selector.name, let latest = try reader.latest(name: name, queue: selector.queue) {
            return latest
        }
        if run == nil, let beginning = selector.beginning {
            let found = try reader.run(beginningWith: beginning)
            if found.count > 1 {
                let lines = found.map { "\n  \($0)" }.joined()
                throw Failure(.badData, "several runs begin with \(beginning); write more of the one you mean:\(lines)")
            }
            run = found.first
        }
        if let run, let record = try reader.record(run) { return record }
        throw Failure(
            .notFound,
            "the history knows no run that is called '\(escaped(text.utf8))'; what is not finished is shown by: bobbin ps"
        )
    }

    /// What it repeats back to the first, itself with each of its attempts, and what repeats it.
    private func showAttempts(_ record: HistoryRecord) throws {
        var earlier: [HistoryRecord] = []
        var seen: Set<RunID> = [record.status.run]
        var parent = record.status.parentRun
        // The database may have been edited into a circle.
        while let run = parent, seen.insert(run).inserted, earlier.count < 100, let found = try reader.record(run) {
            earlier.append(found)
            parent = found.status.parentRun
        }
        let own = try reader.earlierAttempts(of: record.status)
        let later = try reader.repeats(of: record.status.run).compactMap { try reader.record($0) }
        // One that was cancelled before another attempt ended has run no further one.
        let isOver = own.last.map { $0.attempt == record.status.attempt } ?? false
        let all = earlier.reversed().map(\.status) + own + (isOver ? [] : [record.status]) + later.map(\.status)
        Console.print("")
        var table = Table([
            .init(""), .init("ATTEMPTS"), .init("NO", right: true), .init("STATE"), .init("STARTED"),
            .init("WAITED", right: true),
            .init("TOOK", right: true), .init("PROCESSOR", right: true), .init("EXIT", right: true),
            .init("REASON", flexible: true),
        ])
        for status in all {
            table.add([
                .init(status.run == record.status.run ? ">" : ""), .init(status.run.description),
                .init(status.attempt.map { "\($0)" } ?? ""), .init(status.state.rawValue, status.state.tint),
                .init(
                    status.startedAt.map { MomentText.text($0, local: Console.outputIsTerminal) } ?? "not started", .dim
                ),
                .init(status.waitMilliseconds.map(ElapsedText.text) ?? ""),
                .init(status.wallMilliseconds.map(ElapsedText.text) ?? ""),
                .init(status.cpuMilliseconds.map(ElapsedText.text) ?? ""),
                .init(status.exitCode.map { "\($0)" } ?? status.signal.map { escaped($0.utf8) } ?? ""),
                .init(escaped((status.reason ?? "").utf8)),
            ])
        }
        Console.print(table)
        if let parent, !seen.contains(parent) || earlier.count == 100 {
            Console.print("repeats \(parent), which the history no longer knows")
        }
    }
}
