internal import Glibc

/// What a directory's entry is.
public enum FileKind: Sendable, Hashable {
    case regular, directory, link, fifo, socket, characterDevice, blockDevice, unknown

    package init(mode: UInt32) {
        switch mode & S_IFMT {
        case S_IFREG: self = .regular
        case S_IFDIR: self = .directory
        case S_IFLNK: self = .link
        case S_IFIFO: self = .fifo
        case S_IFSOCK: self = .socket
        case S_IFCHR: self = .characterDevice
        case S_IFBLK: self = .blockDevice
        default: self = .unknown
        }
    }

    /// The word that messages and `dropped_files` use.
    public var word: String {
        switch self {
        case .regular: "file"
        case .directory: "directory"
        case .link: "link"
        case .fifo: "fifo"
        case .socket: "socket"
        case .characterDevice, .blockDevice: "device"
        case .unknown: "unknown"
        }
    }
}

/// What `fstatat` says of a file, never following a link in the last place.
public struct FileStatus: Sendable, Hashable {
    public let device: UInt64
    public let inode: UInt64
    public let kind: FileKind
    /// Permission bits with set-id and sticky bits, without the kind.
    public let permissions: UInt32
    public let owner: UInt32
    public let group: UInt32
    /// Bytes.
    public let size: Int64
    /// Bytes on disk, as du(1) counts them.
    public let allocated: Int64
    public let links: UInt64
    /// Which device a device node stands for; an overlay's whiteout is the character device 0.
    public let deviceNumber: UInt64
    /// Nanoseconds since 1970.
    public let modified: Int64
    /// Nanoseconds since 1970; unlike `modified` no program can set it.
    public let changed: Int64

    init(_ raw: stat) {
        device = UInt64(raw.st_dev)
        inode = UInt64(raw.st_ino)
        kind = FileKind(mode: raw.st_mode)
        permissions = raw.st_mode & 0o7777
        owner = raw.st_uid
        group = raw.st_gid
        size = Int64(raw.st_size)
        // st_blocks counts 512 bytes, whatever the filesystem's own blocks are.
        allocated = Int64(raw.st_blocks) * 512
        links = UInt64(raw.st_nlink)
        deviceNumber = UInt64(raw.st_rdev)
        modified = Int64(raw.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(raw.st_mtim.tv_nsec)
        changed = Int64(raw.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(raw.st_ctim.tv_nsec)
    }

    /// Whether both are the same file.
    public func isSameFile(as other: FileStatus) -> Bool { device == other.device && inode == other.inode }
}
