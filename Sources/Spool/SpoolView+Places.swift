public import Linux
public import Runs
public import SystemPackage

extension SpoolView {
    /// Where a run is now; nil if it is neither active nor in the outbox.
    ///
    /// It moves from `active` to `outbox` by one rename, so looking in this order never misses it.
    public func place(of run: RunID, named name: BundleName, in queue: QueueName) throws(Errno) -> Found? {
        let entry = SpoolLayout.directory(name, run)
        for part in [SpoolLayout.active, SpoolLayout.outbox] {
            guard let parent = try directoryIfPresent(part, queue), try parent.kindIfPresent(of: entry) == .directory
            else { continue }
            return Found(run: run, name: name, queue: queue, isFinished: part == SpoolLayout.outbox, parent: parent)
        }
        return nil
    }

    /// The results that the links of a name point to: of each queue the newest drop's, as far as it has finished.
    public func linked(_ name: BundleName) throws(Errno) -> (runs: [Found], unreadable: [QueueName]) {
        var found: [Found] = []
        var unreadable: [QueueName] = []
        for queue in try queues() {
            do {
                guard let parent = try directoryIfPresent(SpoolLayout.outbox, queue),
                    let target = ResultLinks(outbox: parent).target(of: name),
                    let run = BundleName.runSuffix(of: target),
                    try parent.kindIfPresent(of: EntryName(bytes: target)) == .directory
                else { continue }
                found.append(Found(run: run, name: name, queue: queue, isFinished: true, parent: parent))
            } catch {
                if error != .permissionDenied { throw error }
                unreadable.append(queue)
            }
        }
        return (found, unreadable)
    }

    /// `PART/QUEUE`, if there is one.
    public func directoryIfPresent(_ part: EntryName, _ queue: QueueName) throws(Errno) -> Directory? {
        do {
            return try root.directory(part).directory(EntryName(queue.description))
        } catch {
            if error == .noSuchFileOrDirectory || error == .notDirectory { return nil }
            throw error
        }
    }
}

extension Directory {
    fileprivate func kindIfPresent(of name: EntryName) throws(Errno) -> FileKind? {
        do {
            return try status(of: name).kind
        } catch {
            if error == .noSuchFileOrDirectory { return nil }
            throw error
        }
    }
}
