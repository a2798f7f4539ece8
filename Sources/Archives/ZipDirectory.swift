internal import Glibc

/// What the end record of a zip file says of its directory (APPNOTE.TXT 4.3.16).
enum ZipDirectory {
    private static let recordSize = 22
    private static let longestComment = 65535

    /// How many entries the directory claims to have; nil if there is no such record or the number is in a zip64 record.
    ///
    /// libarchive keeps one entry for each place in the file: those that a bomb's directory lists again and again, or
    /// that it could not make sense of, would be missing without a word.
    static func entryCount(of descriptor: Int32) -> Int? {
        let size = Int(lseek(descriptor, 0, SEEK_END))
        let length = min(size, recordSize + longestComment)
        if length < recordSize { return nil }
        var tail = [UInt8](repeating: 0, count: length)
        guard pread(descriptor, &tail, length, off_t(size - length)) == length else { return nil }
        for start in stride(from: length - recordSize, through: 0, by: -1)
        where tail[start..<(start + 4)].elementsEqual([0x50, 0x4B, 5, 6]) {
            let count = Int(tail[start + 10]) | Int(tail[start + 11]) << 8
            return count == 0xFFFF ? nil : count
        }
        return nil
    }
}
