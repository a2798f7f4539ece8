internal import Glibc
internal import Linux
internal import Runs
internal import SystemPackage

/// Looks whether the files that a manifest names are there.
struct BundleFiles {
    let root: Directory
    let findings: Findings

    /// Opens a file through links that stay in the bundle; what is wrong with it is reported, and the answer is nil.
    ///
    /// - Parameter position: where the manifest names it; nil if it does not.
    func check(
        _ path: String, _ what: String, at position: Position?, errors: inout [BundleError]
    ) throws(Errno) -> ScriptHead? {
        let fault: (code: ErrorCode, message: String)
        do throws(Errno) {
            let file = try root.open(beneath: Array(path.utf8), O_RDONLY)
            let status = try FileStatus.of(descriptor: file.rawValue)
            if status.kind == .regular { return try ScriptHead(file.rawValue, status: status) }
            fault = (.badPath, "must be a regular file; this is a \(status.kind.word)")
        } catch {
            switch error {
            case .noSuchFileOrDirectory, .notDirectory: fault = (.missingFile, "is not in the bundle")
            case .tooManySymbolicLinkLevels: fault = (.badPath, "is a link that leads nowhere")
            case .improperLink: fault = (.badPath, "is a link that leaves the bundle")
            case .noSuchAddressOrDevice: fault = (.badPath, "must be a regular file; this is a socket")
            case .fileNameTooLong: fault = (.badPath, "is too long")
            case .permissionDenied: fault = (.unreadable, "cannot be read: permission denied")
            default: throw error
            }
        }
        if let position {
            findings.add(fault.code, "'\(what)' \(quoted(path)) \(fault.message)", at: position)
        } else {
            errors.append(
                BundleError(code: fault.code.rawValue, message: "\(what) \(quoted(path)) \(fault.message)"))
        }
        return nil
    }
}
