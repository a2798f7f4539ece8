internal import Glibc
public import Linux
public import Runs
public import SystemPackage

/// A spool as its users see it: only what readers may see, and no daemon needed.
public struct SpoolView: Sendable {
    public let path: String
    public let root: Directory

    public init(path: String) throws(SpoolError) {
        self.path = path
        do {
            root = try Directory(path: path)
            _ = try root.status(of: SpoolLayout.inbox)
        } catch {
            throw SpoolError(
                .noSpool, path, cause: error,
                advice: "name one with --spool or BOBBIN_SPOOL, or make it with: bobbin init \(path)")
        }
    }

    /// A run that a reader found, by its directory.
    public struct Found: Sendable {
        public let run: RunID
        public let name: BundleName
        public let queue: QueueName
        /// Whether it lies in the outbox.
        public let isFinished: Bool
        /// `active/QUEUE` or `outbox/QUEUE`.
        let parent: Directory

        /// `active/QUEUE/NAME.RUN` or `outbox/QUEUE/NAME.RUN`.
        public var relativePath: String {
            "\(isFinished ? SpoolLayout.outbox : SpoolLayout.active)/\(queue)/\(name).\(run)"
        }

        /// Opens it. ENOENT if it has moved on or was deleted meanwhile.
        public func directory() throws(Errno) -> Directory { try parent.directory(SpoolLayout.directory(name, run)) }

        /// What its status.json says; nil if it is not whole.
        public func status() throws(Errno) -> RunStatus? {
            RunStatus(json: try directory().read(SpoolLayout.Result.status, limit: 16 << 20))
        }
    }

    /// The queues that have an inbox, an active or an outbox directory.
    public func queues() throws(Errno) -> [QueueName] {
        try queues(in: [SpoolLayout.inbox, SpoolLayout.active, SpoolLayout.outbox])
    }

    /// The queues that one can drop into.
    public func inboxes() throws(Errno) -> [QueueName] { try queues(in: [SpoolLayout.inbox]) }

    private func queues(in parts: [EntryName]) throws(Errno) -> [QueueName] {
        var names: Set<QueueName> = []
        for part in parts {
            guard let directory = try? root.directory(part) else { continue }
            try directory.forEachEntry { entry throws(Errno) in
                if entry.kind == .directory || entry.kind == .unknown, let name = QueueName(bytes: entry.name.bytes) {
                    names.insert(name)
                }
                return true
            }
        }
        return names.sorted()
    }

    /// Runs that wait or run; of one queue or of all. Queues that the caller may not read are left out and named.
    public func activeRuns(in queue: QueueName? = nil) throws(Errno) -> (runs: [Found], unreadable: [QueueName]) {
        try list(SpoolLayout.active, queue) { _ in true }
    }

    /// Every run, waiting, running or finished, that `matches` says yes to.
    public func find(
        _ matches: (BundleName, RunID) -> Bool
    ) throws(Errno) -> (runs: [Found], unreadable: [QueueName]) {
        var (found, unreadable) = try list(SpoolLayout.active, nil) { matches($0.name, $0.run) }
        let (finished, more) = try list(SpoolLayout.outbox, nil) { matches($0.name, $0.run) }
        // A run that was published between the two looks is in both lists: the later look counts.
        let done = Set(finished.map(\.run))
        found.removeAll { done.contains($0.run) }
        unreadable += more.filter { !unreadable.contains($0) }
        return (found + finished, unreadable)
    }

    private func list(
        _ part: EntryName, _ only: QueueName?, _ wanted: (Found) -> Bool
    ) throws(Errno) -> (runs: [Found], unreadable: [QueueName]) {
        var runs: [Found] = []
        var unreadable: [QueueName] = []
        let names = if let only { [only] } else { try queues() }
        for queue in names {
            do {
                // A spool that no daemon has prepared yet lacks directories.
                guard let directory = try directoryIfPresent(part, queue) else { continue }
                try directory.forEachEntry { entry throws(Errno) in
                    let bytes = entry.name.bytes
                    if entry.kind == .directory || entry.kind == .unknown, let run = BundleName.runSuffix(of: bytes),
                        let name = BundleName(bytes: bytes.dropLast(27))
                    {
                        let found = Found(
                            run: run, name: name, queue: queue, isFinished: part == SpoolLayout.outbox,
                            parent: directory)
                        if wanted(found) { runs.append(found) }
                    }
                    return true
                }
            } catch {
                if error == .permissionDenied { unreadable.append(queue) }
                if error != .permissionDenied && error != .noSuchFileOrDirectory { throw error }
            }
        }
        return (runs, unreadable)
    }
}
