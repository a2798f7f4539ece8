internal import CLinux
internal import Glibc
public import SystemPackage

/// One line of a directory's listing. The kind is a hint: what is opened is looked at again.
public struct DirectoryEntry: Sendable, Hashable {
    public let name: EntryName
    public let inode: UInt64
    public let kind: FileKind
}

extension Directory {
    /// Calls `body` for each entry but `.` and `..`, until it returns false; memory does not grow with the directory.
    /// The corresponding C function is `getdents64`.
    public func forEachEntry(_ body: (DirectoryEntry) throws(Errno) -> Bool) throws(Errno) {
        let reading = try reopened()
        var buffer = [UInt8](repeating: 0, count: 32768)
        while true {
            let length = try retrying {
                buffer.withUnsafeMutableBytes { linux_getdents64(reading.rawValue, $0.baseAddress, $0.count) }
            }
            if length == 0 { return }
            // struct linux_dirent64: u64 inode, u64 offset, u16 length of the record, u8 kind, the name up to its NUL.
            var start = 0
            while start + 19 <= length {
                let (inode, size, kind) = buffer.withUnsafeBytes { raw in
                    (
                        raw.loadUnaligned(fromByteOffset: start, as: UInt64.self),
                        Int(raw.loadUnaligned(fromByteOffset: start + 16, as: UInt16.self)), raw[start + 18]
                    )
                }
                let name = buffer[(start + 19)..<(start + size)].prefix { $0 != 0 }
                start += size
                if name.elementsEqual([0x2E]) || name.elementsEqual([0x2E, 0x2E]) { continue }
                let entry = DirectoryEntry(
                    name: EntryName(bytes: Array(name)), inode: inode, kind: FileKind(mode: UInt32(kind) << 12))
                if try !body(entry) { return }
            }
        }
    }

    /// All entries, in the kernel's order: for directories that the program itself keeps small.
    public func entries() throws(Errno) -> [DirectoryEntry] {
        var all: [DirectoryEntry] = []
        try forEachEntry { entry throws(Errno) in
            all.append(entry)
            return true
        }
        return all
    }
}
