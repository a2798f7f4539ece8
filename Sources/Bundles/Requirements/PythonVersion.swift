/// A version as PEP 440 has it, without a local part.
public struct PythonVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let description: String
    let epoch: Int
    let release: [Int]
    /// Orders what comes before and after a release: dev, a, b, rc, the release itself, post.
    private let phase: [Int]

    /// Whether it is a release, or comes after one.
    var isFinal: Bool { phase[0] >= Self.final }
    fileprivate var isPost: Bool { phase[0] > Self.final }
    private static let final = 4

    /// nil if the text is none. At most 64 bytes, and numbers of nine digits.
    public init?(_ text: some StringProtocol) {
        var bytes = Array(text.utf8)[...]
        if bytes.isEmpty || bytes.count > 64 { return nil }
        description = String(text)
        func number() -> Int? {
            let digits = bytes.prefix { (0x30...0x39).contains($0) }
            if digits.isEmpty || digits.count > 9 { return nil }
            bytes = bytes.dropFirst(digits.count)
            return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        func skip(_ word: String) -> Bool {
            guard bytes.starts(with: word.utf8) else { return false }
            bytes = bytes.dropFirst(word.utf8.count)
            return true
        }
        if bytes.first == 0x76 { bytes = bytes.dropFirst() }
        guard var first = number() else { return nil }
        var epoch = 0
        if skip("!") {
            epoch = first
            guard let second = number() else { return nil }
            first = second
        }
        var release = [first]
        while bytes.first == 0x2E, let next = bytes.dropFirst().first, (0x30...0x39).contains(next) {
            bytes = bytes.dropFirst()
            guard let part = number() else { return nil }
            release.append(part)
        }
        var phase = [Self.final, 0]
        for (rank, words) in [
            (1, [".alpha", "alpha", ".a", "a"]), (2, [".beta", "beta", ".b", "b"]), (3, [".rc", "rc"]),
        ] {
            if words.contains(where: { skip($0) }) {
                phase = [rank, number() ?? 0]
                break
            }
        }
        if skip(".post") { phase = phase[0] == Self.final ? [5, number() ?? 0] : phase + [5, number() ?? 0] }
        if skip(".dev") {
            let dev = number() ?? 0
            // Before everything of the same release, but after what is before it.
            phase = phase == [Self.final, 0] ? [0, dev] : phase + [-1, dev]
        }
        if !bytes.isEmpty { return nil }
        self.epoch = epoch
        self.release = release
        self.phase = phase
    }

    /// `1.0` and `1.0.0` are equal.
    public static func == (left: Self, right: Self) -> Bool { !(left < right) && !(right < left) }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(epoch)
        hasher.combine(Array(release.reversed().drop { $0 == 0 }))
        hasher.combine(phase)
    }

    public static func < (left: Self, right: Self) -> Bool {
        if left.epoch != right.epoch { return left.epoch < right.epoch }
        for index in 0..<max(left.release.count, right.release.count) {
            let (one, other) = (left.part(index), right.part(index))
            if one != other { return one < other }
        }
        let length = max(left.phase.count, right.phase.count)
        func padded(_ phase: [Int]) -> [Int] { phase + Array(repeating: 0, count: length - phase.count) }
        return padded(left.phase).lexicographicallyPrecedes(padded(right.phase))
    }

    private func part(_ index: Int) -> Int { index < release.count ? release[index] : 0 }

    /// Whether its release begins with that of another one.
    func isIn(series other: PythonVersion) -> Bool { isIn(series: other.release, epoch: other.epoch) }

    func isIn(series other: [Int], epoch: Int) -> Bool {
        self.epoch == epoch && other.enumerated().allSatisfy { part($0.offset) == $0.element }
    }

    /// Whether it is the same release as another one, whatever comes before or after.
    fileprivate func hasRelease(of other: PythonVersion) -> Bool {
        epoch == other.epoch
            && (0..<max(release.count, other.release.count)).allSatisfy { part($0) == other.part($0) }
    }
}

/// Which versions will do, as `>=3.11, !=3.12.0`: PEP 440's specifiers.
public struct VersionSpecifier: Hashable, Sendable, CustomStringConvertible {
    enum Operator: String, CaseIterable {
        // The longer ones first.
        case identical = "===", compatible = "~=", equal = "==", unequal = "!=", atMost = "<=", atLeast = ">="
        case less = "<", greater = ">"
    }

    private struct Clause: Hashable {
        let comparison: Operator
        let version: PythonVersion
        /// Whether `.*` followed.
        let isSeries: Bool
        let text: String
    }

    private let clauses: [Clause]

    /// nil if the text is none.
    public init?(_ text: String) {
        var clauses: [Clause] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let part = part.drop { $0 == " " }
            guard let comparison = Operator.allCases.first(where: { part.hasPrefix($0.rawValue) }) else { return nil }
            var version = part.dropFirst(comparison.rawValue.count).drop { $0 == " " }
            while version.last == " " { version = version.dropLast() }
            let isSeries = version.hasSuffix(".*")
            if isSeries, comparison != .equal, comparison != .unequal { return nil }
            guard let parsed = PythonVersion(isSeries ? version.dropLast(2) : version) else { return nil }
            if comparison == .compatible, parsed.release.count < 2 { return nil }
            clauses.append(
                Clause(
                    comparison: comparison, version: parsed, isSeries: isSeries,
                    text: comparison.rawValue + String(version)))
        }
        if clauses.isEmpty { return nil }
        self.clauses = clauses
    }

    public var description: String { clauses.map(\.text).joined(separator: ",") }

    public func contains(_ version: PythonVersion) -> Bool {
        clauses.allSatisfy { clause in
            let wanted = clause.version
            return switch clause.comparison {
            case .identical: version.description == wanted.description
            case .equal: clause.isSeries ? version.isIn(series: wanted) : version == wanted
            case .unequal: clause.isSeries ? !version.isIn(series: wanted) : version != wanted
            case .atLeast: version >= wanted
            case .atMost: version <= wanted
            // What comes before a release is no less than it here, nor is what comes after it more, unless that is what is named.
            case .less: version < wanted && (!wanted.isFinal || version.isFinal || !version.hasRelease(of: wanted))
            case .greater: version > wanted && (wanted.isPost || !version.isPost || !version.hasRelease(of: wanted))
            case .compatible:
                version >= wanted && version.isIn(series: Array(wanted.release.dropLast()), epoch: wanted.epoch)
            }
        }
    }
}
