internal import Bundles
internal import Glibc
public import Runs
internal import Synchronization

/// An interpreter of this machine.
public struct Python: Sendable, Hashable {
    /// Absolute; the same in the sandbox as on the host.
    public let path: String
    /// As it says itself, as `3.11.2`.
    public let version: String
}

/// The Pythons that there are, each asked once for its version.
public final class Pythons: Sendable {
    private struct Identity: Hashable {
        let path: String
        let inode: UInt64
        let changed: Int64
    }

    /// By what the file is, so that another one in its place is asked again. nil: it did not say.
    private let versions = Mutex<[Identity: String?]>([:])

    public init() {}

    /// Those that the settings name, in their order; else the usual one first and then the newest of the others.
    public func all(_ settings: Settings) -> [Python] {
        Self.candidates(settings).compactMap { path in version(of: path).map { Python(path: path, version: $0) } }
    }

    /// The first that fits, or why there is none.
    public func choose(_ wanted: String?, _ settings: Settings) throws(RuntimeError) -> Python {
        let specifier = wanted.flatMap { VersionSpecifier($0) }
        var found: [Python] = []
        for path in Self.candidates(settings) {
            guard let version = version(of: path) else { continue }
            let python = Python(path: path, version: version)
            if specifier.map({ specifier in PythonVersion(version).map(specifier.contains) ?? false }) ?? true {
                return python
            }
            found.append(python)
        }
        if found.isEmpty { throw .notInstalled(runtime: "python", program: "python3", package: "python3") }
        throw .noPython(wanted: wanted ?? "", found: found.map { "\($0.version) (\($0.path))" })
    }

    private static func candidates(_ settings: Settings) -> [String] {
        if let named = settings.environments.pythons { return named }
        var paths: [String] = []
        if let usual = Runtime.builtIn["python"]?.program {
            // `python3` is a link to `python3.11`, and what it will be one day is another interpreter.
            let resolved = realpath(usual, nil)
            defer { free(resolved) }
            paths.append(resolved.map { String(cString: $0) } ?? usual)
        }
        // Looked for by name: to list /usr/bin takes longer than everything else that a run's environment costs.
        for minor in (6...40).reversed() {
            for place in ["/usr/local/bin", "/usr/bin"] {
                let path = "\(place)/python3.\(minor)"
                if !paths.contains(path), access(path, X_OK) == 0 { paths.append(path) }
            }
        }
        return paths.filter { $0.hasPrefix("/usr/") }
    }

    private func version(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let identity = Identity(
            path: path, inode: UInt64(status.st_ino),
            changed: Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec))
        if let known = versions.withLock({ $0[identity] }) { return known }
        let asked = Self.ask(path)
        versions.withLock { $0[identity] = .some(asked) }
        return asked
    }

    private static let question = "import sys; print('.'.join(map(str, sys.version_info[:3])))"

    private static func ask(_ path: String) -> String? {
        guard let answer = ProgramAnswer.of(path, ["-I", "-S", "-c", question]) else { return nil }
        let line = String(answer.prefix { !$0.isNewline })
        return PythonVersion(line) == nil ? nil : line
    }
}
