internal import History
internal import Linux
internal import Sandbox
internal import Spool
internal import SystemPackage

extension Hindrances {
    /// What the kernel said, whichever station's error it is in.
    static func errno(of error: any Error) -> Errno? {
        switch error {
        case let error as Errno: error
        case let error as LauncherError: error.errno
        case let error as SpoolError: error.cause
        case let error as ProgramHindered: error.errno
        default: nil
        }
    }

    /// Whether the machine is short of something, so that the same may succeed later.
    static func isPassing(_ error: any Error) -> Bool {
        // A launcher that cannot set itself up is started again by its keeper.
        if case LauncherError.unavailable? = error as? LauncherError { return true }
        if let error = error as? HistoryError { return isPassing(error) }
        return errno(of: error)?.isScarcity == true
    }

    /// A damaged history is being made anew, and a locked one is let go of.
    private static func isPassing(_ error: HistoryError) -> Bool {
        switch error.code {
        case .busy, .full, .damaged, .moved, .closed: true
        default: false
        }
    }

    /// The way out.
    static func advice(_ errno: Errno?) -> String {
        switch errno {
        case .noSpace?:
            "make room on the spool's disk, for bytes and for files (df -h, df -i): delete results, or run bobbin sweep"
        case .diskQuotaExceeded?: "delete results, or raise the quota of the user who runs bobbind"
        case .readOnlyFileSystem?:
            "the spool's filesystem is read-only: look why (dmesg), and mount it for writing again"
        case .tooManyOpenFiles?: "raise the limit on open files of bobbind (LimitNOFILE=, ulimit -n), or lower slots"
        case .tooManyOpenFilesInSystem?: "raise fs.file-max, or end what has so many files open"
        case .noMemory?, .noBufferSpace?: "the machine is short of memory: end what uses it, or lower slots"
        case .resourceTemporarilyUnavailable?:
            "no process can be made: raise the limit on processes (LimitNPROC=, ulimit -u, TasksMax=), or lower slots"
        default: "look at the disk, and at: bobbin doctor"
        }
    }
}

/// Between two tries: longer each time, so that what is hindered for hours costs nothing.
struct Backoff: Sendable {
    private var next: Duration
    private let most: Duration

    init(first: Duration = .seconds(1), most: Duration = .seconds(5)) {
        next = first
        self.most = most
    }

    /// How long to rest now.
    mutating func step() -> Duration {
        defer { next = min(next * 2, most) }
        return next
    }
}
