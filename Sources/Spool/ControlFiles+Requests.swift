internal import Glibc
public import Linux
internal import Runs
public import SystemPackage

/// Requests and their answers. A request is written under a hidden name and renamed; its answer is a file of the same name in
/// `control/answers/` that grows line by line, one JSON object each, the last with the key `end`.
extension ControlFiles {
    /// A file in `control/requests/`.
    public struct Request: Sendable {
        public let name: EntryName
        /// The unix user who made the file.
        public let asker: UInt32
        /// nil: it is no regular file, too large, or closed to the daemon.
        public let content: [UInt8]?
        /// Milliseconds since it was changed last.
        public let age: Int64
    }

    /// For the daemon, which watches it.
    public func requestsDirectory() throws(Errno) -> Directory { try control.directory(SpoolLayout.requests) }

    /// For the daemon, which sweeps it.
    public func answersDirectory() throws(Errno) -> Directory { try control.directory(SpoolLayout.answers) }

    /// The names of requests, in their order: they are run ids, so that of their making. At most `limit`.
    public func requests(limit: Int) throws(Errno) -> [EntryName] {
        var names: [EntryName] = []
        try requestsDirectory().forEachEntry { entry throws(Errno) in
            if RunID(bytes: entry.name.bytes) != nil { names.append(entry.name) }
            return names.count < limit
        }
        return names.sorted()
    }

    /// Reads a request; nil if it is not there any more.
    ///
    /// - Parameter maximumSize: bytes that it may have.
    public func request(_ name: EntryName, maximumSize: Int) throws(Errno) -> Request? {
        let directory = try requestsDirectory()
        let status: FileStatus
        var content: [UInt8]?
        do {
            let file = try directory.open(name, O_RDONLY)
            // Of the opened file: its name may stand for another one by now.
            status = try FileStatus.of(descriptor: file.rawValue)
            content = try? readAll(file.rawValue, limit: maximumSize)
        } catch {
            if error == .noSuchFileOrDirectory { return nil }
            guard let closed = try? directory.status(of: name) else { return nil }
            status = closed
        }
        let age = max(0, Timestamp.now().milliseconds - status.changed / 1_000_000)
        return Request(name: name, asker: status.owner, content: content, age: age)
    }

    /// Takes a request away: it is done, or refused, or its maker takes it back.
    public func removeRequest(_ name: EntryName) throws(Errno) {
        try control.passage(SpoolLayout.requests).unlinkIfPresent(name)
    }

    /// Asks for something.
    ///
    /// - Returns: the request's name, which is its answer's, too.
    public func ask(_ content: String) throws(Errno) -> EntryName {
        let directory = try control.passage(SpoolLayout.requests)
        let name = EntryName(RunID.new().description)
        let hidden = EntryName(bytes: [0x2E] + name.bytes)
        // The daemon is another user, and has to read it.
        try directory.create(hidden, with: Array((content + "\n").utf8), mode: 0o644)
        try directory.rename(hidden, to: name)
        return name
    }

    /// Opens the answer to a request, or what it hands out; nil as long as there is none.
    public func answer(_ name: EntryName) throws(Errno) -> OwnedDescriptor? {
        do {
            return try control.passage(SpoolLayout.answers).open(name, O_RDONLY)
        } catch {
            if error == .noSuchFileOrDirectory { return nil }
            throw error
        }
    }

    /// Begins the answer to a request; one that a former daemon began is begun anew.
    public func beginAnswer(_ name: EntryName) throws(Errno) -> OwnedDescriptor {
        let directory = try answersDirectory()
        try directory.unlinkIfPresent(name)
        let file = try directory.open(name, O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
        try check(fchmod(file.rawValue, 0o644))
        return file
    }
}
