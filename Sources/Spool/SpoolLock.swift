internal import Glibc
public import Linux
internal import SystemPackage

/// Holds `state/lock`: two daemons on one spool cannot be.
public final class SpoolLock: Sendable {
    private let file: SharedDescriptor

    init(taking spool: borrowing Spool) throws(SpoolError) {
        do {
            let opened = try spool.state.open(SpoolLayout.lock, O_RDWR | O_CREAT, mode: 0o600)
            if flock(opened.rawValue, LOCK_EX | LOCK_NB) != 0 {
                if errno != EWOULDBLOCK { throw Errno(rawValue: errno) }
                let text = (try? readAll(opened.rawValue, limit: 64)).map { String(decoding: $0, as: UTF8.self) }
                throw SpoolLockHeld(pid: text.flatMap { Int32($0.prefix { $0.isNumber }) })
            }
            try check(ftruncate(opened.rawValue, 0))
            try writeAll(opened.rawValue, Array("\(getpid())\n".utf8))
            if geteuid() == 0 { try check(fchown(opened.rawValue, spool.owner, spool.adminGroup)) }
            file = SharedDescriptor(opened)
        } catch let held as SpoolLockHeld {
            throw SpoolError(
                .locked(pid: held.pid), spool.path, advice: "stop that one first, or use another spool with --spool")
        } catch {
            throw SpoolError(.inaccessible, "state/lock", cause: error as? Errno)
        }
    }

    /// Whether some daemon holds the spool. Needs permission to open the lock; nil if that is lacking.
    public static func isHeld(stateOf root: Directory) -> Bool? {
        do {
            let file = try root.directory(SpoolLayout.state).open(SpoolLayout.lock, O_RDONLY)
            if flock(file.rawValue, LOCK_SH | LOCK_NB) != 0 { return errno == EWOULDBLOCK }
            return false
        } catch {
            return error == .noSuchFileOrDirectory ? false : nil
        }
    }
}

private struct SpoolLockHeld: Error { let pid: Int32? }
