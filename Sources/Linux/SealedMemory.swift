internal import CLinux
internal import Glibc
public import SystemPackage

/// Bytes in a memory file that nobody can change any more: its reader may look at it twice and see the same.
public enum SealedMemory {
    private static let seals = Int32(LINUX_SEAL_SEAL | LINUX_SEAL_SHRINK | LINUX_SEAL_GROW | LINUX_SEAL_WRITE)

    /// Makes one. The corresponding C functions are `memfd_create` and `fcntl(F_ADD_SEALS)`.
    public static func make(_ bytes: [UInt8], name: String) throws(Errno) -> OwnedDescriptor {
        let memory = OwnedDescriptor(taking: try check(linux_memfd_create(name)))
        try writeAll(memory.rawValue, bytes)
        try check(linux_add_seals(memory.rawValue, seals))
        return memory
    }

    /// Reads one that somebody sent. EPERM if it is not sealed, EFBIG over `limit` bytes.
    public static func read(_ descriptor: Int32, limit: Int) throws(Errno) -> [UInt8] {
        // Anything but a memory file answers EINVAL here.
        let found = try check(linux_get_seals(descriptor))
        if found & seals != seals { throw Errno.notPermitted }
        let size = try FileStatus.of(descriptor: descriptor).size
        if size > limit { throw Errno.fileTooLarge }
        var bytes = [UInt8](repeating: 0, count: Int(size))
        var read = 0
        while read < bytes.count {
            let length = try retrying {
                bytes.withUnsafeMutableBytes { raw in
                    let rest = UnsafeMutableRawBufferPointer(rebasing: raw[read...])
                    return pread(descriptor, rest.baseAddress, rest.count, off_t(read))
                }
            }
            if length == 0 { throw Errno.ioError }
            read += length
        }
        return bytes
    }
}
