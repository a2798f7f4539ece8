public import Runs

/// Everything that is wrong with a file that somebody wrote.
public struct InvalidFile: Error, Hashable, Sendable, CustomStringConvertible {
    /// At least one.
    public let errors: [BundleError]

    public init(errors: [BundleError]) { self.errors = errors }

    /// One error a line.
    public var description: String { errors.map(\.description).joined(separator: "\n") }
}
