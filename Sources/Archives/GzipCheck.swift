internal import Glibc

/// The checksum at the end of a gzip file (RFC 1952), which libarchive 3.6 reads over.
struct GzipCheck {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }

    private var inverse: UInt32 = 0xFFFF_FFFF
    private var length: UInt32 = 0

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var value = inverse
        GzipCheck.table.withUnsafeBufferPointer { table in
            for byte in bytes { value = table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ value >> 8 }
        }
        inverse = value
        length &+= UInt32(truncatingIfNeeded: bytes.count)
    }

    /// Whether the file's last eight bytes before `end` belong to what was decompressed.
    ///
    /// They speak of the last member only. A file of several members has a further header inside, and is then taken as it is.
    func agrees(with descriptor: Int32, end: Int64) -> Bool {
        var trailer = [UInt8](repeating: 0, count: 8)
        guard end >= 8, pread(descriptor, &trailer, 8, off_t(end - 8)) == 8 else { return false }
        func number(at start: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(trailer[start + $1]) << (8 * UInt32($1)) }
        }
        if number(at: 4) == length { return number(at: 0) == ~inverse }
        return GzipCheck.hasFurtherMember(descriptor, end: end)
    }

    private static func hasFurtherMember(_ descriptor: Int32, end: Int64) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        // Pieces overlap by a header's first four bytes: magic, deflate, and flags of which the upper three are 0.
        var start: Int64 = 1
        while start + 4 <= end {
            let count = pread(descriptor, &buffer, Int(min(Int64(buffer.count), end - start)), off_t(start))
            if count < 4 { return false }
            for place in 0...(count - 4) where buffer[place] == 0x1F {
                if buffer[place + 1] == 0x8B, buffer[place + 2] == 8, buffer[place + 3] & 0xE0 == 0 { return true }
            }
            start += Int64(count - 3)
        }
        return false
    }
}
