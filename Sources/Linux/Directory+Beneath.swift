internal import CLinux
internal import Glibc
public import SystemPackage

extension Directory {
    /// Opens a file below this directory by a relative path, links followed only as long as they stay below it: EXDEV if
    /// one leaves. Never waits for a FIFO's other end. The corresponding C function is `openat2`.
    public func open(beneath path: [UInt8], _ flags: Int32) throws(Errno) -> OwnedDescriptor {
        try open(beneath: path, flags, resolve: UInt64(LINUX_RESOLVE_BENEATH | LINUX_RESOLVE_NO_MAGICLINKS))
    }

    /// Opens a directory below this one by a relative path that has no link in it: ELOOP if there is one.
    /// The corresponding C function is `openat2`.
    ///
    /// Without `crossingMounts`, EXDEV if something is mounted on the way.
    public func directory(beneath path: [UInt8], crossingMounts: Bool = true) throws(Errno) -> Directory {
        var resolve = LINUX_RESOLVE_BENEATH | LINUX_RESOLVE_NO_SYMLINKS
        if !crossingMounts { resolve |= LINUX_RESOLVE_NO_XDEV }
        return Directory(try open(beneath: path, O_RDONLY | O_DIRECTORY, resolve: UInt64(resolve)))
    }

    /// Opens a directory of this tree: EXDEV if another one is mounted there.
    public func tree(_ name: EntryName) throws(Errno) -> Directory {
        try directory(beneath: name.bytes, crossingMounts: false)
    }

    private func open(beneath path: [UInt8], _ flags: Int32, resolve: UInt64) throws(Errno) -> OwnedDescriptor {
        if path.isEmpty || path.contains(0) { throw .invalidArgument }
        let all = UInt64(UInt32(bitPattern: flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY))
        let raw = try withCBytes(path) { pointer throws(Errno) in
            try retrying { linux_openat2(rawValue, pointer, all, 0, resolve) }
        }
        return OwnedDescriptor(taking: raw)
    }
}
