internal import Glibc
internal import Linux
public import SystemPackage

/// What the spool's filesystem has, as far as an ordinary user may fill it.
public struct SpoolRoom: Sendable, Hashable {
    public let freeBytes: Int64
    public let freeFiles: Int64
    public let totalBytes: Int64
}

extension Spool {
    /// Asks the filesystem. The corresponding C function is `fstatvfs`.
    public func room() throws(Errno) -> SpoolRoom {
        var info = statvfs()
        try retrying { fstatvfs(root.rawValue, &info) }
        func bytes(_ blocks: UInt) -> Int64 {
            let (bytes, overflow) = UInt64(blocks).multipliedReportingOverflow(by: UInt64(info.f_frsize))
            return overflow ? .max : Int64(clamping: bytes)
        }
        return SpoolRoom(
            freeBytes: bytes(info.f_bavail), freeFiles: Int64(clamping: info.f_favail), totalBytes: bytes(info.f_blocks)
        )
    }

    /// Bytes of the spool's filesystem that an ordinary user may still fill.
    public func freeSpace() throws(Errno) -> Int64 { try room().freeBytes }
}
