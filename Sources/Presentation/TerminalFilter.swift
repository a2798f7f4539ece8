internal import Linux

/// A stranger's bytes on their way to a terminal: lines and tabs stay, everything else that a terminal would act on, and what
/// is not UTF-8, becomes `\xNN`.
///
/// It takes bytes as they come: a character that is cut between two pieces is held back until its rest is there.
public struct TerminalFilter: Sendable {
    private var held: [UInt8] = []

    public init() {}

    public mutating func filter(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        let all = held + bytes
        let cut = all.count - Self.unfinished(all)
        held = Array(all[cut...])
        return Self.cleaned(all[..<cut])
    }

    /// What was held back, when nothing more comes.
    public mutating func finish() -> [UInt8] {
        defer { held = [] }
        return Self.cleaned(held[...])
    }

    private static func cleaned(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var parser = Unicode.UTF8.ForwardParser()
        var rest = bytes.makeIterator()
        var position = bytes.startIndex
        while true {
            switch parser.parseScalar(from: &rest) {
            case .emptyInput: return output
            case .error(let length):
                for byte in bytes[position..<(position + length)] { append(hex: byte, to: &output) }
                position += length
            case .valid(let encoded):
                let scalar = Unicode.UTF8.decode(encoded)
                if scalar == "\n" || scalar == "\t" || !scalar.isInvisible {
                    output.append(contentsOf: encoded)
                } else {
                    for byte in encoded { append(hex: byte, to: &output) }
                }
                position += encoded.count
            }
        }
    }

    private static func append(hex byte: UInt8, to output: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        output.append(contentsOf: [0x5C, 0x78, digits[Int(byte >> 4)], digits[Int(byte & 15)]])
    }

    /// How many bytes at the end are the beginning of a character that is not whole yet.
    private static func unfinished(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let byte = bytes[bytes.count - length]
            if byte & 0xC0 == 0x80 { continue }
            let needed = byte >= 0xF0 && byte < 0xF8 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return byte < 0xF8 && needed > length ? length : 0
        }
        return 0
    }
}
