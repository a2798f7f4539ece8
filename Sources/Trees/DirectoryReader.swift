internal import CLinux
internal import Glibc
internal import Linux
internal import SystemPackage

/// A directory's listing that can be left and taken up again later with another descriptor.
struct DirectoryReader {
    /// Where the listing goes on behind the entries returned so far; a filesystem's own number.
    private(set) var position: Int64
    private var buffer: [UInt8] = []
    private var start = 0
    private var end = 0

    init(position: Int64 = 0) { self.position = position }

    /// The next entry's name, but `.` and `..`; nil at the end. The corresponding C function is `getdents64`.
    mutating func next(of directory: Directory) throws(Errno) -> EntryName? {
        while true {
            if start + 19 > end {
                if buffer.isEmpty {
                    buffer = [UInt8](repeating: 0, count: 32768)
                    try retrying { lseek(directory.rawValue, off_t(position), SEEK_SET) }
                }
                end = try retrying {
                    buffer.withUnsafeMutableBytes { linux_getdents64(directory.rawValue, $0.baseAddress, $0.count) }
                }
                start = 0
                if end == 0 { return nil }
            }
            let (next, size) = buffer.withUnsafeBytes { raw in
                (
                    raw.loadUnaligned(fromByteOffset: start + 8, as: Int64.self),
                    Int(raw.loadUnaligned(fromByteOffset: start + 16, as: UInt16.self))
                )
            }
            let name = Array(buffer[(start + 19)..<(start + size)].prefix { $0 != 0 })
            start += size
            position = next
            if name != [0x2E], name != [0x2E, 0x2E] { return EntryName(bytes: name) }
        }
    }

    /// Lets the buffer go while a subdirectory is read; the next call reads on from `position`.
    mutating func rest() {
        buffer = []
        start = 0
        end = 0
    }
}
