internal import Glibc
public import Linux
public import Runs
public import SystemPackage

/// `active/QUEUE/NAME.RUN/`: what readers see of a run that waits or runs, and what becomes its result.
///
/// It is a copy: users may delete or edit it at any moment, and nothing is read back from it.
public final class ResultDirectory: Sendable {
    public let directory: Directory
    /// `NAME.RUN`.
    public let name: EntryName
    /// `active/QUEUE`.
    public let parent: Directory

    init(directory: Directory, name: EntryName, parent: Directory) {
        self.directory = directory
        self.name = name
        self.parent = parent
    }

    private static let mode: UInt32 = 0o640

    /// Writes status.json and then `state`, each replaced as a whole. With a final state, `exit_code` comes before both.
    public func write(_ status: RunStatus) throws(Errno) {
        if status.state.isFinal, let code = status.exitCode {
            try directory.replace(SpoolLayout.Result.exitCode, with: Array("\(code)\n".utf8), mode: Self.mode)
        }
        let json = Array((status.json(pretty: true) + "\n").utf8)
        try directory.rewrite(SpoolLayout.Result.status, with: json, mode: Self.mode)
        if status.state.isFinal {
            try directory.replace(
                SpoolLayout.Result.state, with: Array((status.state.rawValue + "\n").utf8), mode: Self.mode)
            try directory.dropSpare(of: SpoolLayout.Result.status)
        } else {
            try writeShared(status.state)
        }
    }

    /// The word of a state that is not final: one file of the queue, that all its runs in that state share.
    ///
    /// Several bundles are taken over at a time, and may all be the queue's first. A file that is just replaced cannot get a
    /// further name (ENOENT from linkat), so it is replaced only when it cannot be used, and then who misses it tries again.
    private func writeShared(_ state: RunState) throws(Errno) {
        let word = SpoolLayout.word(state)
        var attempts = 0
        while true {
            do {
                return try directory.replace(SpoolLayout.Result.state, byLinkTo: word, in: parent)
            } catch {
                attempts += 1
                // EPERM: it is not the daemon's own any more, and only its owner may give it further names.
                let isUnusable = error == .tooManyLinks || error == .notPermitted
                guard isUnusable || error == .noSuchFileOrDirectory, attempts < 10 else { throw error }
                try makeWord(word, state, replacing: isUnusable)
            }
        }
    }

    private func makeWord(_ word: EntryName, _ state: RunState, replacing: Bool) throws(Errno) {
        let own = EntryName(".\(state.rawValue).\(name)")
        try parent.unlinkIfPresent(own)
        try parent.create(own, with: Array((state.rawValue + "\n").utf8), mode: Self.mode)
        do {
            try parent.rename(own, to: word, replacing: replacing)
        } catch {
            try parent.unlinkIfPresent(own)
            if error != .fileExists { throw error }
        }
    }

    /// Writes manifest.json, unless it is there as it is to be: a new file costs far more than a look at the one before.
    public func write(manifest: String) throws(Errno) {
        let bytes = Array((manifest + "\n").utf8)
        if has(SpoolLayout.Result.manifest, with: bytes) { return }
        try directory.replace(SpoolLayout.Result.manifest, with: bytes, mode: Self.mode)
    }

    /// Whether a file is this program's own, with just that content: nobody else may have put it there, or could write to it.
    private func has(_ name: EntryName, with bytes: [UInt8]) -> Bool {
        guard let file = try? directory.open(name, O_RDONLY),
            let status = try? FileStatus.of(descriptor: file.rawValue),
            status.kind == .regular, status.links == 1, status.owner == geteuid(), status.permissions == Self.mode,
            status.size == bytes.count, let found = try? readAll(file.rawValue, limit: bytes.count)
        else { return false }
        return found == bytes
    }

    /// Makes, or empties, the file that the output goes to.
    public func makeLog(_ name: EntryName) throws(Errno) -> OwnedDescriptor {
        let file: OwnedDescriptor
        do {
            file = try directory.open(name, O_RDWR | O_CREAT | O_EXCL, mode: Self.mode)
        } catch {
            if error != .fileExists { throw error }
            try directory.unlinkIfPresent(name)
            file = try directory.open(name, O_RDWR | O_CREAT | O_EXCL, mode: Self.mode)
        }
        try changeMode(of: file.rawValue, to: Self.mode)
        return file
    }

    /// Where the result of an earlier attempt is kept, made if it is not there.
    ///
    /// - Parameter number: from 1.
    public func attempt(_ number: Int) throws(Errno) -> ResultDirectory {
        let attempts = try directory.makeOrOpenDirectory(SpoolLayout.Result.attempts, mode: 0o750)
        let name = EntryName(String(number))
        return ResultDirectory(
            directory: try attempts.makeOrOpenDirectory(name, mode: 0o750), name: name, parent: attempts)
    }

    /// Whether it still is where readers look for it: a user may have removed or replaced it.
    public func isInPlace() -> Bool {
        guard let there = try? parent.status(of: name), let own = try? directory.status() else { return false }
        return there.isSameFile(as: own)
    }
}

extension Spool {
    /// The directory that a run's readers see, made if it is not there.
    ///
    /// - Parameter parent: `active/QUEUE`, with the group and the set-group-id bit that its readers need.
    public func resultDirectory(_ name: BundleName, _ run: RunID, in parent: Directory) throws(Errno) -> ResultDirectory
    {
        let entry = SpoolLayout.directory(name, run)
        let directory: Directory
        do {
            // Nearly always: each of a run's stations asks for it.
            directory = try parent.directory(entry)
        } catch {
            if error != .noSuchFileOrDirectory { throw error }
            try parent.makeDirectory(entry, mode: 0o750)
            directory = try parent.directory(entry)
        }
        // The umask may have taken bits, and a set-group-id bit is inherited from `active/QUEUE`, where there is one.
        return ResultDirectory(directory: directory, name: entry, parent: parent)
    }
}
