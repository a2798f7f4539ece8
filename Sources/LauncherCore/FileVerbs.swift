// The verbs that need privilege because they touch what belongs to others. Each is a few calls in an order that a crash
// between any two of them leaves repeatable: asked again, it goes on where it was.

internal import Glibc
internal import Linux
internal import SandboxProtocol
internal import SystemPackage
internal import Trees

struct FileVerbs {
    let spool: Directory
    let privilege: Privilege
    /// The daemon's user.
    let owner: FileOwnership

    private var isRoot: Bool { privilege.isRoot }

    /// Whose a bundle may be that was taken over: the daemon's, or that of a run it was for. Nothing else is given on or handed
    /// out, though a link brought it in.
    var bundleOwners: OwnerSet { privilege.owners(and: owner.owner) }

    static let sent: EntryName = "sent"
    static let bundle: EntryName = "bundle"
    static let upper: EntryName = "upper"
    static let work: EntryName = "work"
    static let files: EntryName = "files"
    /// What was not taken into `files`.
    static let dropped: EntryName = "dropped"

    /// Entries and bytes up to which a request is done at once.
    private static let smallEntries = 64
    private static let smallBytes: Int64 = 4 << 20

    /// Whether the request works on a tree that is too large to do while others wait.
    func isLarge(_ request: Request) -> Bool {
        switch request {
        case .take(let run, _, _, _, _): isLarge(run, Self.sent)
        case .look(let queue, let name): isLarge(queue, name, bytes: .max)
        case .collect(let run, _, _, _, _, _): isLarge(run, Self.upper, bytes: .max)
        case .sendBack(let run, _, _): isLarge(run, Self.sent, bytes: .max)
        case .publish(let active, _, let name, _): isLarge(active, name, bytes: .max)
        case .remove(let place, let name): isLarge(place, name, bytes: .max)
        case .discard(let place, let name, _, _, let deletes): deletes && isLarge(place, name, bytes: .max)
        case .copy(let place, let name, _, _, _): isLarge(place, name)
        case .measure(let place, let name): isLarge(place, name, bytes: .max)
        case .seal: true
        default: false
        }
    }

    private func isLarge(_ place: Place, _ name: EntryName, bytes: Int64 = smallBytes) -> Bool {
        guard let directory = try? place.open(in: spool), let status = try? directory.status(of: name) else {
            return false
        }
        if status.kind != .directory { return status.kind == .regular && status.size > bytes }
        guard let tree = try? directory.tree(name) else { return true }
        return TreeCount.isLarger(than: Self.smallEntries, bytes: bytes, in: tree)
    }

    /// Does what `RequestRules` let pass, and says what came of it.
    func perform(_ request: Request) -> Reply {
        do {
            switch request {
            case .claim(let queue, let name, let run, let newName): return try claim(queue, name, run, newName)
            case .look(let queue, let name): return try look(queue, name)
            case .take(let run, let name, let form, let bytes, let entries):
                return try take(run, name, form, TreeLimits(bytes: bytes, entries: Int(entries)))
            case .collect(let run, let result, let trash, let ownership, let bytes, let entries):
                return try collect(run, result, trash, ownership, TreeLimits(bytes: bytes, entries: Int(entries)))
            case .sendBack(let run, let result, let ownership): return try sendBack(run, result, ownership)
            case .publish(let active, let outbox, let name, let ownership):
                return try publish(active, outbox, name, ownership)
            case .remove(let place, let name): return try remove(place, name)
            case .discard(let place, let name, let trash, let newName, let deletes):
                let target = try trash.open(in: spool)
                try TreeMove.move(name, of: place.open(in: spool), to: newName, in: target)
                // It is gone from where it was: what is left of it is the trash's.
                if deletes { try? TreeRemove.remove(newName, in: target) }
                return .done
            case .copy(let place, let name, let target, let newName, let ownership):
                return try copy(place, name, target, newName, ownership)
            case .measure(let place, let name):
                return .report(Array(TreeSize.measure(name, in: try place.open(in: spool)).text.utf8))
            case .seal(let place, let bytes, let entries):
                return try seal(place, TreeLimits(bytes: bytes, entries: Int(entries)))
            case .makeDirectory(let place, let name, let mode, let model):
                return try makeDirectory(place, name, mode, model)
            case .run, .terminate, .kill, .reap, .probe, .controlGroup, .sample: return .refused("not a verb on files")
            }
        } catch let error as Errno {
            return .failed(errno: error.rawValue, subject: request.subject)
        } catch let error as TreeFailure {
            return .failed(
                errno: error.errno.rawValue, subject: "\(request.subject): \(escaped(error.path)): \(error.call)")
        } catch {
            return .failed(errno: EIO, subject: request.subject)
        }
    }

