import CLinux
import Glibc
import Linux
import Spool
import SystemPackage

/// Makes a spool and says what was made.
struct SpoolMaking {
    let path: String
    let owner: String?

    /// Whom a spool that root makes belongs to.
    static let systemUser = "bobbin"

    func run() throws(Failure) -> Spool {
        let user = geteuid() == 0 ? try ownerIDs() : nil
        let root = try makeRoot(user)
        let isNewFile = try writeSettings(root, user)
        let spool: Spool
        do { spool = try Spool(preparing: path) } catch { throw Failure(error) }
        let isNewQueue = try makeQueue(spool)
        let whose = "\(Account.userName(spool.owner)), group \(Account.groupName(spool.adminGroup))"
        Console.print("\(path) is a spool of \(whose)")
        if isNewFile { Console.print("made \(path)/bobbin.yaml: every setting, with its default") }
        if isNewQueue { Console.print("made \(path)/inbox/default: a queue; mkdir beside it makes another") }
        return spool
    }

    /// The owner as asked, or the system user, made if it is lacking.
    private func ownerIDs() throws(Failure) -> (id: UInt32, group: UInt32) {
        if let owner {
            guard let user = Account.user(owner) else {
                throw Failure(.notFound, "there is no user '\(escaped(owner.utf8))'")
            }
            return user
        }
        if let user = Account.user(Self.systemUser) { return user }
        let arguments = [
            "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell",
            "/usr/sbin/nologin", Self.systemUser,
        ]
        let places: [String] = ["/usr/sbin/useradd", "/sbin/useradd"]
        guard let program = places.first(where: { access($0, X_OK) == 0 }) else {
            throw Failure(
                .cannotCreate,
                "there is no user '\(Self.systemUser)' and no useradd to make it; make it, or name another with --owner"
            )
        }
        do {
            let status = try ChildProcess.run(program, arguments)
            guard status == 0, let user = Account.user(Self.systemUser) else {
                throw Errno(rawValue: ECHILD)
            }
            Console.print("made the system user '\(Self.systemUser)'")
            return user
        } catch {
            throw Failure(
                .cannotCreate,
                "cannot make the user '\(Self.systemUser)' with useradd: \(error); or name one with --owner")
        }
    }

    private func makeRoot(_ user: (id: UInt32, group: UInt32)?) throws(Failure) -> Directory {
        do throws(Errno) {
            let isNew = mkdir(path, 0o755) == 0
            if !isNew, errno != EEXIST { throw Errno(rawValue: errno) }
            let root = try Directory(path: path)
            // Before anything of it is changed: nobody wants /etc to belong to Bobbin.
            guard try Spool.canBeSpool(root) else { throw Errno.directoryNotEmpty }
            // A spool keeps its owner; a directory that is none yet, as mkdir or a clone left it, gets one.
            if let user, !root.has(SpoolLayout.inbox) { try root.changeOwner(to: user.id, group: user.group) }
            if isNew { try root.changeMode(to: 0o755) }
            return root
        } catch {
            let advice =
                error == .directoryNotEmpty ? "; it holds other things and is no spool: name an empty directory" : ""
            throw Failure(.cannotCreate, "cannot make \(path): \(error)\(advice)")
        }
    }

    private func writeSettings(_ root: Directory, _ user: (id: UInt32, group: UInt32)?) throws(Failure) -> Bool {
        do {
            try root.create(SpoolLayout.settings, with: Array(StandardSettings.text.utf8), mode: 0o644)
            if let user { try root.changeOwner(of: SpoolLayout.settings, to: user.id, group: user.group) }
            return true
        } catch {
            if error == .fileExists { return false }
            throw Failure(.cannotCreate, "cannot write \(path)/bobbin.yaml: \(error)")
        }
    }

    /// The queue `default`: for the spool's group where root made it, else for its owner alone. Sticky, so that those who share
    /// it cannot take away one another's drops; set-group-id, so that its files are the group's.
    private func makeQueue(_ spool: Spool) throws(Failure) -> Bool {
        let name: EntryName = "default"
        do throws(Errno) {
            do {
                try spool.inbox.makeDirectory(name, mode: 0o700)
            } catch {
                if error == .fileExists { return false }
                throw error
            }
            let queue = try spool.inbox.directory(name)
            if geteuid() == 0 { try queue.changeOwner(to: spool.owner, group: spool.adminGroup) }
            try queue.changeMode(to: geteuid() == 0 ? 0o3770 : 0o755)
            return true
        } catch {
            throw Failure(.cannotCreate, "cannot make \(path)/inbox/default: \(error)")
        }
    }
}
