// One sweep: results, bundles in the archive, what else lies in `state/`, rows of the history. Each thing goes by one rename to
// the trash, so that a sweep that a crash cuts off leaves nothing half deleted, and the next one goes on with what is there.

internal import Bundles
internal import Glibc
internal import History
internal import Linux
internal import Logging
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import SystemPackage

struct Sweep: Sendable {
    let context: EngineContext
    let pace: Pace
    let settings: Settings
    let now: Timestamp
    /// Only this queue's results and bundles; nil: everything.
    let queue: QueueName?
    /// Whether it only tells.
    let isDry: Bool
    let unremovable: Unremovable
    /// Told of each thing that goes; what it throws ends the sweep.
    let tell: @Sendable (SweepLine) async throws -> Void

    /// What is left when it is over, in bytes.
    struct Left: Sendable {
        var results: Int64 = 0
        var bundles: Int64 = 0
    }

    func run() async throws -> (SweepTotals, Left) {
        var totals = SweepTotals()
        var left = Left()
        try await sweepResults(&totals, &left)
        try await sweepBundles(&totals, &left)
        if queue == nil {
            try await sweepEnvironments(&totals)
            if !isDry { await removeAnswers() }
            try await sweepHistory(&totals)
        }
        return (totals, left)
    }

    private func sweepResults(_ totals: inout SweepTotals, _ left: inout Left) async throws {
        let listing = SweepListing(context: context, pace: pace)
        var items: [Sweepable] = []
        for name in try queues() where queue == nil || queue == name {
            items += try await listing.results(of: name, isDry: isDry)
        }
        let settings = settings
        let rules = SweepRules(
            kind: "results", maxSize: queue == nil ? settings.retention.results.maxSize : nil,
            kept: { settings.retention(of: $0).results }, now: now)
        left.results = items.reduce(0) { $0 + $1.bytes }
        for decision in rules.decide(items) {
            let item = decision.item
            let entry = SpoolLayout.directory(item.series.name, item.run)
            let line = SweepLine(
                kind: .result, path: "\(SpoolLayout.outbox)/\(item.series.queue)/\(entry)", run: item.run,
                bytes: item.bytes, reason: "\(decision.reason)")
            if try await take(entry, .outbox(item.series.queue), line, &totals) {
                left.results -= item.bytes
                if isDry { continue }
                let outbox = try context.spool.outbox.directory(EntryName(item.series.queue.description))
                do {
                    try context.links.gone(entry, named: item.series.name, from: outbox)
                } catch {
                    context.logger.warning("outbox/\(item.series.queue)/\(item.series.name): \(error)")
                }
            }
        }
    }

    private func queues() throws -> [QueueName] {
        try context.spool.outbox.entries().compactMap { QueueName(bytes: $0.name.bytes) }.sorted()
    }

    private func sweepBundles(_ totals: inout SweepTotals, _ left: inout Left) async throws {
        let (items, strays) = try await SweepListing(context: context, pace: pace).bundles(of: queue)
        let settings = settings
        let rules = SweepRules(
            kind: "archive", maxSize: queue == nil ? settings.retention.archive.maxSize : nil,
            kept: { settings.retention(of: $0).archive }, now: now)
        left.bundles = items.reduce(0) { $0 + $1.bytes }
        for decision in rules.decide(items) {
            let line = SweepLine(
                kind: .bundle, path: "\(SpoolLayout.state)/\(SpoolLayout.archive)/\(decision.item.run)",
                run: decision.item.run, bytes: decision.item.bytes, reason: "\(decision.reason)")
            if try await take(EntryName(decision.item.run.description), SweepListing.archive, line, &totals) {
                left.bundles -= decision.item.bytes
            }
        }
        guard queue == nil, let age = settings.retention.archive.failedAge else { return }
        let place = "\(SpoolLayout.state)/\(SpoolLayout.archive)"
        for stray in strays {
            try await takeIfOlder(
                stray, context.spool.archive, SweepListing.archive, .stray, path: "\(place)/\(stray)", age,
                rule: "archive.failed_age", &totals)
        }
    }

    private func sweepEnvironments(_ totals: inout SweepTotals) async throws {
        guard let age = settings.retention.environmentsUnused else { return }
        let directory = try context.spool.state.directory(SpoolLayout.environments)
        let place = Place([SpoolLayout.state, SpoolLayout.environments])
        for entry in try directory.entries() {
            try await takeIfOlder(
                entry.name, directory, place, .environment,
                path: "\(SpoolLayout.state)/\(SpoolLayout.environments)/\(entry.name)", age,
                rule: "environments.unused",
                &totals)
        }
    }

    /// Of what nothing else is known, its own time stamp counts.
    private func takeIfOlder(
        _ name: EntryName, _ directory: Directory, _ place: Place, _ kind: SweepLine.Kind, path: String, _ age: Int64,
        rule: String, _ totals: inout SweepTotals
    ) async throws {
        guard let status = try? directory.status(of: name),
            now.milliseconds - status.modified / 1_000_000 > age
        else { return }
        let bytes = (try? await context.launcher.measure(name, in: place)) ?? 0
        let line = SweepLine(kind: kind, path: path, bytes: bytes, reason: "\(SweepReason.age(rule, age))")
        _ = try await take(name, place, line, &totals)
    }

    /// Moves an entry to the trash; true if it is gone, or would be.
    private func take(
        _ entry: EntryName, _ place: Place, _ line: SweepLine, _ totals: inout SweepTotals
    ) async throws -> Bool {
        let begun = SuspendingClock.now
        let path = line.path ?? "\(entry)"
        if !isDry {
            do {
                try await context.launcher.discard(
                    entry, in: place, to: Place(SpoolLayout.Way.trash), as: EntryName("swept.\(RunID.new())"))
                context.trash.expect()
                unremovable.forget(path)
            } catch {
                // Its reader was quicker.
                if error.errno == .noSuchFileOrDirectory { return true }
                if unremovable.isNew(path) {
                    context.logger.warning("\(path) cannot be swept and stays: \(error)")
                }
                return false
            }
        }
        totals.add(line)
        try await tell(line)
        await pace.rest(after: begun)
        return true
    }

    /// Answers that nobody fetches any more.
    private func removeAnswers() async {
        let hour: Int64 = 3_600_000
        do {
            let answers = try ControlFiles(context.spool.control).answersDirectory()
            for entry in try answers.entries() {
                guard let status = try? answers.status(of: entry.name) else { continue }
                if Timestamp.now().milliseconds - status.modified / 1_000_000 < hour { continue }
                if status.kind == .directory {
                    try await context.launcher.remove(entry.name, in: Place(SpoolLayout.Way.answers))
                } else {
                    try answers.unlinkIfPresent(entry.name)
                }
            }
        } catch {
            context.logger.warning("control/answers cannot be swept: \(error)")
        }
    }
}
