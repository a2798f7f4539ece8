public import Runs

/// `bobbin.yaml` as it was read: the settings, and where each came from.
public struct SettingsFile: Sendable, Hashable {
    public let settings: Settings
    /// The name that origins show.
    public let file: String
    /// Key paths, as `intake.settle` and `queues.nightly.slots`, and the lines that say them.
    public let lines: [String: Int]

    /// Where a setting comes from.
    public enum Origin: Sendable, Hashable, CustomStringConvertible {
        case builtIn
        case file(String, line: Int)

        /// `default`, or `bobbin.yaml:3`.
        public var description: String {
            switch self {
            case .builtIn: "default"
            case .file(let name, let line): "\(name):\(line)"
            }
        }
    }

    /// The settings without a file.
    public static let builtIn = SettingsFile(settings: Settings(), file: "bobbin.yaml", lines: [:])

    /// Reads a settings file; one that has errors is refused as a whole.
    ///
    /// - Parameter file: the name that errors and origins show.
    public static func reading(_ bytes: [UInt8], file: String = "bobbin.yaml") -> Result<SettingsFile, InvalidFile> {
        let findings = Findings(file: file)
        let root = Document.read(bytes, .yaml, .manifest, findings)
        var reader = SettingsReader(findings: findings)
        let settings = findings.hasSyntaxFailure ? Settings() : reader.read(root)
        if !findings.isEmpty { return .failure(InvalidFile(errors: findings.errors)) }
        return .success(SettingsFile(settings: settings, file: file, lines: reader.lines))
    }

    /// Where the setting of a key path comes from.
    public func origin(of key: String) -> Origin { lines[key].map { .file(file, line: $0) } ?? .builtIn }
}
