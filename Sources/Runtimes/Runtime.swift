internal import Bundles
internal import Glibc
public import Runs

/// A way of running a script: which program, and where it comes from.
public struct Runtime: Sendable, Hashable {
    public let name: String
    /// The program's name or absolute path, and its first arguments; empty for `executable`.
    public let command: [String]
    /// Debian's package; nil for a runtime that the operator named.
    public let package: String?

    /// The runtimes that need no settings.
    public static let builtIn: [String: Runtime] = Dictionary(
        uniqueKeysWithValues: [
            Runtime(name: "python", command: ["python3"], package: "python3"),
            Runtime(name: "r", command: ["Rscript"], package: "r-base-core"),
            Runtime(name: "node", command: ["node"], package: "nodejs"),
            Runtime(name: "sh", command: ["sh"], package: "dash"),
            Runtime(name: "bash", command: ["bash"], package: "bash"),
            Runtime(name: "perl", command: ["perl"], package: "perl"),
            Runtime(name: "ruby", command: ["ruby"], package: "ruby"),
            Runtime(name: "executable", command: [], package: nil),
        ].map { ($0.name, $0) })

    /// The runtime that a name means under these settings; the operator's own win over the built-in ones.
    public static func named(_ name: String, _ settings: Settings) -> Runtime? {
        if let own = settings.runtimes[name] { return Runtime(name: name, command: own.command, package: nil) }
        return builtIn[name]
    }

    /// Where programs are looked for, in the sandbox as on the host: of the host nothing but `/usr` is shown.
    static let searchPath = ["/usr/local/bin", "/usr/bin", "/bin"]

    /// The program's absolute path on this machine; nil if it is not installed, or for `executable`, which has none.
    public var program: String? {
        guard let first = command.first else { return nil }
        let candidates = first.hasPrefix("/") ? [first] : Self.searchPath.map { "\($0)/\(first)" }
        return candidates.first { access($0, X_OK) == 0 }
    }
}
