internal import CLinux
internal import Glibc
internal import Linux
package import SystemPackage

/// Why the content of a file was not copied: whose fault it is decides what follows.
package enum CopyFailure: Error {
    case reading(Errno)
    case writing(Errno)
    case larger
}

/// Copies the content of a regular file by the cheapest means that the filesystem has.
package enum FileContent {
    /// Copies at most `limit` bytes into an empty file; `larger` if there are more. Returns how many there are.
    ///
    /// A clone shares the blocks; else the data is copied and holes stay holes. The corresponding C functions are
    /// `ioctl(FICLONE)`, `copy_file_range`, `read` and `write`.
    package static func copy(from source: Int32, to target: Int32, limit: Int64) throws(CopyFailure) -> Int64 {
        CutPoint.pass("clone", file: target)
        if linux_clone_file(target, source) == 0 {
            let size = try mapped(CopyFailure.writing) { () throws(Errno) in
                try FileStatus.of(descriptor: target).size
            }
            if size > limit { throw .larger }
            return size
        }
        var end: Int64 = 0
        while true {
            // Filesystems without holes say that all is data; those that do not know the question are read from where we are.
            let start = lseek(source, off_t(end), LINUX_SEEK_DATA.asWhence)
            if start < 0 {
                let error = errno
                if error == ENXIO { return try finishWithHole(source, target, end, limit) }
                return try copyRange(source, target, from: end, to: Int64.max, limit: limit)
            }
            let stop = lseek(source, start, LINUX_SEEK_HOLE.asWhence)
            if stop < 0 { return try copyRange(source, target, from: Int64(start), to: Int64.max, limit: limit) }
            if Int64(start) > limit { throw .larger }
            end = try copyRange(source, target, from: Int64(start), to: Int64(stop), limit: limit)
            // Cut off meanwhile: what was there is what is taken, and the caller sees that it changed.
            if end < Int64(stop) { return end }
        }
    }

    /// What is behind the last data is a hole up to the file's size.
    private static func finishWithHole(
        _ source: Int32, _ target: Int32, _ end: Int64, _ limit: Int64
    ) throws(CopyFailure) -> Int64 {
        let size = try mapped(CopyFailure.reading) { () throws(Errno) in
            try FileStatus.of(descriptor: source).size
        }
        if size <= end { return end }
        if size > limit { throw .larger }
        try mapped(CopyFailure.writing) { () throws(Errno) in try setSize(of: target, to: size) }
        return size
    }

    /// Copies the bytes of a range, or up to the end of the file; returns where it ended.
    private static func copyRange(
        _ source: Int32, _ target: Int32, from start: Int64, to stop: Int64, limit: Int64
    ) throws(CopyFailure) -> Int64 {
        try mapped(CopyFailure.reading) { () throws(Errno) in _ = try retrying { lseek(source, off_t(start), SEEK_SET) }
        }
        try mapped(CopyFailure.writing) { () throws(Errno) in _ = try retrying { lseek(target, off_t(start), SEEK_SET) }
        }
        var position = start
        var buffer: [UInt8] = []
        while position < stop {
            if position > limit { throw .larger }
            // One byte over the limit is asked for, so that a file of exactly the limit is told from a larger one.
            let wanted = Int(min(stop - position, limit - position + 1, 1 << 30))
            if wanted <= 0 { throw .larger }
            CutPoint.pass("copy", file: target)
            let moved = buffer.isEmpty ? linux_copy_file_range(source, target, wanted) : 0
            if moved > 0 {
                position += Int64(moved)
                continue
            }
            if moved < 0 {
                let error = errno
                if error == EINTR { continue }
                if [ENOSPC, EDQUOT, EFBIG].contains(error) { throw .writing(Errno(rawValue: error)) }
            }
            // Across filesystems on older kernels, and at the end of the file: read tells which it is.
            if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: 1 << 17) }
            let length = try mapped(CopyFailure.reading) { () throws(Errno) in
                try retrying { buffer.withUnsafeMutableBytes { read(source, $0.baseAddress, min(wanted, $0.count)) } }
            }
            if length == 0 { return position }
            try mapped(CopyFailure.writing) { () throws(Errno) in try writeAll(target, Array(buffer[..<length])) }
            position += Int64(length)
        }
        if position > limit { throw .larger }
        return position
    }

    private static func mapped<Result>(
        _ failure: (Errno) -> CopyFailure, _ body: () throws(Errno) -> Result
    ) throws(CopyFailure) -> Result {
        do {
            return try body()
        } catch {
            throw failure(error)
        }
    }
}

extension BinaryInteger {
    fileprivate var asWhence: Int32 { Int32(truncatingIfNeeded: self) }
}
