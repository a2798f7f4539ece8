extension TOMLReader {
    mutating func literalString() throws(SyntaxFailure) -> String {
        let start = position
        advance()
        var text = String.UnicodeScalarView()
        while let scalar = next, scalar != "\n" {
            advance()
            if scalar == "'" { return String(text) }
            text.append(scalar)
        }
        throw failure("a text does not end on its line", at: start)
    }

    mutating func basicString() throws(SyntaxFailure) -> String {
        let start = position
        advance()
        var text = String.UnicodeScalarView()
        while let scalar = next, scalar != "\n" {
            if scalar == "\\" {
                text.append(try escape())
                continue
            }
            advance()
            if scalar == "\"" { return String(text) }
            text.append(scalar)
        }
        throw failure("a text does not end on its line", at: start)
    }

    /// Between three quotes each.
    mutating func longString(_ quote: Unicode.Scalar) throws(SyntaxFailure) -> String {
        let start = position
        for _ in 0..<3 { advance() }
        _ = take("\n")
        var text = String.UnicodeScalarView()
        while let scalar = next {
            if scalar == quote, ahead(1) == quote, ahead(2) == quote {
                for _ in 0..<3 { advance() }
                // Up to two more belong to the text.
                for _ in 0..<2 where next == quote {
                    text.append(quote)
                    advance()
                }
                return String(text)
            }
            if quote == "\"", scalar == "\\" {
                if ahead(1) == "\n" || ahead(1) == " " {
                    advance()
                    while next == " " || next == "\t" || next == "\n" { advance() }
                } else {
                    text.append(try escape())
                }
                continue
            }
            text.append(scalar)
            advance()
        }
        throw failure("a text does not end", at: start)
    }

    private mutating func escape() throws(SyntaxFailure) -> Unicode.Scalar {
        let start = position
        advance()
        guard let scalar = next else { throw failure("a text does not end", at: start) }
        advance()
        switch scalar {
        case "b": return "\u{8}"
        case "t": return "\t"
        case "n": return "\n"
        case "f": return "\u{C}"
        case "r": return "\r"
        case "\"", "\\": return scalar
        case "u", "U":
            var value: UInt32 = 0
            for _ in 0..<(scalar == "u" ? 4 : 8) {
                guard let digit = next, let number = Character(digit).hexDigitValue, digit.isASCII else {
                    throw failure("'\\\(scalar)' wants \(scalar == "u" ? 4 : 8) hexadecimal digits", at: start)
                }
                value = value << 4 | UInt32(number)
                advance()
            }
            guard let found = Unicode.Scalar(value) else { throw failure("no such character", at: start) }
            return found
        default: throw failure("no such escape; a backslash is written '\\\\', or the text in single quotes", at: start)
        }
    }
}
