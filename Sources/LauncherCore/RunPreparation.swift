internal import Glibc
internal import Linux
internal import SandboxProtocol
internal import SystemPackage
internal import Trees

/// A step of a run that failed before there was a process to report it.
struct RunFailure: Error {
    let step: SandboxStep
    let errno: Errno

    init(_ step: SandboxStep, _ errno: Errno) {
        self.step = step
        self.errno = errno
    }

    @discardableResult
    static func at<Result>(_ step: SandboxStep, _ body: () throws(Errno) -> Result) throws(RunFailure) -> Result {
        do { return try body() } catch { throw RunFailure(step, error) }
    }
}

/// What is done in a run's directory before its sandbox is made.
struct RunPreparation {
    let plan: SandboxPlan
    let directory: Directory
    /// The run's user, outside.
    let user: FileOwnership
    /// Whose a bundle may be: what else a link has brought into it is not the run's.
    let owners: OwnerSet
    let isRoot: Bool

    private var writable: EntryName? {
        switch plan.workspace {
        case .overlay: FileVerbs.bundle
        case .direct(let name): name
        case .empty: nil
        case .building: ShownEnvironment.tree
        }
    }

    func isLarger(than entries: Int) -> Bool {
        guard isRoot, let writable, let tree = try? directory.tree(writable) else { return false }
        return TreeCount.isLarger(than: entries, in: tree)
    }

    /// The tree that runs belongs to the run's user, or it could not change its own files. As an ordinary user it does
    /// already.
    func giveBundle() throws(RunFailure) {
        guard isRoot, let writable else { return }
        do {
            try TreeOwner.give(
                writable, in: directory, to: Ownership(owner: user.owner, group: user.group), from: owners)
        } catch { throw RunFailure(.ownership, error.errno) }
    }

    /// Fresh `upper` and `work`: what an earlier attempt wrote is gone, and a used volatile work directory cannot be
    /// mounted.
    func makeLayers() throws(RunFailure) {
        try RunFailure.at(.directory) { () throws(Errno) in
            // The sandbox's user finds the layers by their names; it can list nothing, and the spool above is closed to
            // it.
            if try directory.status().permissions & 0o001 == 0 { try directory.changeMode(to: 0o711) }
        }
        guard plan.workspace == .overlay else { return }
        try RunFailure.at(.directory) { () throws(Errno) in
            try TreeJournal(FileVerbs.dropped, in: directory).clear()
        }
        for name in [FileVerbs.upper, FileVerbs.work] {
            do {
                if directory.has(name) { try TreeRemove.remove(name, in: directory) }
            } catch { throw RunFailure(.directory, error.errno) }
            try RunFailure.at(.directory) { () throws(Errno) in
                try directory.makeDirectory(name, mode: 0o755)
                if isRoot { try directory.tree(name).changeOwner(to: user.owner, group: user.group) }
            }
        }
    }

    /// A pipe belongs to its maker, and /dev/stdout opens it anew.
    func giveOutput(_ descriptors: [SharedDescriptor]) throws(RunFailure) {
        if !isRoot { return }
        try RunFailure.at(.output) { () throws(Errno) in
            for descriptor in descriptors where RunDescriptors.isUnnamedPipe(descriptor.rawValue) {
                try changeOwner(of: descriptor.rawValue, to: user.owner, group: user.group)
            }
        }
    }
}
