import Linux
import Presentation
import Runs
import Spool
import SystemPackage

/// Finds the run that a caller named: in `active`, in the outbox, in the history.
struct RunFinder {
    let view: SpoolView
    let memory: Memory

    init(_ view: SpoolView) {
        self.view = view
        memory = Memory(of: view)
    }

    static func selector(_ text: String) throws(Failure) -> RunSelector {
        guard let selector = RunSelector(text) else {
            throw Failure(.notFound, "'\(escaped(text.utf8))' can be neither a run's id nor a bundle's name")
        }
        return selector
    }

    func find(_ text: String) throws(Failure) -> NamedRun { try find(Self.selector(text)) }

    func find(_ selector: RunSelector) throws(Failure) -> NamedRun {
        do {
            var unreadable: [QueueName] = []
            if let found = try findPresent(selector, &unreadable) { return .present(found) }
            if let status = try findRemembered(selector) { return .remembered(status) }
            if let beginning = selector.beginning, let found = try find(beginning: beginning, &unreadable) {
                return found
            }
            throw notFound(selector, unreadable)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure.reading(view.path, error as? Errno ?? .ioError)
        }
    }

    private func findPresent(_ selector: RunSelector, _ unreadable: inout [QueueName]) throws -> SpoolView.Found? {
        if let run = selector.run {
            let (runs, closed) = try view.find { $1 == run }
            unreadable += closed
            return runs.first
        }
        guard let name = selector.name else { return nil }
        func isWanted(_ found: SpoolView.Found) -> Bool {
            found.name == name && (selector.queue == nil || selector.queue == found.queue)
        }
        // What waits or runs was dropped after what the name's link points to; only where both are missing, an older result
        // of that name counts: its newer one was deleted.
        let (active, closed) = try view.activeRuns()
        let (linked, more) = try view.linked(name)
        unreadable += closed + more
        var candidates = (active + linked).filter(isWanted)
        if candidates.isEmpty { candidates = try view.find { candidate, _ in candidate == name }.runs.filter(isWanted) }
        return newest(candidates)
    }

    /// The newest drop. Run ids do not tell: droppers choose them.
    private func newest(_ runs: [SpoolView.Found]) -> SpoolView.Found? {
        if runs.count < 2 { return runs.first }
        let dated = runs.map { ($0, (try? $0.status())?.submittedAt ?? $0.run.time) }
        return dated.max { ($0.1, $0.0.run) < ($1.1, $1.0.run) }?.0
    }

    private func findRemembered(_ selector: RunSelector) throws(Failure) -> RunStatus? {
        if let run = selector.run { return try memory.status(of: run) }
        if let name = selector.name { return try memory.latest(name, selector.queue) }
        return nil
    }

    private func find(beginning: String, _ unreadable: inout [QueueName]) throws -> NamedRun? {
        let (runs, closed) = try view.find { $1.description.hasPrefix(beginning) }
        unreadable += closed
        let present = Set(runs.map(\.run))
        let remembered = try memory.runs(beginningWith: beginning).filter { !present.contains($0) }
        if runs.count + remembered.count > 1 { throw ambiguous(beginning, runs, remembered) }
        if let only = runs.first { return .present(only) }
        return try remembered.first.flatMap { try memory.status(of: $0) }.map { .remembered($0) }
    }

    private func ambiguous(_ beginning: String, _ runs: [SpoolView.Found], _ remembered: [RunID]) -> Failure {
        let lines = runs.map { "\($0.run)  \($0.queue)/\($0.name)" } + remembered.map { "\($0)  (its result is gone)" }
        let shown = lines.sorted().prefix(10).map { "\n  " + $0 }.joined()
        let more = lines.count > 10 ? "\n  …" : ""
        return Failure(
            .badData, "\(lines.count) runs begin with \(beginning); write more of the one you mean:\(shown)\(more)")
    }

    func notFound(_ selector: RunSelector, _ unreadable: [QueueName]) -> Failure {
        var text = "no run is called '\(escaped(selector.text.utf8))' in \(view.path)"
        if !unreadable.isEmpty {
            text += ", as far as you may look"
            let inbox = try? view.root.directory(SpoolLayout.inbox)
            for queue in Set(unreadable).sorted() {
                let directory = try? inbox?.status(of: EntryName(queue.description))
                text += "; queue '\(queue)' is closed to you: \(Account.howToJoin(directory))"
            }
        } else if memory.isClosedToCaller {
            text += "; results that were deleted are in the history, which is not yours to read: "
            text += Account.howToJoin(try? view.root.status(of: SpoolLayout.history))
        } else {
            text += "; see what there is with: bobbin ps, bobbin history"
        }
        return Failure(.notFound, text)
    }
}