    /// Takes an entry out of the inbox. From here on its owner can no longer change where it is, only, by a descriptor,
    /// what is in it.
    private func claim(_ queue: Place, _ name: EntryName, _ run: Place, _ newName: EntryName) throws -> Reply {
        let target = try run.open(in: spool)
        try queue.open(in: spool).rename(name, to: newName, in: target)
        return .claimed(ClaimedEntry(try target.status(of: newName)))
    }

    private func look(_ queue: Place, _ name: EntryName) throws -> Reply {
        guard let look = TreeLook(name, in: try queue.open(in: spool)) else { return .looked(nil) }
        return .looked(
            DropLook(
                kind: look.kind, owner: look.owner, size: look.size, digest: look.digest, entries: Int64(look.entries),
                isBeingWritten: look.isBeingWritten, hasTransferName: look.hasTransferName))
    }

    /// Copies `sent` to where its owner has no descriptor into it.
    private func take(_ run: Place, _ name: EntryName, _ form: TakenForm, _ limits: TreeLimits) throws -> Reply {
        let directory = try run.open(in: spool)
        try TreeRemove.remove(name, in: directory)
        // Who does not own what is in his own directory has linked or moved it there.
        let sender: OwnerSet? = isRoot ? [try directory.status(of: Self.sent).owner] : nil
        let newOwner = isRoot ? Ownership(owner: owner.owner, group: owner.group) : nil
        let report: TreeReport
        switch form {
        case .directory:
            let source = try directory.tree(Self.sent)
            report = try TreeCopy.copyDirectory(
                source, into: makeOwn(name, in: directory), owner: sender, limits: limits, newOwner: newOwner)
        case .script(let file):
            report = try TreeCopy.copyFile(
                Self.sent, of: directory, as: file, into: makeOwn(name, in: directory), owner: sender, limits: limits,
                newOwner: newOwner)
        case .archive:
            report = try TreeCopy.copyFile(
                Self.sent, of: directory, as: name, into: directory, owner: sender, limits: limits, newOwner: newOwner)
        }
        return .report(Array(report.text.utf8))
    }

    private func makeOwn(_ name: EntryName, in directory: Directory) throws(Errno) -> Directory {
        try directory.makeDirectory(name, mode: 0o755)
        let made = try directory.tree(name)
        if isRoot { try made.changeOwner(to: owner.owner, group: owner.group) }
        return made
    }

    /// Makes what the script wrote into `files` of the result.
    private func collect(
        _ run: Place, _ result: Place, _ trash: Place?, _ ownership: FileOwnership, _ limits: TreeLimits
    ) throws -> Reply {
        let directory = try run.open(in: spool)
        let target = try result.open(in: spool)
        let journal = TreeJournal(Self.dropped, in: directory)
        let report: TreeReport
        if directory.has(Self.upper) {
            // `work` still tells who the script was when half of `upper` has been given away already.
            let script: OwnerSet? = isRoot ? scriptUser(in: directory) : nil
            report = try TreeClean.clean(
                Self.upper, in: directory, script: script, limits: limits,
                newOwner: isRoot ? Ownership(owner: ownership.owner, group: ownership.group) : nil, journal: journal)
            try TreeRemove.remove(Self.files, in: target)
            try directory.rename(Self.upper, to: Self.files, in: target)
        } else {
            report = try journal.report()
            if !target.has(Self.files) { try target.makeDirectory(Self.files, mode: 0o750) }
            // Also of one that a crash left.
            if isRoot { try target.tree(Self.files).changeOwner(to: ownership.owner, group: ownership.group) }
        }
        for leftover in [Self.work, Self.sent] { try discard(leftover, of: run, in: directory, trash) }
        return .report(Array(report.text.utf8))
    }

