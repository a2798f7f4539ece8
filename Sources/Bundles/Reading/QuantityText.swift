/// Why a text is no quantity.
enum QuantityFault: Error {
    case malformed, notPositive, tooLarge
    /// A fraction of what is counted, as half a byte.
    case tooFine
}

/// Reads and writes numbers with units: `1h30m`, `64MiB`, `1.5`. All arithmetic is checked.
struct QuantityText {
    /// Factors by unit; an empty unit is that of a bare number.
    let units: [String: Int64]
    /// Whether parts may follow one another in falling order, as in `1h30m`.
    var joins = false

    static let duration = QuantityText(
        units: [
            "": 1000, "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000,
            "y": 365 * 86_400_000,
        ],
        joins: true)
    static let size = QuantityText(units: [
        "": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
        "kB": 1000, "KB": 1000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000,
    ])
    /// A number with up to three decimals, in thousandths.
    static let thousandths = QuantityText(units: ["": 1000])

    /// The quantity in its smallest unit, always more than zero.
    func parse(_ text: String) throws(QuantityFault) -> Int64 {
        var rest = Array(text.utf8)[...]
        let isNegative = rest.first == 0x2D
        if isNegative { rest = rest.dropFirst() }
        if rest.isEmpty { throw .malformed }
        var total: Int64 = 0
        var previous: Int64?
        while !rest.isEmpty {
            let whole = Self.take(&rest) { (0x30...0x39).contains($0) }
            var fraction: ArraySlice<UInt8> = []
            if rest.first == 0x2E {
                rest = rest.dropFirst()
                fraction = Self.take(&rest) { (0x30...0x39).contains($0) }
                if fraction.isEmpty { throw .malformed }
            }
            let unit = Self.take(&rest) { !(0x30...0x39).contains($0) && $0 != 0x2E }
            guard !whole.isEmpty, let factor = units[String(decoding: unit, as: UTF8.self)] else { throw .malformed }
            let isOnly = previous == nil && rest.isEmpty
            if !isOnly && (!joins || unit.isEmpty || !fraction.isEmpty) { throw .malformed }
            if let previous, factor >= previous { throw .malformed }
            previous = factor
            let part = try Self.product(whole, fraction, factor)
            let (sum, overflow) = total.addingReportingOverflow(part)
            if overflow { throw .tooLarge }
            total = sum
        }
        if isNegative || total == 0 { throw .notPositive }
        return total
    }

    private static func take(_ rest: inout ArraySlice<UInt8>, while matches: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let taken = rest.prefix(while: matches)
        rest = rest.dropFirst(taken.count)
        return taken
    }

    private static func product(
        _ whole: ArraySlice<UInt8>, _ fraction: ArraySlice<UInt8>, _ factor: Int64
    ) throws(QuantityFault) -> Int64 {
        let (scaled, overflow) = try number(whole).multipliedReportingOverflow(by: factor)
        if overflow { throw .tooLarge }
        var digits = fraction
        while digits.last == 0x30 { digits = digits.dropLast() }
        if digits.count > 9 { throw .tooFine }
        let (share, shareOverflow) = try number(digits).multipliedReportingOverflow(by: factor)
        if shareOverflow { throw .tooFine }
        let parts = (0..<digits.count).reduce(Int64(1)) { power, _ in power * 10 }
        if share % parts != 0 { throw .tooFine }
        let (sum, carry) = scaled.addingReportingOverflow(share / parts)
        if carry { throw .tooLarge }
        return sum
    }

    private static func number(_ digits: ArraySlice<UInt8>) throws(QuantityFault) -> Int64 {
        if digits.isEmpty { return 0 }
        guard let value = Int64(String(decoding: digits, as: UTF8.self)) else { throw .tooLarge }
        return value
    }
}
