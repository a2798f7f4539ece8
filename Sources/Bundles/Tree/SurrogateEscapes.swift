/// Lets JSON's `"\ud83d\ude00"` through libyaml, which takes surrogates for an error.
///
/// JSON is YAML, and people paste it. Whether an escape stands in double quotes only the parser knows, so the escapes are
/// hidden from it, not joined beforehand: `\uD8xx`…`\uDFxx` becomes `\uE8xx`…`\uEFxx` of the private use area, same length,
/// and each scalar is put right when it arrives. A text that uses that area itself keeps its escapes, and libyaml refuses
/// the surrogates among them.
struct SurrogateEscapes {
    /// What the parser is given.
    let text: [UInt8]
    private let isHidden: Bool

    init(_ original: [UInt8]) {
        let places = Self.escapes(in: original, first: 0x64)
        if places.isEmpty || Self.usesPrivateArea(original) {
            text = original
            isHidden = false
            return
        }
        var changed = original
        // `d` and `D` keep their case: they are one letter before `e` and `E`.
        for place in places { changed[place] += 1 }
        text = changed
        isHidden = true
    }

    /// A scalar's text as it was meant; nil if half a pair is in it.
    func restored(_ bytes: [UInt8], wasEscaped: Bool) -> String? {
        if !isHidden { return String(decoding: bytes, as: UTF8.self) }
        if !wasEscaped {
            var restored = bytes
            for place in Self.escapes(in: bytes, first: 0x65) { restored[place] -= 1 }
            return String(decoding: restored, as: UTF8.self)
        }
        var units: [UInt16] = []
        for unit in String(decoding: bytes, as: UTF8.self).utf16 {
            units.append((0xE800...0xEFFF).contains(unit) ? unit - 0x1000 : unit)
        }
        return String(validating: units, as: UTF16.self)
    }

    /// Where the `d` of each `\ud8`…`\udf` is, or with `e` as the first digit that of `\ue8`…`\uef`; in any case.
    private static func escapes(in text: [UInt8], first: UInt8) -> [Int] {
        var places: [Int] = []
        var index = 0
        while let backslash = text[index...].firstIndex(of: 0x5C) {
            index = backslash + 1
            guard backslash + 3 < text.count, text[backslash + 1] == 0x75, text[backslash + 2] | 0x20 == first
            else { continue }
            switch text[backslash + 3] | 0x20 {
            case 0x38, 0x39, 0x61...0x66: places.append(backslash + 2)
            default: break
            }
        }
        return places
    }

    private static func usesPrivateArea(_ text: [UInt8]) -> Bool {
        if !escapes(in: text, first: 0x65).isEmpty { return true }
        // U+E800 to U+EFFF is EE A0 80 to EE BF BF.
        return zip(text, text.dropFirst()).contains { $0 == 0xEE && $1 >= 0xA0 }
    }
}
