internal import Glibc
public import Linux
internal import Synchronization
public import SystemPackage

/// An opened spool: its directories by descriptor, so that nothing depends on its path afterwards.
///
/// Only the inbox may be replaced under a running daemon: what was written there must be found, wherever it went.
public final class Spool: Sendable {
    /// As it was named; for messages only.
    public let path: String
    public let root: Directory
    private let openInbox: Mutex<Directory>
    public let active: Directory
    public let outbox: Directory
    public let control: Directory
    public let history: Directory
    public let state: Directory
    public let runs: Directory
    public let archive: Directory
    public let trash: Directory
    /// Whom the spool belongs to: the daemon runs as this user; members of the group are the spool's admins.
    public let owner: UInt32
    public let adminGroup: UInt32

    /// Opens a spool for the daemon and makes what is lacking in it: in an empty directory all of it.
    ///
    /// `noSpool` for a directory that has other things in it: nobody wants an inbox in `/etc`.
    /// As root everything made is given to the spool's owner, so call it before privileges are dropped.
    public init(preparing path: String) throws(SpoolError) {
        self.path = path
        let root: Directory
        let status: FileStatus
        let canBeSpool: Bool
        do {
            root = try Directory(path: path)
            status = try root.status()
            canBeSpool = try Self.canBeSpool(root)
        } catch {
            throw SpoolError(.noSpool, path, cause: error, advice: "make it with: bobbin init \(path)")
        }
        guard canBeSpool else {
            throw SpoolError(
                .noSpool, path, advice: "it holds other things; name an empty directory, or make one with: bobbin init")
        }
        self.root = root
        CutPoint.begin("bobbind", in: root)
        owner = status.owner
        adminGroup = status.group
        let maker = SpoolMaker(owner: status.owner, group: status.group)
        openInbox = Mutex(try maker.directory(SpoolLayout.inbox, in: root, mode: 0o755))
        active = try maker.directory(SpoolLayout.active, in: root, mode: 0o755)
        outbox = try maker.directory(SpoolLayout.outbox, in: root, mode: 0o755)
        control = try maker.directory(SpoolLayout.control, in: root, mode: 0o2775)
        // Whoever dropped a run may ask for its end: sticky, so that nobody takes back what another asked for.
        _ = try maker.directory(SpoolLayout.cancel, in: control, mode: 0o1777)
        _ = try maker.directory(SpoolLayout.pause, in: control, mode: 0o2770)
        // Anybody asks, and nobody but the daemon lists what was asked: the names cannot be guessed.
        _ = try maker.directory(SpoolLayout.requests, in: control, mode: 0o1733)
        _ = try maker.directory(SpoolLayout.answers, in: control, mode: 0o711)
        history = try maker.directory(SpoolLayout.history, in: root, mode: 0o2750)
        state = try maker.directory(SpoolLayout.state, in: root, mode: 0o700)
        runs = try maker.directory(SpoolLayout.runs, in: state, mode: 0o700)
        archive = try maker.directory(SpoolLayout.archive, in: state, mode: 0o700)
        // Searchable by runs' users, who mount what is in it; `state` is closed to everybody.
        let environments = try maker.directory(SpoolLayout.environments, in: state, mode: 0o711)
        if (try? environments.status())?.permissions == 0o700 { try? environments.changeMode(to: 0o711) }
        trash = try maker.directory(SpoolLayout.trash, in: state, mode: 0o700)
    }

    /// The directory of the queues.
    public var inbox: Directory { openInbox.withLock { $0 } }

    /// Opens the inbox that is there now; whether it is another than before. ENOENT if there is none.
    public func reopenInbox() throws(Errno) -> Bool {
        let found = try root.directory(SpoolLayout.inbox)
        let isSame = try found.status().isSameFile(as: inbox.status())
        if !isSame { openInbox.withLock { $0 = found } }
        return !isSame
    }

    /// Whether a directory is a spool already, or empty.
    public static func canBeSpool(_ root: Directory) throws(Errno) -> Bool {
        if root.has(SpoolLayout.settings) || root.has(SpoolLayout.inbox) { return true }
        var isEmpty = true
        try root.forEachEntry { entry throws(Errno) in
            // The root of a filesystem of its own has the one from the beginning; the other is where a crash cut `init` off.
            if entry.name != "lost+found", entry.name != SpoolMaker.unfinished(SpoolLayout.inbox) { isEmpty = false }
            return isEmpty
        }
        return isEmpty
    }

    /// Takes the spool for this process as long as it lives. A stale lock cannot exist: the kernel drops it with the process.
    public func lock() throws(SpoolError) -> SpoolLock { try SpoolLock(taking: self) }
}

/// Makes the spool's directories, once, with the modes and the owner that they must have.
struct SpoolMaker {
    let owner: UInt32
    let group: UInt32

    /// A directory that is made if it is lacking. One that is there keeps what its operator gave it.
    func directory(_ name: EntryName, in parent: Directory, mode: UInt32) throws(SpoolError) -> Directory {
        do {
            return try openOrMake(name, in: parent, mode: mode)
        } catch {
            throw SpoolError(
                .inaccessible, "\(name)/", cause: error,
                advice: "give the spool's directories to the user who runs bobbind")
        }
    }

    /// What a directory is called until it is as it must be.
    static func unfinished(_ name: EntryName) -> EntryName {
        EntryName(bytes: [0x2E] + name.bytes + Array(".new".utf8))
    }

    private func openOrMake(_ name: EntryName, in parent: Directory, mode: UInt32) throws(Errno) -> Directory {
        do {
            return try parent.directory(name)
        } catch {
            if error != .noSuchFileOrDirectory { throw error }
        }
        // Whole or not at all: one that a crash left without its owner or its mode would be taken for an operator's choice.
        let unfinished = Self.unfinished(name)
        do {
            let made = try parent.makeOrOpenDirectory(unfinished, mode: 0o700)
            if geteuid() == 0 { try made.changeOwner(to: owner, group: group) }
            try made.changeMode(to: mode)
            try parent.rename(unfinished, to: name)
            return made
        } catch {
            // Another daemon that starts at the same moment has made it.
            if error != .noSuchFileOrDirectory, error != .fileExists { throw error }
            return try parent.directory(name)
        }
    }
}
