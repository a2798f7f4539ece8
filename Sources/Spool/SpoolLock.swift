internal import Glibc
public import Linux
internal import SystemPackage

/// Holds `state/lock`: two daemons on one spool cannot be.
public final class SpoolLock: Sendable {
    private let file: SharedDescriptor

    // An open file description's lock (fcntl(2), F_OFD_SETLK and F_OFD_GETLK, which need _GNU_SOURCE), and not flock(2): only
    // this one can be looked at without taking it, and a look must never keep a daemon from starting.
    private static let take: Int32 = 37
    private static let look: Int32 = 36

    private static var wholeFile: flock {
        flock(l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 0, l_pid: 0)
    }

    init(taking spool: borrowing Spool) throws(SpoolError) {
        do {
            let opened = try spool.state.open(SpoolLayout.lock, O_RDWR | O_CREAT, mode: 0o600)
            var whole = Self.wholeFile
            if fcntl(opened.rawValue, Self.take, &whole) != 0 {
                if errno != EAGAIN && errno != EACCES { throw Errno(rawValue: errno) }
                let text = (try? readAll(opened.rawValue, limit: 64)).map { String(decoding: $0, as: UTF8.self) }
                throw SpoolLockHeld(pid: text.flatMap { Int32($0.prefix { $0.isNumber }) })
            }
            try setSize(of: opened.rawValue, to: 0)
            try writeAll(opened.rawValue, Array("\(getpid())\n".utf8))
            if geteuid() == 0 { try changeOwner(of: opened.rawValue, to: spool.owner, group: spool.adminGroup) }
            file = SharedDescriptor(opened)
        } catch let held as SpoolLockHeld {
            throw SpoolError(
                .locked(pid: held.pid), spool.path, advice: "stop that one first, or use another spool with --spool")
        } catch {
            throw SpoolError(.inaccessible, "state/lock", cause: error as? Errno)
        }
    }

    /// The daemon that holds the spool, as it wrote itself down; nil if none does, or the caller may not know.
    public static func holder(stateOf root: Directory) -> Int32? {
        guard isHeld(stateOf: root) == true,
            let text = try? root.directory(SpoolLayout.state).read(SpoolLayout.lock, limit: 64)
        else { return nil }
        return Int32(String(decoding: text, as: UTF8.self).prefix { $0.isNumber })
    }

    /// Whether some daemon holds the spool. Needs permission to open the lock; nil if that is lacking.
    public static func isHeld(stateOf root: Directory) -> Bool? {
        do {
            let file = try root.directory(SpoolLayout.state).open(SpoolLayout.lock, O_RDONLY)
            var whole = wholeFile
            if fcntl(file.rawValue, look, &whole) != 0 { return nil }
            return whole.l_type != Int16(F_UNLCK)
        } catch {
            return error == .noSuchFileOrDirectory ? false : nil
        }
    }
}

private struct SpoolLockHeld: Error { let pid: Int32? }
