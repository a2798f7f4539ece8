public import Runs

/// Whether a drop is a bundle.
public enum Judgement: Sendable, Hashable {
    case accepted(Manifest, notes: [BundleNote])
    /// At least one error: everything that is wrong.
    case rejected([BundleError])
}

/// Something that `check` tells and that stops nothing.
public struct BundleNote: Sendable, Hashable, CustomStringConvertible {
    /// A word for programs.
    public let code: String
    public let message: String
    /// Relative to the bundle's root.
    public let file: String
    /// From 1.
    public let line: Int

    /// `main.py:1: inline metadata is not read yet`.
    public var description: String { "\(file):\(line): \(message)" }
}
