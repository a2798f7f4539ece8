// How a command waits for a run. The daemon's way of a drop is: entry in the inbox, then nowhere that a reader can see while it
// is taken over, then active/QUEUE/NAME.RUN, then by one rename outbox/QUEUE/NAME.RUN, which its owner may delete at any
// moment. The waiting looks at these places again and again: a notice from the outbox makes it look at once, and the time
// between two looks grows to a quarter of a second, two stat calls each.

import Bundles
import Linux
import Presentation
import Runs
import Spool
import SystemPackage

/// Waits until runs are over.
struct RunWait {
    private let view: SpoolView
    private let finder: RunFinder
    /// By `MonotonicTime`.
    private let deadline: Int64?
    private var progress: WaitProgress

    init(_ view: SpoolView, timeout: Int64?) {
        self.view = view
        finder = RunFinder(view)
        deadline = timeout.map { MonotonicTime.now().addingReportingOverflow($0) }.map {
            $0.overflow ? .max : $0.partialValue
        }
        progress = WaitProgress(view)
    }

    /// A run that a caller named. A drop of that name that is still in the inbox is newer than every run there is.
    mutating func wait(for text: String) throws(Failure) -> RunStatus {
        let selector = try RunFinder.selector(text)
        // A run that is being taken over is nowhere to be seen.
        let patience: Int64 = selector.run == nil ? 1000 : 5000
        let start = MonotonicTime.now()
        var pause = Pause()
        while true {
            if let dropped = InboxEntry.find(selector, in: view) { return try wait(for: dropped) }
            do {
                let look = try finder.look(finder.find(selector))
                if look.status.state.isFinal { return look.status }
                return try wait(look.status.run, look.status.name, look.status.queue, isCertain: false)
            } catch {
                if error.code != .notFound || MonotonicTime.now() - start > patience { throw error }
            }
            try checkDeadline(text)
            pause.sleep()
        }
    }

    private mutating func wait(for dropped: InboxEntry) throws(Failure) -> RunStatus {
        if let run = dropped.drop.run {
            return try wait(run, dropped.drop.name, dropped.queue, isCertain: false, entry: dropped)
        }
        // The daemon chooses the id: the run is the one of that name that was not there before.
        let name = dropped.drop.name
        let before = try runs(name, in: dropped.queue)
        var pause = Pause()
        var leftAt: Int64?
        while true {
            if let run = try runs(name, in: dropped.queue).subtracting(before).max() {
                return try wait(run, name, dropped.queue, isCertain: false)
            }
            if dropped.isPresent(in: view) {
                progress.show("\(name): in the inbox, not taken yet")
            } else {
                leftAt = leftAt ?? MonotonicTime.now()
                progress.show("\(name): being taken over")
                if let leftAt, MonotonicTime.now() - leftAt > 60_000 {
                    throw Failure(
                        .notFound, "'\(name)' left the inbox of '\(dropped.queue)', but no run of it appeared")
                }
            }
            try checkDeadline(name.description)
            pause.sleep()
        }
    }

    private func runs(_ name: BundleName, in queue: QueueName) throws(Failure) -> Set<RunID> {
        do {
            return Set(try view.find { candidate, _ in candidate == name }.runs.filter { $0.queue == queue }.map(\.run))
        } catch {
            throw Failure.reading(view.path, error)
        }
    }

    /// Waits for a run by its id.
    ///
    /// - Parameter isCertain: it was submitted just now, so it comes, however long it is nowhere to be seen.
    mutating func wait(
        _ run: RunID, _ name: BundleName, _ queue: QueueName, isCertain: Bool, entry: InboxEntry? = nil
    ) throws(Failure) -> RunStatus {
        defer { progress.erase() }
        var watch: OutboxWatch?
        var pause = Pause()
        var missingSince: Int64?
        while true {
            let place: SpoolView.Found?
            do {
                place = try view.place(of: run, named: name, in: queue)
                if watch == nil, let outbox = try view.directoryIfPresent(SpoolLayout.outbox, queue) {
                    watch = OutboxWatch(outbox)
                    // It may have been published before the watch was set.
                    if watch != nil { continue }
                }
            } catch {
                let outbox = try? view.root.directory(SpoolLayout.inbox).directory(EntryName(queue.description))
                throw Failure(
                    .notFound,
                    "cannot see the runs of queue '\(queue)': \(error); \(Account.howToJoin(outbox))")
            }
            if let place {
                missingSince = nil
                if place.isFinished { return try finder.look(.present(place)).status }
                progress.show(place)
            } else {
                let since = missingSince ?? MonotonicTime.now()
                missingSince = since
                let isInInbox = entry?.isPresent(in: view) ?? false
                progress.show(isInInbox ? "\(name): in the inbox, not taken yet" : "\(name): submitted")
                let missing = MonotonicTime.now() - since
                if missing > 500, let status = try finder.memory.status(of: run) { return status }
                if !isInInbox, !isCertain, missing > 10_000 {
                    throw Failure(
                        .notFound, "run \(run) of '\(name)' is gone: its result was deleted before it could be read")
                }
            }
            try checkDeadline("\(name) (\(run))")
            pause.sleep(watch, until: deadline)
        }
    }

    private mutating func checkDeadline(_ subject: String) throws(Failure) {
        if let deadline, MonotonicTime.now() >= deadline {
            progress.erase()
            throw Failure(.timedOut, "\(escaped(subject.utf8)) is not over yet; the wait timed out, the run goes on")
        }
    }
}
