/// Writes the messages between daemon and launcher: little-endian numbers, byte strings with their length before them.
package struct WireWriter {
    package private(set) var bytes: [UInt8] = []

    package init(reserving capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    package mutating func put<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func put(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

    /// At most 4 GiB, which no message may reach anyway.
    package mutating func put(_ string: [UInt8]) {
        put(UInt32(truncatingIfNeeded: string.count))
        bytes.append(contentsOf: string)
    }

    package mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            put(UInt32(truncatingIfNeeded: utf8.count))
            bytes.append(contentsOf: utf8)
        }
    }

    package mutating func put(_ strings: [[UInt8]]) {
        put(UInt32(truncatingIfNeeded: strings.count))
        for string in strings { put(string) }
    }
}
