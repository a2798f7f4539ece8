internal import Glibc
internal import Linux
internal import SystemPackage

/// A file in a bundle's root that says something beside the manifest.
enum BundleFile {
    private static let largest = 256 << 10

    /// Its content; nil if there is none, or none that can be read: that is reported then.
    static func read(_ name: EntryName, in root: Directory, _ findings: Findings) throws(Errno) -> [UInt8]? {
        let start = Position(line: 1, column: 1)
        do throws(Errno) {
            let file = try root.open(beneath: name.bytes, O_RDONLY)
            let status = try FileStatus.of(descriptor: file.rawValue)
            if status.kind == .regular { return try readAll(file.rawValue, limit: largest) }
            findings.add(.badPath, "must be a regular file; this is a \(status.kind.word)", at: start)
        } catch {
            switch error {
            case .noSuchFileOrDirectory: break
            case .fileTooLarge: findings.add(.tooLarge, "is over \(largest >> 10) KiB", at: start)
            case .tooManySymbolicLinkLevels, .improperLink:
                findings.add(.badPath, "is a link that leads nowhere or leaves the bundle", at: start)
            case .notDirectory, .noSuchAddressOrDevice: findings.add(.badPath, "must be a regular file", at: start)
            case .permissionDenied: findings.add(.unreadable, "cannot be read: permission denied", at: start)
            default: throw error
            }
        }
        return nil
    }
}
