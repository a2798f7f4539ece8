public import SandboxProtocol
public import SystemPackage

/// Why the launcher did not do what it was asked.
public enum LauncherError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It could not be started, or cannot work on this machine; a sentence.
    case unavailable(String)
    /// It died before it answered. Another one is started by itself.
    case died
    /// A call failed: what it was about, and its errno.
    case failed(subject: String, errno: Errno)
    /// A sandbox could not be made; nothing was executed.
    case sandbox(SandboxStep, Errno)
    /// It did not understand, or was not understood: the two programs do not belong together.
    case `protocol`(String)

    public var description: String {
        switch self {
        case .unavailable(let why): "the launcher cannot work: \(why)"
        case .died: "the launcher died; it is being started again"
        case .failed(let subject, let errno): "\(subject): \(errno)"
        case .sandbox(let step, let errno): "the sandbox could not be made: \(step): \(errno)"
        case .protocol(let what):
            "bobbind and bobbin-launcher do not understand each other (\(what)); install them together"
        }
    }

    /// The errno of the failed call, if one failed.
    public var errno: Errno? {
        switch self {
        case .failed(_, let errno), .sandbox(_, let errno): errno
        case .unavailable, .died, .protocol: nil
        }
    }
}
