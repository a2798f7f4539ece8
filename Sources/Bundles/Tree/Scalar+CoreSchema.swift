/// What a scalar is by the core schema.
///
/// Source: YAML 1.2.2, section 10.3.2. So `yes`, `0o17` without its `o`, `12:30` and dates are no booleans, octals or times;
/// `010` is ten. JSON's literals are a part of it.
public enum CoreValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    /// A number with a fraction or an exponent, or a whole one beyond 64 bits; its digits are in the scalar's text.
    case number
    /// `.inf` or `.nan`.
    case notFinite
    case text
}

extension Node.Scalar {
    public var value: CoreValue {
        guard isPlain else { return .text }
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .boolean(true)
        case "false", "False", "FALSE": return .boolean(false)
        case ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF":
            return .notFinite
        default: break
        }
        let number = NumberText(text)
        switch number {
        case nil: return .text
        case .decimal(_, let whole, nil, nil):
            guard let digits = Int64(String(decoding: (text.hasPrefix("-") ? "-" : "").utf8 + whole, as: UTF8.self))
            else { return .number }
            return .integer(digits)
        case .decimal: return .number
        case .radix(let digits, let radix):
            guard let value = Int64(String(decoding: digits, as: UTF8.self), radix: radix) else { return .number }
            return .integer(value)
        }
    }

    /// The number as JSON writes it, with its digits as they are; nil if it is none, or a hexadecimal or octal one beyond
    /// 64 bits.
    var jsonNumber: String? {
        switch NumberText(text) {
        case nil: return nil
        case .radix(let digits, let radix):
            return UInt64(String(decoding: digits, as: UTF8.self), radix: radix).map { String($0) }
        case .decimal(let isNegative, let whole, let fraction, let exponent):
            var json = isNegative ? Array("-".utf8) : []
            let significant = whole.drop { $0 == 0x30 }
            json += significant.isEmpty ? [0x30] : Array(significant)
            if let fraction { json += [0x2E] + (fraction.isEmpty ? [0x30] : fraction) }
            if let exponent { json += [0x65] + exponent }
            return String(decoding: json, as: UTF8.self)
        }
    }
}

/// The parts of a number as the core schema writes it.
private enum NumberText {
    /// Exponent with its sign, without its letter.
    case decimal(isNegative: Bool, whole: [UInt8], fraction: [UInt8]?, exponent: [UInt8]?)
    case radix(digits: [UInt8], Int)

    init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        func digits() -> [UInt8] {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest.dropFirst(digits.count)
            return Array(digits)
        }
        if rest.starts(with: "0x".utf8) || rest.starts(with: "0o".utf8) {
            let radix = rest.dropFirst().first == 0x78 ? 16 : 8
            let digits = Array(rest.dropFirst(2))
            guard !digits.isEmpty,
                digits.allSatisfy({ Character(Unicode.Scalar($0)).hexDigitValue.map { $0 < radix } ?? false })
            else { return nil }
            self = .radix(digits: digits, radix)
            return
        }
        let isNegative = rest.first == 0x2D
        if isNegative || rest.first == 0x2B { rest = rest.dropFirst() }
        let whole = digits()
        var fraction: [UInt8]?
        if rest.first == 0x2E {
            rest = rest.dropFirst()
            fraction = digits()
        }
        if whole.isEmpty && (fraction ?? []).isEmpty { return nil }
        var exponent: [UInt8]?
        if rest.first == 0x65 || rest.first == 0x45 {
            rest = rest.dropFirst()
            var sign: [UInt8] = []
            if let first = rest.first, first == 0x2B || first == 0x2D {
                sign = [first]
                rest = rest.dropFirst()
            }
            let power = digits()
            if power.isEmpty { return nil }
            exponent = sign + power
        }
        if !rest.isEmpty { return nil }
        self = .decimal(isNegative: isNegative, whole: whole, fraction: fraction, exponent: exponent)
    }
}