    /// Only runs' users count: what else `work` may be, the daemon has made it so.
    private func scriptUser(in directory: Directory) -> OwnerSet {
        guard let work = try? directory.status(of: Self.work), privilege.isRunUser(work.owner) else {
            return [owner.owner]
        }
        return [work.owner]
    }

    /// Deleting is dear while others wait, on ext4 above all, where each new inode is looked for among those just deleted.
    private func discard(_ name: EntryName, of run: Place, in directory: Directory, _ trash: Place?) throws {
        if let trash, let run = run.names.last, directory.has(name) {
            do {
                let there = EntryName(bytes: run.bytes + [0x2E] + name.bytes)
                return try directory.rename(name, to: there, in: trash.open(in: spool))
            } catch {
                // Asked again after a crash, with one there already.
                if error != .fileExists { throw error }
            }
        }
        try TreeRemove.remove(name, in: directory)
    }

    /// Gives a rejected bundle back as it came, but for set-id bits: its readers are others than its sender.
    private func sendBack(_ run: Place, _ result: Place, _ ownership: FileOwnership) throws -> Reply {
        let directory = try run.open(in: spool)
        let target = try result.open(in: spool)
        if directory.has(Self.sent) { try directory.rename(Self.sent, to: Self.sent, in: target) }
        guard target.has(Self.sent) else { return .done }
        if isRoot {
            try TreeOwner.give(
                Self.sent, in: target, to: Ownership(owner: ownership.owner, group: ownership.group),
                from: [ownership.owner], modes: .withoutSetID)
        } else {
            // An ordinary user can give nothing away, and change the modes of its own files only: what is another's stays so.
            _ = try? TreeOwner.give(Self.sent, in: target, to: nil, from: [owner.owner], modes: .withoutSetID)
        }
        return .done
    }

    /// Makes a result its reader's, and visible by one rename.
    private func publish(_ active: Place, _ outbox: Place, _ name: EntryName, _ ownership: FileOwnership) throws
        -> Reply
    {
        let source = try active.open(in: spool)
        let target = try outbox.open(in: spool)
        if !source.has(name) {
            // Asked again after a crash: it may be there, or its reader may have removed it.
            if target.has(name) { return .published(before: true, bytes: TreeSize.measure(name, in: target).bytes) }
            throw Errno.noSuchFileOrDirectory
        }
        // An ordinary user's daemon made all of it with the modes of a result, and can give nothing away.
        let bytes =
            isRoot
            ? try TreeOwner.give(
                name, in: source, to: Ownership(owner: ownership.owner, group: ownership.group),
                from: [owner.owner, ownership.owner], modes: .result)
            : TreeSize.measure(name, in: source).bytes
        try source.rename(name, to: name, in: target)
        return .published(before: false, bytes: bytes)
    }

