internal import History
internal import Linux
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import SystemPackage

/// Finds what there is to sweep. What lies on the disk counts; the history tells when it ended, how, and what it takes.
struct SweepListing: Sendable {
    let context: EngineContext
    let pace: Pace.OfSweep

    /// Runs asked of the history at a time.
    private static let batch = 500

    /// A directory of the outbox or the archive, before the history was asked.
    private struct Found {
        let entry: EntryName
        let run: RunID
    }

    /// A queue's results. Links to results that are not there any more are removed on the way, unless it is a dry run.
    func results(of queue: QueueName, isDry: Bool) async throws -> [Sweepable] {
        let outbox = try context.spool.outbox.directory(EntryName(queue.description))
        var found: [Found] = []
        var links: [EntryName] = []
        try outbox.forEachEntry { entry throws(Errno) in
            if entry.kind == .link {
                links.append(entry.name)
            } else if let run = BundleName.runSuffix(of: entry.name.bytes) {
                found.append(Found(entry: entry.name, run: run))
            }
            return true
        }
        if !isDry { try removeDangling(links, in: outbox) }
        return try await items(found) { found, facts in
            guard let name = BundleName(bytes: found.entry.bytes.dropLast(27)) else { return nil }
            let series = Sweepable.Series(queue: queue, name: name)
            if let facts {
                let bytes = facts.resultBytes
                return (series, try await bytes.orElse { try await measure(found.entry, .outbox(queue)) })
            }
            return (series, try await measure(found.entry, .outbox(queue)))
        } stamp: {
            try outbox.status(of: $0.entry)
        }
    }

    /// The bundles in the archive; those whose own record cannot be read, and what else lies there, are strays.
    func bundles(of queue: QueueName?) async throws -> (items: [Sweepable], strays: [EntryName]) {
        var found: [Found] = []
        var strays: [EntryName] = []
        try context.spool.archive.forEachEntry { entry throws(Errno) in
            if let run = RunID(bytes: entry.name.bytes) {
                found.append(Found(entry: entry.name, run: run))
            } else {
                strays.append(entry.name)
            }
            return true
        }
        var unreadable: [EntryName] = []
        let items = try await items(found) { found, facts in
            let series: Sweepable.Series
            if let facts {
                series = Sweepable.Series(queue: facts.queue, name: facts.name)
            } else if let claim = try? context.spool.archivedRun(found.run).readRecord()?.claim {
                series = Sweepable.Series(queue: claim.queue, name: claim.name)
            } else {
                unreadable.append(found.entry)
                return nil
            }
            if let queue, queue != series.queue { return nil }
            return (series, try await (facts?.bundleBytes).orElse { try await measure(found.entry, Self.archive) })
        } stamp: {
            try context.spool.archive.status(of: $0.entry)
        }
        return (items, strays + unreadable)
    }

    static let archive = Place(SpoolLayout.Way.archive)

    private func items(
        _ found: [Found], series: (Found, SweepFacts?) async throws -> (Sweepable.Series, Int64)?,
        stamp: (Found) throws -> FileStatus
    ) async throws -> [Sweepable] {
        var items: [Sweepable] = []
        items.reserveCapacity(found.count)
        for start in stride(from: 0, to: found.count, by: Self.batch) {
            let begun = SuspendingClock.now
            let batch = found[start..<min(start + Self.batch, found.count)]
            let facts = try await context.history.sweepFacts(batch.map(\.run))
            for one in batch {
                let known = facts[one.run]
                // Not remembered yet, or unfinished: it is not over.
                if known == nil, context.spool.runs.has(EntryName(one.run.description)) { continue }
                guard let (series, bytes) = try await series(one, known) else { continue }
                // A reader may have removed it meanwhile.
                guard let endedAt = try known?.finishedAt ?? time(of: one, stamp) else { continue }
                items.append(
                    Sweepable(
                        series: series, run: one.run, endedAt: endedAt, hasSucceeded: known?.state == .succeeded,
                        bytes: bytes))
            }
            try await pace.rest(after: begun)
        }
        return items
    }

    private func time(of found: Found, _ stamp: (Found) throws -> FileStatus) throws -> Timestamp? {
        do {
            // Its owner may have set any time; one that is still to come would keep it for ever.
            return min(Timestamp(milliseconds: try stamp(found).modified / 1_000_000), .now())
        } catch let error as Errno where error == .noSuchFileOrDirectory {
            return nil
        }
    }

    /// A step of its own: what the history does not know may be large, and many.
    private func measure(_ entry: EntryName, _ place: Place) async throws -> Int64 {
        let begun = SuspendingClock.now
        let bytes = try await context.launcher.measure(entry, in: place)
        try await pace.rest(after: begun)
        return bytes
    }

    private func removeDangling(_ links: [EntryName], in outbox: Directory) throws {
        for link in links {
            try pace.check()
            guard let name = BundleName(bytes: link.bytes), let target = ResultLinks(outbox: outbox).target(of: name)
            else { continue }
            let result = EntryName(bytes: target)
            // One that cannot be removed is only untidy.
            if !outbox.has(result) { try? context.links.gone(result, named: name, from: outbox) }
        }
    }
}

extension Optional {
    /// The value, or what takes its place.
    fileprivate func orElse(_ other: () async throws -> Wrapped) async throws -> Wrapped {
        if let self { return self }
        return try await other()
    }
}
