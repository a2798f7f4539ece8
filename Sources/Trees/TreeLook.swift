internal import CLinux
internal import Glibc
public import Linux
internal import SystemPackage

/// One look at an entry of an inbox: two that are equal, some time apart, say that nobody works on it any more.
public struct TreeLook: Sendable, Hashable {
    public let kind: FileKind
    public let owner: UInt32
    /// Bytes of a file; 0 for anything else.
    public let size: Int64
    /// Sums up the names, inodes, sizes and change times of everything in it; not for security, only for change.
    public let digest: UInt64
    /// Entries below a directory.
    public let entries: Int
    /// Whether somebody has a file of it open for writing, as far as leases can tell.
    public let isBeingWritten: Bool
    /// Whether something in it has a name that transfer programs give to what they have not finished.
    public let hasTransferName: Bool

    public init(
        kind: FileKind, owner: UInt32, size: Int64, digest: UInt64, entries: Int, isBeingWritten: Bool,
        hasTransferName: Bool
    ) {
        self.kind = kind
        self.owner = owner
        self.size = size
        self.digest = digest
        self.entries = entries
        self.isBeingWritten = isBeingWritten
        self.hasTransferName = hasTransferName
    }
}

extension TreeLook {
    /// Levels and entries after which a look ends: intake refuses such a tree anyway, and says so.
    private static let deepest = 130
    private static let most = 1_000_000

    /// Looks at an entry; nil if there is none. What cannot be read is taken as it is: copying it will say so.
    ///
    /// The caller must ignore SIGIO: somebody who opens a file for writing during the look breaks its lease.
    public init?(_ name: EntryName, in directory: Directory) {
        guard let status = try? directory.status(of: name) else { return nil }
        var state = State()
        state.add(name, status)
        if status.kind == .regular {
            state.isBeingWritten = Self.isBeingWritten(name, in: directory)
        } else if status.kind == .directory, let opened = try? directory.tree(name) {
            Self.walk(opened, level: 1, &state)
        }
        self.init(
            kind: status.kind, owner: status.owner, size: status.kind == .regular ? status.size : 0,
            digest: state.digest,
            entries: state.entries, isBeingWritten: state.isBeingWritten, hasTransferName: state.hasTransferName)
    }

    private struct State {
        var digest: UInt64 = 0
        var entries = 0
        var isBeingWritten = false
        var hasTransferName = false

        /// The order in which a directory lists its entries may change: each entry's own FNV-1a hash is added up.
        mutating func add(_ name: EntryName, _ status: FileStatus) {
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            func mix(_ value: UInt64) { for shift in 0..<8 { mix(UInt8(truncatingIfNeeded: value >> (shift * 8))) } }
            for byte in name.bytes { mix(byte) }
            mix(status.inode)
            mix(UInt64(bitPattern: status.size))
            mix(UInt64(bitPattern: status.changed))
            digest = digest &+ hash
        }
    }

    private static func walk(_ directory: Directory, level: Int, _ state: inout State) {
        guard level < deepest else { return }
        // A directory that cannot be read, or changes while it is, is looked at again anyway.
        try? directory.forEachEntry { entry throws(Errno) in
            guard let status = try? directory.status(of: entry.name) else {
                state.digest = state.digest &+ 1
                return true
            }
            state.entries += 1
            state.add(entry.name, status)
            if TransferName.isInsideDirectory(entry.name) { state.hasTransferName = true }
            if status.kind == .regular, !state.isBeingWritten {
                state.isBeingWritten = isBeingWritten(entry.name, in: directory)
            } else if status.kind == .directory, let inner = try? directory.tree(entry.name) {
                walk(inner, level: level + 1, &state)
            }
            return state.entries < most
        }
    }

    /// Whether somebody has the file open for writing: then no read lease is given. fcntl(2), F_SETLEASE.
    ///
    /// Where leases are not allowed at all (another's file, a filesystem without them) nothing is known, and the answer is no.
    private static func isBeingWritten(_ name: EntryName, in directory: Directory) -> Bool {
        guard let file = try? directory.open(name, O_RDONLY) else { return false }
        if linux_read_lease(file.rawValue) == 0 {
            _ = linux_release_lease(file.rawValue)
            return false
        }
        return errno == EAGAIN
    }
}
