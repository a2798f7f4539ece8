import History
import Spool
import SystemPackage

/// Why a command did not do what it was asked: what was wanted, what was found, the way out; and the exit code that says it.
struct Failure: Error {
    let code: Code
    /// Empty where everything was said already.
    let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The exit codes of the contract; 65 and those around it are sysexits.h's.
    struct Code: RawRepresentable, Equatable {
        let rawValue: Int32

        static let no = Code(rawValue: 1)
        static let usage = Code(rawValue: 64)
        static let badData = Code(rawValue: 65)
        static let notFound = Code(rawValue: 66)
        static let noDaemon = Code(rawValue: 69)
        static let `internal` = Code(rawValue: 70)
        static let cannotCreate = Code(rawValue: 73)
        static let timedOut = Code(rawValue: 124)
        static let notEndedByItself = Code(rawValue: 125)
    }
}

extension Failure {
    init(_ error: SpoolError) {
        switch error.code {
        case .noSpool: self.init(.notFound, "\(error)")
        case .locked: self.init(.noDaemon, "\(error)")
        case .inaccessible: self.init(.cannotCreate, "\(error)")
        case .badRecord: self.init(.internal, "\(error)")
        }
    }

    init(_ error: HistoryError) {
        switch error.code {
        case .missing, .notPermitted, .unknownRun: self.init(.notFound, "\(error)")
        default: self.init(.internal, "\(error)")
        }
    }

    /// A path in the spool that could not be read.
    static func reading(_ subject: String, _ error: Errno) -> Failure {
        Failure(error == .permissionDenied ? .notFound : .internal, "cannot read \(subject): \(error)")
    }
}
