internal import Bundles
internal import Glibc
internal import History
internal import Linux
internal import Runs
internal import Sandbox
internal import SandboxProtocol
internal import Spool
internal import SystemPackage

/// The results in the outbox, as far as they say what the history would know.
struct PublishedResults: Sendable {
    struct Found: Sendable {
        let queue: QueueName
        let name: BundleName
        let owner: UInt32
    }

    let context: EngineContext
    private static let largest: Int64 = 16 << 20

    /// Every directory in the outbox that has a result's name.
    func all() throws -> [RunID: Found] {
        var found: [RunID: Found] = [:]
        for entry in try context.spool.outbox.entries() {
            guard let queue = QueueName(bytes: entry.name.bytes),
                let directory = try? context.spool.outbox.directory(entry.name)
            else { continue }
            for result in try directory.entries() {
                guard let run = BundleName.runSuffix(of: result.name.bytes),
                    let name = BundleName(bytes: result.name.bytes.dropLast(27)),
                    let status = try? directory.status(of: result.name), status.kind == .directory
                else { continue }
                found[run] = Found(queue: queue, name: name, owner: status.owner)
            }
        }
        return found
    }

    /// What a result says of its run; nil if it makes no sense. What its place and its owner say counts for more.
    func record(_ run: RunID, _ found: Found) async -> HistoryRecord? {
        guard let bytes = await file(SpoolLayout.Result.status, run, found), var status = RunStatus(json: bytes),
            status.state.isFinal
        else { return nil }
        status.run = run
        status.name = found.name
        status.queue = found.queue
        status.owner = context.owners.name(of: found.owner)
        let manifest = await file(SpoolLayout.Result.manifest, run, found).flatMap { bytes in
            try? Manifest.reading(applied: bytes).get()
        }
        return HistoryRecord(status, claim: 0, manifest)
    }

    /// Results belong to their droppers: the launcher copies the file to where the daemon may read it.
    private func file(_ name: EntryName, _ run: RunID, _ found: Found) async -> [UInt8]? {
        let result = Place(
            SpoolLayout.Way.outbox(found.queue) + [SpoolLayout.directory(found.name, run)])
        let copy = EntryName("rebuild.\(run).\(name)")
        do {
            guard try await context.launcher.measure(name, in: result) <= Self.largest else { return nil }
            try? context.spool.trash.unlinkIfPresent(copy)
            try await context.launcher.copy(
                name, in: result, to: Place(SpoolLayout.Way.trash), as: copy,
                for: FileOwnership(owner: geteuid(), group: getegid()))
            defer { try? context.spool.trash.unlinkIfPresent(copy) }
            return try context.spool.trash.read(copy, limit: Int(Self.largest))
        } catch {
            return nil
        }
    }
}
