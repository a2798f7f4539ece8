internal import CLinux
internal import Glibc
public import SystemPackage

/// An open directory; everything below it is reached by one checked name at a time, links never followed.
///
/// No method takes a path with `/` in it, except `init(path:)`, which is for places that the operator named.
public final class Directory: Sendable {
    private let descriptor: OwnedDescriptor

    public init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    /// Opens a directory by the path an operator gave. The corresponding C function is `open`.
    public convenience init(path: String) throws(Errno) {
        let raw = try retrying { linux_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0) }
        self.init(OwnedDescriptor(taking: raw))
    }

    /// The descriptor's number, valid as long as this object lives.
    public var rawValue: Int32 { descriptor.rawValue }

    // MARK: Opening

    /// Opens a directory in it. ENOTDIR or ELOOP if it is something else. The corresponding C function is `openat`.
    public func directory(_ name: EntryName) throws(Errno) -> Directory {
        Directory(try open(name, O_RDONLY | O_DIRECTORY))
    }

    /// Opens a directory only to reach what is in it by name: it must be searchable, and need not be readable.
    public func passage(_ name: EntryName) throws(Errno) -> Directory {
        Directory(try open(name, Int32(LINUX_O_PATH) | O_DIRECTORY))
    }

    /// Opens an entry: never through a link, never waiting for a FIFO's other end, never as a controlling terminal.
    /// The corresponding C function is `openat`.
    public func open(_ name: EntryName, _ flags: Int32, mode: UInt32 = 0o644) throws(Errno) -> OwnedDescriptor {
        let all = flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        if flags & O_CREAT != 0 { CutPoint.pass("create", name, in: rawValue) }
        let raw = try name.withCString { pointer throws(Errno) in
            try retrying { linux_openat(rawValue, pointer, all, mode) }
        }
        return OwnedDescriptor(taking: raw)
    }

    /// A new open file description of this directory itself, with its own reading position.
    public func reopened() throws(Errno) -> Directory { try directory(".") }

    // MARK: Looking

    /// What an entry is, a link itself and not what it points to. The corresponding C function is `fstatat`.
    public func status(of name: EntryName) throws(Errno) -> FileStatus {
        var raw = stat()
        try name.withCString { pointer throws(Errno) in
            _ = try check(fstatat(rawValue, pointer, &raw, AT_SYMLINK_NOFOLLOW))
        }
        return FileStatus(raw)
    }

    /// What this directory itself is. The corresponding C function is `fstat`.
    public func status() throws(Errno) -> FileStatus { try FileStatus.of(descriptor: rawValue) }

    /// Whether there is an entry of that name, of whatever kind.
    public func has(_ name: EntryName) -> Bool { (try? status(of: name)) != nil }

    /// Where a link points to, as bytes. The corresponding C function is `readlinkat`.
    public func target(ofLink name: EntryName) throws(Errno) -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = try name.withCString { pointer throws(Errno) in
            try check(Int32(readlinkat(rawValue, pointer, &buffer, buffer.count)))
        }
        return buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }
    }

    // MARK: Changing

    /// Makes a FIFO of exactly that mode. The corresponding C function is `mkfifoat`.
    public func makeFIFO(_ name: EntryName, mode: UInt32) throws(Errno) {
        CutPoint.pass("mkfifo", name, in: rawValue)
        try name.withCString { pointer throws(Errno) in
            _ = try check(mkfifoat(rawValue, pointer, mode))
            // The umask took bits; a link cannot have come in between, since the name was made just now.
            _ = try check(fchmodat(rawValue, pointer, mode, 0))
        }
    }

    /// The corresponding C function is `mkdirat`.
    public func makeDirectory(_ name: EntryName, mode: UInt32 = 0o755) throws(Errno) {
        CutPoint.pass("mkdir", name, in: rawValue)
        try name.withCString { pointer throws(Errno) in _ = try check(mkdirat(rawValue, pointer, mode)) }
    }

    /// Makes a directory or takes the one that is there.
    public func makeOrOpenDirectory(_ name: EntryName, mode: UInt32 = 0o755) throws(Errno) -> Directory {
        try makeDirectoryIfMissing(name, mode: mode)
        return try directory(name)
    }

    /// The same, where nothing is mounted: EXDEV if something is.
    public func makeOrOpenTree(_ name: EntryName, mode: UInt32) throws(Errno) -> Directory {
        try makeDirectoryIfMissing(name, mode: mode)
        return try tree(name)
    }

    private func makeDirectoryIfMissing(_ name: EntryName, mode: UInt32) throws(Errno) {
        do {
            try makeDirectory(name, mode: mode)
        } catch {
            if error != .fileExists { throw error }
        }
    }

    /// The corresponding C function is `symlinkat`.
    public func makeLink(_ name: EntryName, to target: [UInt8]) throws(Errno) {
        CutPoint.pass("symlink", name, in: rawValue)
        try name.withCString { pointer throws(Errno) in
            try withCBytes(target) { text throws(Errno) in _ = try check(symlinkat(text, rawValue, pointer)) }
        }
    }

    /// Gives a file a second name. The corresponding C function is `linkat`.
    public func makeHardLink(_ name: EntryName, as newName: EntryName, in other: Directory) throws(Errno) {
        CutPoint.pass("link", name, in: rawValue, as: newName, in: other.rawValue)
        try name.withCString { from throws(Errno) in
            try newName.withCString { to throws(Errno) in
                _ = try check(linkat(rawValue, from, other.rawValue, to, 0))
            }
        }
    }

    /// Moves an entry, here or into another directory. EEXIST if there is one of the new name, unless `replacing`.
    /// The corresponding C function is `renameat2`.
    public func rename(
        _ name: EntryName, to newName: EntryName, in other: Directory? = nil, replacing: Bool = false
    ) throws(Errno) {
        let flags = replacing ? 0 : UInt32(LINUX_RENAME_NOREPLACE)
        let target = (other ?? self).rawValue
        CutPoint.pass("rename", name, in: rawValue, as: newName, in: target)
        try name.withCString { from throws(Errno) in
            try newName.withCString { to throws(Errno) in
                _ = try check(linux_renameat2(rawValue, from, target, to, flags))
            }
        }
    }

    /// Removes an entry that is not a directory. The corresponding C function is `unlinkat`.
    public func unlink(_ name: EntryName) throws(Errno) {
        CutPoint.pass("unlink", name, in: rawValue)
        try name.withCString { pointer throws(Errno) in _ = try check(unlinkat(rawValue, pointer, 0)) }
    }

    /// Removes an empty directory. The corresponding C function is `unlinkat(AT_REMOVEDIR)`.
    public func removeDirectory(_ name: EntryName) throws(Errno) {
        CutPoint.pass("rmdir", name, in: rawValue)
        try name.withCString { pointer throws(Errno) in _ = try check(unlinkat(rawValue, pointer, AT_REMOVEDIR)) }
    }

    /// Removes an entry that is not a directory, if there is one.
    public func unlinkIfPresent(_ name: EntryName) throws(Errno) {
        do {
            try unlink(name)
        } catch {
            if error != .noSuchFileOrDirectory { throw error }
        }
    }

    /// Changes the owner of an entry, a link itself. The corresponding C function is `fchownat`.
    public func changeOwner(of name: EntryName, to owner: UInt32, group: UInt32) throws(Errno) {
        CutPoint.pass("chown", name, in: rawValue)
        try name.withCString { pointer throws(Errno) in
            _ = try check(fchownat(rawValue, pointer, owner, group, AT_SYMLINK_NOFOLLOW))
        }
    }

    /// Changes the owner of this directory itself. The corresponding C function is `fchown`.
    public func changeOwner(to owner: UInt32, group: UInt32) throws(Errno) {
        try Linux.changeOwner(of: rawValue, to: owner, group: group)
    }

    /// Changes the permission bits of this directory itself. The corresponding C function is `fchmod`.
    public func changeMode(to mode: UInt32) throws(Errno) { try Linux.changeMode(of: rawValue, to: mode) }

    /// Changes the mode of an entry that this program made and nobody else can replace: a link would be followed. The corresponding
    /// C function is `fchmodat`.
    public func changeMode(of name: EntryName, to mode: UInt32) throws(Errno) {
        CutPoint.pass("chmod", name, in: rawValue)
        try name.withCString { pointer throws(Errno) in _ = try check(fchmodat(rawValue, pointer, mode, 0)) }
    }

    /// Notes that it was used now, as its time of modification. The corresponding C function is `futimens`.
    public func touch() throws(Errno) {
        CutPoint.pass("utimens", file: rawValue)
        try check(futimens(rawValue, nil))
    }

    /// Writes everything of this directory's filesystem to disk. The corresponding C function is `syncfs`.
    public func syncFilesystem() throws(Errno) {
        CutPoint.pass("syncfs", file: rawValue)
        try check(linux_syncfs(rawValue))
    }
}

extension FileStatus {
    /// What an open descriptor is. The corresponding C function is `fstat`.
    public static func of(descriptor: Int32) throws(Errno) -> FileStatus {
        var raw = stat()
        try check(fstat(descriptor, &raw))
        return FileStatus(raw)
    }
}
