public import SystemPackage

extension Errno {
    /// Whether the machine is short of something for now: space, inodes, quota, descriptors, memory, processes, or a filesystem
    /// that takes no writes. The same call may succeed later, with nothing changed in what was asked.
    public var isScarcity: Bool {
        switch self {
        case .noSpace, .diskQuotaExceeded, .readOnlyFileSystem, .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory,
            .resourceTemporarilyUnavailable, .noBufferSpace:
            true
        default: false
        }
    }

    /// Whether it is the disk that is short: then less is in the way once something is deleted.
    public var isDiskScarcity: Bool { self == .noSpace || self == .diskQuotaExceeded }
}
