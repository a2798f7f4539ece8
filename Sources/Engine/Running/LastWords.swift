internal import Glibc
internal import Linux
internal import Runs
internal import Runtimes
internal import Spool
internal import SystemPackage

/// The end of what a script wrote to its standard error.
enum LastWords {
    /// Bytes of standard error that are looked at.
    private static let tail: Int64 = 16384

    /// Why it failed; nil where nothing says it.
    static func reason(of manifest: Manifest, in result: ResultDirectory) -> String? {
        guard let file = try? result.directory.open(SpoolLayout.Result.stderr, O_RDONLY),
            let status = try? FileStatus.of(descriptor: file.rawValue), status.kind == .regular
        else { return nil }
        var buffer = [UInt8](repeating: 0, count: Int(min(tail, status.size)))
        let start = max(0, status.size - tail)
        let length = buffer.withUnsafeMutableBytes { pread(file.rawValue, $0.baseAddress, $0.count, off_t(start)) }
        guard length > 0 else { return nil }
        return FailureLine.reason(runtime: manifest.runtime, String(decoding: buffer[..<length], as: UTF8.self))
    }
}
