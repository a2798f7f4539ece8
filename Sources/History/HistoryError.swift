internal import GRDB
internal import Glibc

/// Why the history could not be read or written.
public struct HistoryError: Error, Hashable, Sendable, CustomStringConvertible {
    public let code: Code
    /// The database's path; for a row that makes no sense, the path and the run.
    public let subject: String
    /// What SQLite or the kernel said, or what was found.
    public let cause: String?

    public init(code: Code, subject: String, cause: String? = nil) {
        self.code = code
        self.subject = subject
        self.cause = cause
    }

    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// There is no history here yet.
        case missing
        case notPermitted
        /// Its -wal or -shm is gone and the caller may not make them.
        case incomplete
        /// Written by an earlier version of Bobbin; the daemon brings it up to date.
        case olderSchema
        /// Written by a later version of Bobbin.
        case newerSchema
        /// A file, but not a history.
        case foreign
        case corrupt
        /// SQLite finds that pages are not what they should be, or that the file is no database at all.
        case damaged
        /// The database was moved, replaced or deleted under the daemon.
        case moved
        /// Another program held it locked for longer than the busy timeout.
        case busy
        /// No space, or over a quota.
        case full
        case closed
        /// Asked for what follows a run that is not known.
        case unknownRun
        /// Anything else that the disk or SQLite reports.
        case failed
    }

    public var description: String {
        let what =
            switch code {
            case .missing: "there is no history at \(subject) yet; the daemon makes it when it starts"
            case .notPermitted: "no permission to open the history \(subject)"
            case .incomplete:
                "the history \(subject) lacks its -wal or -shm file, which the daemon makes when it starts"
            case .olderSchema:
                "the history \(subject) was written by an earlier version of Bobbin; bobbind brings it up to date when it starts"
            case .newerSchema: "the history \(subject) was written by a later version of Bobbin; install that version"
            case .foreign: "\(subject) is not a history of Bobbin; move it away and a new one is made"
            case .corrupt:
                "the history \(subject) has a row that makes no sense; mend or delete it"
            case .damaged:
                "the history \(subject) is damaged; bobbind sets it aside when it starts or meets it, and makes a new one"
            case .moved:
                "the history \(subject) was moved or deleted while it was in use; put it back, or make it anew with: bobbin history --rebuild"
            case .busy: "another program keeps the history \(subject) locked; end it"
            case .full: "there is no space left to write the history \(subject)"
            case .closed: "the history \(subject) is closed"
            case .unknownRun: "the history \(subject) does not know the run after which to go on"
            case .failed: "the history \(subject) could not be used"
            }
        guard let cause else { return what }
        return "\(what) (\(cause))"
    }
}

extension HistoryError {
    /// What an error thrown by an access to the database at `path` means.
    static func from(_ error: any Error, path: String) -> HistoryError {
        if let error = error as? HistoryError { return error }
        guard let error = error as? DatabaseError else {
            return HistoryError(code: .failed, subject: path, cause: "\(error)")
        }
        let code: Code =
            switch error.resultCode {
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .damaged
            case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL: .busy
            case .SQLITE_FULL: .full
            // The index of the -wal is made anew by the first who opens it, and there is no room for it.
            case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_SHMSIZE: .full
            case .SQLITE_PERM, .SQLITE_AUTH: .notPermitted
            case .SQLITE_READONLY where error.extendedResultCode == .SQLITE_READONLY_DBMOVED: .moved
            case .SQLITE_MISUSE: .closed
            case .SQLITE_READONLY: accessFailure(path) ?? .notPermitted
            case .SQLITE_CANTOPEN: accessFailure(path) ?? .failed
            default: .failed
            }
        let hint = code == .notPermitted ? HistoryPermission.hint(path) : nil
        // SQL and its arguments stay out: they say nothing that a user could act on.
        let cause = hint ?? error.message ?? "SQLite \(error.extendedResultCode)"
        return HistoryError(code: code, subject: path, cause: cause)
    }

    /// SQLite says no more than 'unable to open', so the kernel is asked again; nil if it has no objection.
    private static func accessFailure(_ path: String) -> Code? {
        guard faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0 else {
            switch errno {
            case ENOENT, ENOTDIR: return .missing
            case EACCES, EPERM: return .notPermitted
            default: return nil
            }
        }
        return HistoryConnection.files(path).contains(nil) ? .incomplete : nil
    }
}
