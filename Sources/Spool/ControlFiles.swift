internal import Glibc
public import Linux
public import Runs
public import SystemPackage

/// What users ask for by files in `control/`.
public struct ControlFiles: Sendable {
    let control: Directory

    public init(_ control: Directory) { self.control = control }

    /// A wish to end a run, and whose it is.
    public struct Cancellation: Sendable, Hashable {
        public let run: RunID
        /// The unix user who made the file.
        public let asker: UInt32
    }

    public func cancelDirectory() throws(Errno) -> Directory { try control.directory(SpoolLayout.cancel) }

    public func pauseDirectory() throws(Errno) -> Directory { try control.directory(SpoolLayout.pause) }

    /// Every regular file in `control/cancel` whose name is a run's.
    public func cancellations() throws(Errno) -> [Cancellation] {
        let directory = try cancelDirectory()
        return try directory.entries().compactMap { entry in
            guard let run = RunID(bytes: entry.name.bytes), let status = try? directory.status(of: entry.name),
                status.kind == .regular, status.links == 1
            else { return nil }
            return Cancellation(run: run, asker: status.owner)
        }
    }

    /// Takes a wish away: the run has its final state. The directory is sticky but its owner may.
    public func removeCancellation(of run: RunID) {
        // A file that is not there, or that an administrator protects, is no reason to stop.
        _ = try? cancelDirectory().unlink(EntryName(run.description))
    }

    public func requestCancellation(of run: RunID) throws(Errno) {
        try touch(EntryName(run.description), in: cancelDirectory())
    }

    public func pausedQueues() throws(Errno) -> Set<QueueName> {
        Set(try pauseDirectory().entries().compactMap { QueueName(bytes: $0.name.bytes) })
    }

    public func pause(_ queue: QueueName) throws(Errno) {
        try touch(EntryName(queue.description), in: pauseDirectory())
    }

    /// Whether the queue was paused.
    public func resume(_ queue: QueueName) throws(Errno) -> Bool {
        try removeIfPresent(EntryName(queue.description), in: pauseDirectory())
    }

    public var isDraining: Bool { control.has(SpoolLayout.drain) }

    public func drain() throws(Errno) { try touch(SpoolLayout.drain, in: control) }

    /// Whether it was draining.
    public func endDrain() throws(Errno) -> Bool { try removeIfPresent(SpoolLayout.drain, in: control) }

    private func touch(_ name: EntryName, in directory: Directory) throws(Errno) {
        _ = try directory.open(name, O_WRONLY | O_CREAT, mode: 0o640)
    }

    private func removeIfPresent(_ name: EntryName, in directory: Directory) throws(Errno) -> Bool {
        do {
            try directory.unlink(name)
            return true
        } catch {
            if error == .noSuchFileOrDirectory { return false }
            throw error
        }
    }
}
