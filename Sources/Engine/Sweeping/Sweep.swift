// One sweep: results, bundles in the archive, what else lies in `state/`, rows of the history. Each thing goes by one rename to
// the trash before it is deleted, so that a sweep that a crash cuts off leaves nothing half deleted where readers see it, and the
// next one goes on with what is there.

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
    let pace: Pace.OfSweep
    let settings: Settings
    let now: Timestamp
    /// Only this queue's results and bundles; nil: everything.
    let queue: QueueName?
    /// Whether it only tells.
    let isDry: Bool
    let unremovable: Unremovable
    let environments: Environments
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
            try await sweepHistory(&totals)
        }
        return (totals, left)
    }

    private func sweepResults(_ totals: inout SweepTotals, _ left: inout Left) async throws {
        let listing = SweepListing(context: context, pace: pace)
        var items: [Sweepable] = []
        for name in try queues() where queue == nil || queue == name {
            do {
                items += try await listing.results(of: name, isDry: isDry)
            } catch let error as Errno {
                // A stranger's entry, or one that was made wrong: the other queues are swept all the same.
                if unremovable.isNew("outbox/\(name)") {
                    context.logger.warning("outbox/\(name) cannot be swept: \(error)")
                }
            }
        }
        let settings = settings
        let rules = SweepRules(
            kind: "results", maxSize: queue == nil ? settings.retention.results.maxSize : nil,
            kept: { settings.retention(of: $0).results }, now: now)
        left.results = items.reduce(0) { $0 + $1.bytes }
        let doomed = rules.decide(items).map { decision in
            let item = decision.item
            let entry = SpoolLayout.directory(item.series.name, item.run)
            return Doomed(
                entry: entry, place: .outbox(item.series.queue), series: item.series,
                line: SweepLine(
                    kind: .result, path: "\(SpoolLayout.outbox)/\(item.series.queue)/\(entry)", run: item.run,
                    bytes: item.bytes, reason: "\(decision.reason)"))
        }
        left.results -= try await take(doomed, &totals)
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
        let doomed = rules.decide(items).map { decision in
            let run = decision.item.run
            return Doomed(
                entry: EntryName(run.description), place: SweepListing.archive,
                line: SweepLine(
                    kind: .bundle, path: "\(SpoolLayout.state)/\(SpoolLayout.archive)/\(run)", run: run,
                    bytes: decision.item.bytes, reason: "\(decision.reason)"))
        }
        left.bundles -= try await take(doomed, &totals)
        guard queue == nil, let age = settings.retention.archive.failedAge else { return }
        let place = "\(SpoolLayout.state)/\(SpoolLayout.archive)"
        for stray in strays {
            try await takeIfOlder(
                stray, context.spool.archive, SweepListing.archive, .stray, path: "\(place)/\(stray)", age,
                rule: "archive.failed_age", &totals)
        }
    }

    /// What scripts' requirements were built into, by its own time stamps; of `max_size` the newest fit.
    private func sweepEnvironments(_ totals: inout SweepTotals) async throws {
        let directory = try context.spool.state.directory(SpoolLayout.environments)
        let place = Place([SpoolLayout.state, SpoolLayout.environments])
        var found: [(name: EntryName, used: Int64)] = []
        for entry in try directory.entries() {
            if await environments.isNeeded(entry.name) { continue }
            if let status = try? directory.status(of: entry.name) {
                found.append((entry.name, status.modified / 1_000_000))
            }
        }
        var taken: Int64 = 0
        var doomed: [Doomed] = []
        for (name, used) in found.sorted(by: { $0.used > $1.used }) {
            let bytes = try await context.launcher.measure(name, in: place)
            var reason: SweepReason?
            if let age = settings.retention.environmentsUnused, now.milliseconds - used > age {
                reason = .age("environments.unused", age)
            } else if let most = settings.retention.environmentsMaxSize, taken + bytes > most {
                reason = .size("retention.environments.max_size", most)
            }
            guard let reason else {
                taken += bytes
                continue
            }
            let path = "\(SpoolLayout.state)/\(SpoolLayout.environments)/\(name)"
            doomed.append(
                Doomed(
                    entry: name, place: place,
                    line: SweepLine(kind: .environment, path: path, bytes: bytes, reason: "\(reason)")))
        }
        let bytes = try await take(doomed.reversed(), &totals)
        if bytes > 0, !isDry { await environments.removed() }
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
        _ = try await take([Doomed(entry: name, place: place, line: line)], &totals)
    }

    /// An entry that goes.
    private struct Doomed: Sendable {
        let entry: EntryName
        let place: Place
        /// Of a result, whose name's link may show it.
        var series: Sweepable.Series?
        let line: SweepLine
    }

    /// Entries taken at a time while nobody waits for a result.
    private static let mostAtOnce = 16

    /// Moves entries to the trash in their order, and tells of each.
    ///
    /// - Returns: the bytes of those that are gone, or would be.
    private func take(_ doomed: [Doomed], _ totals: inout SweepTotals) async throws -> Int64 {
        var bytes: Int64 = 0
        var rest = doomed[...]
        while !rest.isEmpty {
            let begun = SuspendingClock.now
            let batch = rest.prefix(await pace.isFree ? Self.mostAtOnce : 1)
            rest = rest.dropFirst(batch.count)
            for (item, isTaken) in await take(batch) where isTaken {
                bytes += item.line.bytes ?? 0
                totals.add(item.line)
                try await tell(item.line)
            }
            try await pace.rest(after: begun)
        }
        return bytes
    }

    private func take(_ batch: ArraySlice<Doomed>) async -> [(Doomed, Bool)] {
        if isDry { return batch.map { ($0, true) } }
        return await withTaskGroup(of: (Int, Bool).self) { group in
            for (index, item) in batch.enumerated() { group.addTask { (index, await take(item)) } }
            var taken = Array(repeating: false, count: batch.count)
            for await (index, isTaken) in group { taken[index] = isTaken }
            return Array(zip(batch, taken))
        }
    }

    /// True if this took it.
    private func take(_ item: Doomed) async -> Bool {
        let path = item.line.path ?? "\(item.entry)"
        var isTaken = true
        do {
            if item.line.kind == .environment {
                // A run may have begun to use it since.
                guard case .removed = try await environments.remove(item.entry) else { return false }
            } else {
                try await context.trash.take(item.entry, in: item.place)
            }
            unremovable.forget(path)
        } catch {
            // A reader that was quicker is no error.
            isTaken = false
            if error.errno != .noSuchFileOrDirectory {
                if unremovable.isNew(path) {
                    context.logger.warning("\(path) cannot be swept and stays: \(error)")
                }
                return false
            }
        }
        guard let series = item.series else { return isTaken }
        do {
            let outbox = try context.spool.outbox.directory(EntryName(series.queue.description))
            try context.links.gone(item.entry, named: series.name, from: outbox)
        } catch {
            context.logger.warning("outbox/\(series.queue)/\(series.name): \(error)")
        }
        return isTaken
    }
}