    /// The copy is made under a hidden name, so that asked again after a crash it begins anew.
    private func copy(
        _ place: Place, _ name: EntryName, _ target: Place, _ newName: EntryName, _ ownership: FileOwnership
    ) throws -> Reply {
        let source = try place.open(in: spool)
        let directory = try target.open(in: spool)
        let unfinished = EntryName(bytes: [0x2E] + newName.bytes + Array(".copy".utf8))
        let newOwner = isRoot ? Ownership(owner: ownership.owner, group: ownership.group) : nil
        let limits = TreeLimits(bytes: .max, entries: .max)
        // Who gets the copy may not be one who may read everything.
        let owners: OwnerSet? =
            !isRoot ? nil : RequestRules.isPublished(place) ? [try source.status().owner] : bundleOwners
        try TreeRemove.remove(unfinished, in: directory)
        let report: TreeReport
        if try source.status(of: name).kind == .directory {
            try directory.makeDirectory(unfinished, mode: 0o700)
            let made = try directory.tree(unfinished)
            report = try TreeCopy.copyDirectory(
                source.tree(name), into: made, owner: owners, limits: limits, newOwner: newOwner)
            if let newOwner { try made.changeOwner(to: newOwner.owner, group: newOwner.group) }
        } else {
            report = try TreeCopy.copyFile(
                name, of: source, as: unfinished, into: directory, owner: owners, limits: limits, newOwner: newOwner)
            let file = try directory.open(unfinished, O_RDONLY)
            let made = try FileStatus.of(descriptor: file.rawValue)
            // Another file has taken its name.
            guard made.kind == .regular, made.links == 1 else { throw Errno.staleNFSFileHandle }
            try changeMode(of: file.rawValue, to: made.permissions & 0o111 != 0 ? 0o700 : 0o600)
        }
        // What was taken over once has nothing in it that cannot be copied; if it has now, it is not what was sent.
        guard report.isClean else { throw Errno.ioError }
        try directory.rename(unfinished, to: newName, in: directory)
        return .report(Array(report.text.utf8))
    }

    /// Cleans in place what a builder left, whose processes are dead.
    private func seal(_ place: Place, _ limits: TreeLimits) throws -> Reply {
        let directory = try place.open(in: spool)
        let report = try TreeClean.clean(
            ShownEnvironment.tree, in: directory, script: isRoot ? privilege.owners(and: owner.owner) : nil,
            limits: limits, newOwner: isRoot ? Ownership(owner: owner.owner, group: owner.group) : nil,
            purpose: .environment)
        return .report(Array(report.text.utf8))
    }

    private func remove(_ place: Place, _ name: EntryName) throws -> Reply {
        try TreeRemove.remove(name, in: place.open(in: spool))
        return .done
    }

    /// Makes a queue's directory: the daemon's, with the group that the maker of the inbox gave it.
    private func makeDirectory(_ place: Place, _ name: EntryName, _ mode: UInt32, _ model: Place) throws -> Reply {
        let group = try model.open(in: spool).status().group
        let made = try place.open(in: spool).makeOrOpenTree(name, mode: mode & 0o777)
        let status = try made.status()
        if status.owner != owner.owner || status.group != group {
            // Not the daemon's: somebody else put it there.
            try made.changeOwner(to: isRoot ? owner.owner : status.owner, group: group)
        }
        // After the owner, whose change clears the set-id bit.
        try made.changeMode(to: mode)
        return .done
    }
}

extension Request {
    /// What an error of it is about.
    var subject: String {
        switch self {
        case .claim(let queue, let name, _, _): "claim \(queue)/\(name)"
        case .look(let queue, let name): "look at \(queue)/\(name)"
        case .take(let run, _, _, _, _): "take over \(run)/sent"
        case .collect(let run, _, _, _, _, _): "collect \(run)/upper"
        case .sendBack(_, let result, _): "give back \(result)/sent"
        case .publish(_, let outbox, let name, _): "publish \(outbox)/\(name)"
        case .remove(let place, let name): "remove \(place)/\(name)"
        case .discard(let place, let name, _, _, _): "discard \(place)/\(name)"
        case .copy(let place, let name, let target, _, _): "copy \(place)/\(name) to \(target)"
        case .measure(let place, let name): "measure \(place)/\(name)"
        case .makeDirectory(let place, let name, _, _): "make \(place)/\(name)"
        case .seal(let place, _, _): "seal \(place)"
        case .run, .terminate, .kill, .reap, .probe, .controlGroup, .sample: "the request"
        }
    }

    /// Whether it does more than look.
    var changesFiles: Bool {
        switch self {
        case .look, .measure, .run, .terminate, .kill, .reap, .probe: false
        default: true
        }
    }
}
