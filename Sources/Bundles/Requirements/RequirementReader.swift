/// Reads one requirement from left to right; whatever it does not know is an error.
struct RequirementReader {
    private let line: String
    private let bytes: [UInt8]
    private var place = 0

    /// Bytes of a line; those with many hashes are long.
    private static let longest = 16_384
    private static let longestName = 128

    init(_ line: String) {
        self.line = line
        bytes = Array(line.utf8)
    }

    mutating func read() throws(Requirement.Fault) -> Requirement {
        if bytes.count > Self.longest { throw fault("a requirement is at most \(Self.longest) bytes long") }
        if let byte = bytes.first(where: { $0 < 0x20 && $0 != 0x09 || $0 >= 0x7F }) {
            throw fault("a requirement has letters, digits and signs of ASCII in it; this has the byte \(byte)")
        }
        skipSpace()
        if let message = RequirementRefusal.of(line) { throw fault(message) }
        let name = try identifier("a package's name")
        skipSpace()
        var extras: [String] = []
        if skip(0x5B) {
            skipSpace()
            while !skip(0x5D) {
                if !extras.isEmpty {
                    guard skip(0x2C) else { throw wrong("',' or ']' between the extras") }
                    skipSpace()
                }
                extras.append(try identifier("an extra's name"))
                skipSpace()
            }
            skipSpace()
        }
        if next == 0x40 {
            throw fault("\(quoted(line)) names a URL; \(RequirementRefusal.urlAdvice)")
        }
        let versions = try versions()
        skipSpace()
        var marker = ""
        if skip(0x3B) {
            var markers = MarkerReader(bytes, at: place)
            marker = try markers.read()
            place = markers.place
        }
        var hashes: [String] = []
        skipSpace()
        while place < bytes.count {
            hashes.append(try hash())
            skipSpace()
        }
        return Requirement(
            name: Requirement.normalized(name), extras: Set(extras.map { Requirement.normalized($0) }).sorted(),
            versions: Set(versions).sorted(), marker: marker, hashes: Set(hashes).sorted())
    }

    private mutating func versions() throws(Requirement.Fault) -> [String] {
        let hasParenthesis = skip(0x28)
        var versions: [String] = []
        while true {
            skipSpace()
            let comparison = take { [0x3C, 0x3D, 0x3E, 0x21, 0x7E].contains($0) }
            if comparison.isEmpty, versions.isEmpty { break }
            guard VersionSpecifier.Operator(rawValue: comparison) != nil else {
                throw wrong("one of == != <= >= < > ~= === before a version")
            }
            skipSpace()
            let version = take { Self.isWord($0) || $0 == 0x2B || $0 == 0x21 || $0 == 0x2A }
            guard let first = version.utf8.first, first != 0x2D, version.utf8.count <= 128 else {
                throw wrong("a version after '\(comparison)'")
            }
            versions.append(comparison + version)
            skipSpace()
            if !skip(0x2C) { break }
        }
        if hasParenthesis, !skip(0x29) { throw wrong("')' after the versions") }
        return versions
    }

    private mutating func hash() throws(Requirement.Fault) -> String {
        let option = take { $0 != 0x20 && $0 != 0x09 && $0 != 0x3D }
        guard option == "--hash" else {
            if option.hasPrefix("-") { throw fault(RequirementRefusal.ofOption(option)) }
            place -= option.utf8.count
            throw wrong("a version, ';' and a marker, or --hash")
        }
        if !skip(0x3D) { skipSpace() }
        let algorithm = take { $0 != 0x3A && $0 != 0x20 && $0 != 0x09 }
        let lengths = ["sha256": 64, "sha384": 96, "sha512": 128]
        guard let length = lengths[algorithm], skip(0x3A) else {
            throw fault("a hash is written as --hash=sha256:…, with sha256, sha384 or sha512")
        }
        let digits = take { (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) }
        guard digits.utf8.count == length else { throw fault("a \(algorithm) hash has \(length) hexadecimal digits") }
        return "\(algorithm):\(digits.lowercased())"
    }

    // MARK: Pieces

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        place += 1
        return true
    }

    private mutating func skipSpace() { while next == 0x20 || next == 0x09 { place += 1 } }

    private mutating func take(while isWanted: (UInt8) -> Bool) -> String {
        let start = place
        while let byte = next, isWanted(byte) { place += 1 }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    /// Letters, digits, `.`, `_`, `-`.
    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || [0x2E, 0x5F, 0x2D].contains(byte)
    }

    private mutating func identifier(_ what: String) throws(Requirement.Fault) -> String {
        let start = place
        let name = take { Self.isWord($0) }
        func isEnd(_ byte: UInt8?) -> Bool { byte.map { [0x2E, 0x5F, 0x2D].contains($0) } ?? true }
        if isEnd(name.utf8.first) || isEnd(name.utf8.last) || name.utf8.count > Self.longestName {
            place = start
            throw wrong(what)
        }
        return name
    }

    private func wrong(_ wanted: String) -> Requirement.Fault {
        let rest = String(decoding: bytes[min(place, bytes.count)...], as: UTF8.self)
        let found = rest.isEmpty ? "the end of \(quoted(line))" : quoted(rest)
        return fault("\(wanted) is wanted where \(found) is")
    }

    private func fault(_ message: String) -> Requirement.Fault { Requirement.Fault(message: message) }
}
