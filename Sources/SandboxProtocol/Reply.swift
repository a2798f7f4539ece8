public import Linux

/// What the launcher answers.
public enum Reply: Hashable, Sendable {
    case done
    /// A call failed: its errno, and what it was about.
    case failed(errno: Int32, subject: String)
    /// The request did not keep to the protocol.
    case refused(String)
    /// An entry was claimed.
    case claimed(ClaimedEntry)
    /// What an entry of an inbox looks like; nil if it is not there.
    case looked(DropLook?)
    /// A tree was walked; a `TreeReport` in its own encoding.
    case report([UInt8])
    /// The same, too long for a message: it travels beside it, in sealed memory.
    case longReport
    /// A result was published, or had been already; what it takes on disk.
    case published(before: Bool, bytes: Int64)
    /// The sandbox stands, and the process is being executed. A pidfd of its init travels beside it.
    case started(ProcessIdentity, enforced: [Enforcement])
    /// There is no sandbox, and nothing was executed.
    case notStarted(SandboxStep, errno: Int32)
    /// No process of the run is alive any more.
    case ended(SandboxEnd, SandboxUsage)
    /// What a probe found.
    case probed([ProbeResult])
    /// A tree was counted, to its end or until it was over a limit.
    case sampled(bytes: Int64, entries: Int64)
    case controlGroup(ControlGroupReport)
}

/// How a run's process ended.
public enum SandboxEnd: Hashable, Sendable {
    case exited(code: Int32)
    case signalled(Int32)
    /// It never became the program: a step after the start failed.
    case failed(SandboxStep, errno: Int32)
    /// The sandbox as a whole was killed, from outside or by the kernel, before its process ended.
    case killed
}

/// What a run used, all its processes together; from its control group where it had one, else from wait4(2).
public struct SandboxUsage: Hashable, Sendable {
    public var userMicroseconds: Int64
    public var systemMicroseconds: Int64
    /// The most memory that the run's control group held, caches and `/tmp` among it; without one, of the largest process.
    public var maxResidentBytes: Int64
    /// For what the kernel killed processes of the run, as its control group says; nil if it killed none for memory.
    public var outOfMemory: MemoryShortage?

    public init(userMicroseconds: Int64, systemMicroseconds: Int64, maxResidentBytes: Int64) {
        self.userMicroseconds = userMicroseconds
        self.systemMicroseconds = systemMicroseconds
        self.maxResidentBytes = maxResidentBytes
    }
}

/// Whose memory was at its end when the kernel killed processes of a run.
public enum MemoryShortage: UInt8, Hashable, Sendable {
    /// The run had reached its own limit.
    case run = 1
    /// The machine, or a group above the run's, such as the service, had none left.
    case machine
}

/// What a claimed entry is.
public struct ClaimedEntry: Hashable, Sendable {
    public let kind: FileKind
    public let permissions: UInt32
    public let owner: UInt32
    public let group: UInt32
    public let device: UInt64
    public let inode: UInt64
    public let size: Int64

    package init(_ status: FileStatus) {
        kind = status.kind
        permissions = status.permissions
        owner = status.owner
        group = status.group
        device = status.device
        inode = status.inode
        size = status.size
    }

    package init(from reader: inout WireReader) throws(WireError) {
        kind = try FileKind(from: &reader)
        permissions = try reader.number()
        owner = try reader.number()
        group = try reader.number()
        device = try reader.number()
        inode = try reader.number()
        size = try reader.number()
    }

    package func encode(to writer: inout WireWriter) {
        kind.encode(to: &writer)
        writer.put(permissions)
        writer.put(owner)
        writer.put(group)
        writer.put(device)
        writer.put(inode)
        writer.put(size)
    }
}

/// What one look at an entry of an inbox showed: two that are equal, some time apart, say that it is complete.
public struct DropLook: Hashable, Sendable {
    public let kind: FileKind
    public let owner: UInt32
    /// Bytes of a file; 0 for anything else.
    public let size: Int64
    /// Sums up names, inodes, sizes and change times of all in it.
    public let digest: UInt64
    /// Below a directory.
    public let entries: Int64
    public let isBeingWritten: Bool
    public let hasTransferName: Bool

    public init(
        kind: FileKind, owner: UInt32, size: Int64, digest: UInt64, entries: Int64, isBeingWritten: Bool,
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

    package init(from reader: inout WireReader) throws(WireError) {
        kind = try FileKind(from: &reader)
        owner = try reader.number()
        size = try reader.number()
        digest = try reader.number()
        entries = try reader.number()
        isBeingWritten = try reader.flag("written")
        hasTransferName = try reader.flag("transfer")
    }

    package func encode(to writer: inout WireWriter) {
        kind.encode(to: &writer)
        writer.put(owner)
        writer.put(size)
        writer.put(digest)
        writer.put(entries)
        writer.put(isBeingWritten)
        writer.put(hasTransferName)
    }
}

extension FileKind {
    private static let codes: [FileKind] = [
        .unknown, .regular, .directory, .link, .fifo, .socket, .characterDevice, .blockDevice,
    ]

    package func encode(to writer: inout WireWriter) {
        writer.put(UInt8(truncatingIfNeeded: Self.codes.firstIndex(of: self) ?? 0))
    }

    package init(from reader: inout WireReader) throws(WireError) {
        let code = try reader.number(UInt8.self)
        guard Int(code) < Self.codes.count else { throw .invalid("kind") }
        self = Self.codes[Int(code)]
    }
}

/// One line of a probe: what was tried, and the errno that it ended with, 0 if it works here.
public struct ProbeResult: Hashable, Sendable {
    public let what: String
    public let errno: Int32

    public init(what: String, errno: Int32) {
        self.what = what
        self.errno = errno
    }
}
