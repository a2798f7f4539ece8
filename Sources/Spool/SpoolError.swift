public import SystemPackage

/// Why something in the spool could not be done: which path, which step, and what the kernel said.
public struct SpoolError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// There is no spool at that place.
        case noSpool
        /// Another daemon holds it.
        case locked(pid: Int32?)
        /// A directory or file of the spool cannot be made, opened or changed.
        case inaccessible
        /// A run's own record cannot be read.
        case badRecord
    }

    public let code: Code
    /// A path, relative to the spool where it is inside it.
    public let subject: String
    public let cause: Errno?
    /// What to do about it.
    public let advice: String?

    public init(_ code: Code, _ subject: String, cause: Errno? = nil, advice: String? = nil) {
        self.code = code
        self.subject = subject
        self.cause = cause
        self.advice = advice
    }

    public var description: String {
        var text: String
        switch code {
        case .noSpool: text = "\(subject) is no spool"
        case .locked(let pid?): text = "\(subject) is held by another bobbind, process \(pid)"
        case .locked(nil): text = "\(subject) is held by another bobbind"
        case .inaccessible: text = "cannot use \(subject)"
        case .badRecord: text = "\(subject) is not a run's record"
        }
        if let cause { text += ": \(cause)" }
        if let advice { text += "; \(advice)" }
        return text
    }
}
