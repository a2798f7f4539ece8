internal import CLinux
internal import Glibc
internal import Linux
internal import SystemPackage

/// An entry held without being opened (O_PATH): a FIFO does not wait, a device does not notice, and what is judged is what is
/// changed, whatever takes its name meanwhile.
struct TreeEntry: ~Copyable {
    private let descriptor: OwnedDescriptor
    let name: EntryName
    let status: FileStatus

    /// Takes hold of an entry. EXDEV if something is mounted there: it is no part of the tree, and may be a filesystem in user
    /// space that never answers. The corresponding C function is `openat2`.
    init(_ name: EntryName, in directory: Directory) throws(Errno) {
        let raw = try name.withCString { pointer throws(Errno) in
            try retrying {
                linux_openat2(
                    directory.rawValue, pointer, UInt64(Int32(LINUX_O_PATH) | O_NOFOLLOW | O_CLOEXEC), 0,
                    UInt64(LINUX_RESOLVE_NO_XDEV | LINUX_RESOLVE_NO_MAGICLINKS | LINUX_RESOLVE_BENEATH))
            }
        }
        let taken = OwnedDescriptor(taking: raw)
        let found = try FileStatus.of(descriptor: taken.rawValue)
        descriptor = taken
        self.name = name
        status = found
    }

    /// Opens it, if it is a directory.
    func directory() throws(Errno) -> Directory {
        let raw = try retrying {
            linux_openat(descriptor.rawValue, ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        }
        return Directory(OwnedDescriptor(taking: raw))
    }

    /// Opens it, if it is a directory, making it readable, writable and searchable for its owner before.
    func forcedDirectory() throws(Errno) -> Directory {
        if status.kind != .directory { throw .notDirectory }
        if status.permissions & 0o700 != 0o700 { try changeMode(to: status.permissions & 0o777 | 0o700) }
        return try directory()
    }

    /// Opens it for reading, if it is a regular file. ESTALE if another file has taken its name.
    func file(in directory: Directory) throws(Errno) -> OwnedDescriptor {
        if status.kind != .regular { throw .invalidArgument }
        let file = try directory.open(name, O_RDONLY)
        let opened = try FileStatus.of(descriptor: file.rawValue)
        if opened.kind != .regular || !opened.isSameFile(as: status) { throw .staleNFSFileHandle }
        return file
    }

    /// The same, making it readable for its owner before.
    func forcedFile(in directory: Directory) throws(Errno) -> OwnedDescriptor {
        if status.kind == .regular, status.permissions & 0o400 == 0 { try changeMode(to: 0o600) }
        return try file(in: directory)
    }

    /// The corresponding C function is `fchmodat2(AT_EMPTY_PATH)`.
    func changeMode(to mode: UInt32) throws(Errno) {
        CutPoint.pass("chmod", file: descriptor.rawValue)
        if linux_fchmodat2(descriptor.rawValue, "", mode, UInt32(LINUX_AT_EMPTY_PATH)) == 0 { return }
        let error = errno
        // Before 6.6; some containers' filters say EPERM to calls that they do not know.
        if error != ENOSYS && error != EPERM { throw Errno(rawValue: error) }
        try check(chmod("/proc/self/fd/\(descriptor.rawValue)", mode))
    }

    /// The corresponding C function is `fchownat(AT_EMPTY_PATH)`.
    func changeOwner(to ownership: Ownership) throws(Errno) {
        if status.owner == ownership.owner, status.group == ownership.group { return }
        CutPoint.pass("chown", file: descriptor.rawValue)
        try check(
            fchownat(descriptor.rawValue, "", ownership.owner, ownership.group, Int32(LINUX_AT_EMPTY_PATH)))
    }
}

/// A path in a tree, one name further.
func joined(_ path: [UInt8], _ name: EntryName) -> [UInt8] { path.isEmpty ? name.bytes : path + [0x2F] + name.bytes }
