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
        /// nil: it is no regular file of one name that only its owner may write, too large, or closed to the daemon.
        public let content: [UInt8]?
        /// Milliseconds since it was changed last.
        public let age: Int64
    }

    /// For the daemon, which watches it.
    public func requestsDirectory() throws(Errno) -> Directory { try control.directory(SpoolLayout.requests) }

    /// For the daemon, which sweeps it.
    public func answersDirectory() throws(Errno) -> Directory { try control.directory(SpoolLayout.answers) }

    /// What lies in `control/requests/`.
    public struct Requests: Sendable {
        /// In their order: their names are run ids, so that of their making.
        public var names: [EntryName] = []
        /// What has another name, and is no request.
        public var strays: [EntryName] = []
    }

    /// Looks at no more than so many entries, and takes no more requests of one user than so many: nobody keeps the others out.
    public func requests(perAsker most: Int, entries: Int) throws(Errno) -> Requests {
        let directory = try requestsDirectory()
        var found = Requests()
        var counts: [UInt32: Int] = [:]
        var left = entries
        try directory.forEachEntry { entry throws(Errno) in
            left -= 1
            if entry.name.hasPrefix(".") { return left > 0 }
            guard RunID(bytes: entry.name.bytes) != nil else {
                if found.strays.count < most { found.strays.append(entry.name) }
                return left > 0
            }
            if let asker = try? directory.status(of: entry.name).owner, counts[asker, default: 0] < most {
                counts[asker, default: 0] += 1
                found.names.append(entry.name)
            }
            return left > 0
        }
        found.names.sort()
        return found
    }

    /// Reads a request; nil if it is not there any more.
    ///
    /// Only a file of one name that nobody but its owner may write says who asks: anybody can give a further name to a file that
    /// he may write, and it stays its owner's. What is another file has no content.
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
            if status.kind == .regular, status.links == 1, status.permissions & 0o022 == 0 {
                content = try? readAll(file.rawValue, limit: maximumSize)
            }
        } catch {
            if error == .noSuchFileOrDirectory { return nil }
            guard let closed = try? directory.status(of: name) else { return nil }
            status = closed
        }
        let age = max(0, Timestamp.now().milliseconds - status.changed / 1_000_000)
        return Request(name: name, asker: status.owner, content: content, age: age)
    }

    /// Takes away whatever lies there: a file, or an empty directory. Never more than that: what is in a directory may be
    /// others', who only could not keep it from being moved here.
    public func discardRequest(_ name: EntryName) throws(Errno) {
        let directory = try requestsDirectory()
        do {
            try directory.unlinkIfPresent(name)
        } catch {
            if error != .isDirectory { throw error }
            try directory.removeDirectory(name)
        }
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
        try changeMode(of: file.rawValue, to: 0o644)
        return file
    }
}
