internal import Glibc
public import Linux
public import Runs
public import SystemPackage

/// `state/runs/RUN/`: a run's record and everything that is its own while it is unfinished.
public final class RunDirectory: Sendable {
    public let run: RunID
    public let directory: Directory

    init(run: RunID, directory: Directory) {
        self.run = run
        self.directory = directory
    }

    /// Adds one step to the record: one write, not flushed.
    ///
    /// - Parameter flush: with a final status, the flush that is to cover it.
    public func note(_ step: RunRecord.Step, flush: Int64? = nil) throws(Errno) {
        let file = try directory.open(SpoolLayout.Run.record, O_WRONLY | O_APPEND | O_CREAT, mode: 0o600)
        let length = try FileStatus.of(descriptor: file.rawValue).size
        do {
            try writeAll(file.rawValue, RunRecord.line(step, flush: flush))
        } catch {
            // A part of a line would hide every later one.
            try setSize(of: file.rawValue, to: length)
            throw error
        }
    }

    /// What the record says; nil if there is none, or not even its first line is whole.
    public func readRecord() throws(Errno) -> RunRecord? { try readRecordAndLength()?.record }

    /// The same for a run of a former daemon: a torn last line is cut off, so that what is noted next begins a line.
    ///
    /// Never for a run of this one: a line that is just being written looks torn, too.
    public func mendRecord() throws(Errno) -> RunRecord? {
        guard let (record, whole, length) = try readRecordAndLength() else { return nil }
        if whole < length {
            let file = try directory.open(SpoolLayout.Run.record, O_WRONLY)
            try setSize(of: file.rawValue, to: Int64(whole))
        }
        return record
    }

    /// Takes back every step but the claim.
    public func keepClaimAlone() throws(Errno) {
        let bytes = try directory.read(SpoolLayout.Run.record, limit: 16 << 20)
        guard let end = bytes.firstIndex(of: 0x0A) else { return }
        let file = try directory.open(SpoolLayout.Run.record, O_WRONLY)
        try setSize(of: file.rawValue, to: Int64(end + 1))
    }

    private func readRecordAndLength() throws(Errno) -> (record: RunRecord, whole: Int, length: Int)? {
        let bytes: [UInt8]
        do {
            bytes = try directory.read(SpoolLayout.Run.record, limit: 16 << 20)
        } catch {
            if error == .noSuchFileOrDirectory { return nil }
            throw error
        }
        return RunRecord.reading(bytes).map { ($0.record, $0.wholeBytes, bytes.count) }
    }

    /// The bundle that was taken over.
    public func bundle() throws(Errno) -> Directory { try directory.directory(SpoolLayout.Run.bundle) }

    /// Copies the host's name servers for a run that has the host's network.
    public func copyNameServers() throws(Errno) { try directory.copyNameServers() }

    /// Makes the empty file that the script writes its result to; what an earlier attempt wrote is gone.
    public func makeResultFile() throws(Errno) {
        try directory.unlinkIfPresent(SpoolLayout.Run.result)
        let file = try directory.open(SpoolLayout.Run.result, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        // The run's user is another one than the daemon's; nobody else reaches the directory.
        try changeMode(of: file.rawValue, to: 0o666)
    }

    /// Says that the bundle is complete: the tree that was copied or unpacked gets its final name.
    public func completeBundle() throws(Errno) {
        try directory.rename(SpoolLayout.Run.takenOver, to: SpoolLayout.Run.bundle)
    }
}

extension Directory {
    /// Copies the host's name servers for who has the host's network; a host without any has none to show.
    public func copyNameServers() throws(Errno) {
        let servers: [UInt8]
        do {
            // Often a link into /run, which the sandbox does not see: followed here, once.
            let file = OwnedDescriptor(taking: try check(Glibc.open("/etc/resolv.conf", O_RDONLY | O_CLOEXEC)))
            servers = try readAll(file.rawValue, limit: 64 << 10)
        } catch {
            if error != .noSuchFileOrDirectory { throw error }
            servers = []
        }
        try replace(SpoolLayout.Run.nameServers, with: servers, mode: 0o644)
    }
}

extension Spool {
    /// Makes the directory of a new run. EEXIST if the run is known here already.
    public func makeRunDirectory(_ run: RunID) throws(Errno) -> RunDirectory {
        let name = EntryName(run.description)
        // Searchable by the run's own user, who mounts what is in it; `state/` above it is closed to everybody.
        try runs.makeDirectory(name, mode: 0o711)
        do {
            return RunDirectory(run: run, directory: try runs.directory(name))
        } catch {
            try runs.removeDirectory(name)
            throw error
        }
    }

    public func runDirectory(_ run: RunID) throws(Errno) -> RunDirectory {
        RunDirectory(run: run, directory: try runs.directory(EntryName(run.description)))
    }

    /// The runs that are not finished and forgotten, in the order of their ids.
    public func unfinishedRuns() throws(Errno) -> [RunID] {
        try runs.entries().compactMap { RunID(bytes: $0.name.bytes) }.sorted()
    }

    /// Forgets a run that is remembered: what was its own is kept in the archive, until a sweep takes it.
    public func archiveRun(_ run: RunID) throws(Errno) {
        let name = EntryName(run.description)
        try runs.rename(name, to: name, in: archive)
    }

    /// What is kept of a run that is over. ENOENT if nothing is.
    public func archivedRun(_ run: RunID) throws(Errno) -> RunDirectory {
        RunDirectory(run: run, directory: try archive.directory(EntryName(run.description)))
    }

    /// Moves a run's own directory to the trash, which is emptied later.
    public func discardRun(_ run: RunID) throws(Errno) {
        let name = EntryName(run.description)
        do {
            try runs.rename(name, to: name, in: trash)
        } catch {
            if error != .fileExists { throw error }
            try runs.rename(name, to: EntryName("\(run).\(RunID.new())"), in: trash)
        }
    }
}
