/// A pattern over the paths below `files/`: `?` is one byte but `/`, `*` any bytes but `/`, `**` any bytes; `**/` at the
/// beginning or after a `/` is also no directory at all. Everything else stands for itself.
///
/// Matching walks the path once with all the pattern's states side by side, 64 to a word: never exponential, whatever a
/// stranger writes.
public struct OutputPattern: Hashable, Sendable {
    /// The text without wildcards, which is compared; else nil.
    private let literal: [UInt8]?
    private let states: States

    public init(_ text: String) {
        let bytes = Array(text.utf8)
        let hasWildcard = bytes.contains(0x2A) || bytes.contains(0x3F)
        literal = hasWildcard ? nil : bytes
        states = States(hasWildcard ? bytes : [])
    }

    /// Whether it needs more than a comparison.
    var hasWildcard: Bool { literal == nil }

    /// Whether it names a file, by the bytes of its path without a leading `/`.
    public func matches(_ path: some Collection<UInt8>) -> Bool {
        if let literal { return path.elementsEqual(literal) }
        return states.accept(path)
    }
}

/// The pattern as a machine: bit i is set as long as the part from i on may still match what is left of the path.
private struct States: Hashable, Sendable {
    private enum Part {
        case byte(UInt8), anyByte, star, globstar
        /// The next two parts, a globstar and a `/`, may be left out.
        case optional
    }

    private let count: Int
    private let words: Int
    /// For each byte value, the states that it moves one on.
    private var moves: [UInt64]
    /// The states that stay for any byte, and for any but `/`.
    private var stayAlways: [UInt64]
    private var stayInPart: [UInt64]
    /// The states that are left without a byte, by one and by three.
    private var skipOne: [UInt64]
    private var skipThree: [UInt64]

    init(_ pattern: [UInt8]) {
        let parts = Self.parts(of: pattern)
        count = parts.count
        words = parts.count / 64 + 1
        moves = [UInt64](repeating: 0, count: 256 * words)
        let none = [UInt64](repeating: 0, count: words)
        stayAlways = none
        stayInPart = none
        skipOne = none
        skipThree = none
        for (index, part) in parts.enumerated() {
            let word = index / 64
            let bit = UInt64(1) << UInt64(index % 64)
            switch part {
            case .byte(let byte): moves[Int(byte) * words + word] |= bit
            case .anyByte: for byte in 0..<256 where byte != 0x2F { moves[byte * words + word] |= bit }
            case .star:
                stayInPart[word] |= bit
                skipOne[word] |= bit
            case .globstar:
                stayAlways[word] |= bit
                skipOne[word] |= bit
            case .optional:
                skipOne[word] |= bit
                skipThree[word] |= bit
            }
        }
    }

    private static func parts(of pattern: [UInt8]) -> [Part] {
        var parts: [Part] = []
        var index = 0
        while index < pattern.count {
            guard pattern[index] == 0x2A else {
                parts.append(pattern[index] == 0x3F ? .anyByte : .byte(pattern[index]))
                index += 1
                continue
            }
            let stars = pattern[index...].prefix { $0 == 0x2A }.count
            let isAtStart = index == 0 || pattern[index - 1] == 0x2F
            index += stars
            if stars == 1 {
                parts.append(.star)
            } else if isAtStart, index < pattern.count, pattern[index] == 0x2F {
                parts += [.optional, .globstar, .byte(0x2F)]
                index += 1
            } else {
                parts.append(.globstar)
            }
        }
        return parts
    }

    func accept(_ path: some Collection<UInt8>) -> Bool {
        var current = [UInt64](repeating: 0, count: words)
        current[0] = 1
        skip(&current)
        for byte in path {
            var moved = [UInt64](repeating: 0, count: words)
            var carry: UInt64 = 0
            var isAlive: UInt64 = 0
            for word in 0..<words {
                let going = current[word] & moves[Int(byte) * words + word]
                let staying = current[word] & (byte == 0x2F ? stayAlways[word] : stayAlways[word] | stayInPart[word])
                moved[word] = going << 1 | carry | staying
                carry = going >> 63
                isAlive |= moved[word]
            }
            if isAlive == 0 { return false }
            current = moved
            skip(&current)
        }
        return current[count / 64] >> UInt64(count % 64) & 1 == 1
    }

    /// Adds the states that are reached without a byte. A skip may lead to the next one, so until nothing is added.
    private func skip(_ current: inout [UInt64]) {
        var changed = true
        while changed {
            changed = false
            var carry: UInt64 = 0
            for word in 0..<words {
                let one = current[word] & skipOne[word]
                let three = current[word] & skipThree[word]
                let added = current[word] | one << 1 | three << 3 | carry
                carry = one >> 63 | three >> 61
                if added != current[word] {
                    current[word] = added
                    changed = true
                }
            }
        }
    }
}
