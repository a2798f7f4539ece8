internal import Linux
public import SystemPackage

/// A tree could not be worked through: where it failed first, and why.
public struct TreeFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Relative to the directory the work began in.
    public let path: [UInt8]
    public let errno: Errno
    /// The call that failed.
    public let call: String

    init(_ errno: Errno, path: [UInt8], call: String) {
        self.path = path
        self.errno = errno
        self.call = call
    }

    public var description: String { "\(escaped(path)): \(call): \(errno)" }
}
