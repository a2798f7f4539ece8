public import Linux

/// A reader of what strangers write, with what must hold whatever bytes it is given.
///
/// `make fuzz` looks for bytes that break it, `FuzzTests` reads those that are kept in git.
public enum FuzzTarget: String, CaseIterable, Sendable, CustomStringConvertible {
    /// A bundle's manifest, as intake judges it.
    case manifest
    /// bobbin.yaml, what travels beside a bundle, what commands ask for.
    case settings
    /// An archive, unpacked as bobbin-unpack does it.
    case archive
    /// What goes between the daemon and its launcher, and between either and the unpacker.
    case launcher
    /// A run's status.json and its record.
    case status
    /// What a script says: in its own comments, while it runs, and when it fails.
    case script

    public var description: String { rawValue }

    /// - Parameter directory: an empty one, which is the target's alone.
    public func begin(in directory: Directory) throws -> any FuzzedReader {
        switch self {
        case .manifest: try ManifestFuzzing(in: directory)
        case .settings: SettingsFuzzing()
        case .archive: try ArchiveFuzzing(in: directory)
        case .launcher: LauncherFuzzing()
        case .status: StatusFuzzing()
        case .script: try ScriptFuzzing(in: directory)
        }
    }
}

/// Reads one text after the other.
public protocol FuzzedReader {
    /// Whether anything takes these bytes for what it reads. Throws `Broken` if a promise is; every other error is a failure of
    /// the machine.
    @discardableResult
    func read(_ bytes: [UInt8]) throws -> Bool
}

/// A promise that some bytes break.
public struct Broken: Error, CustomStringConvertible {
    public let description: String
}

/// Throws `Broken` unless the promise holds.
func hold(_ promise: Bool, _ what: @autoclosure () -> String) throws {
    if !promise { throw Broken(description: what()) }
}
