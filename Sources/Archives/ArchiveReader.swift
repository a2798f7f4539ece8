internal import CArchive
internal import Glibc
internal import Linux

/// An archive read from its beginning to its end, with nothing of libarchive enabled but what its name announces.
final class ArchiveReader {
    private let handle: ReadHandle
    private var raw: OpaquePointer { handle.raw }
    private let stream: Decompressor?
    private let descriptor: Int32
    private let format: ArchiveFormat

    /// Names outside ASCII need a locale of UTF-8, or libarchive has no bytes to give for them.
    private static let hasLocale = setlocale(LC_CTYPE, "C.UTF-8") != nil

    /// Reads a seekable file from its current position on, which is its beginning. `limit` bounds all that is decompressed.
    init(descriptor: Int32, format: ArchiveFormat, limit: Int64) throws(ArchiveFailure) {
        if !ArchiveReader.hasLocale { throw .damaged("the machine has no locale C.UTF-8") }
        handle = try ReadHandle()
        self.descriptor = descriptor
        self.format = format
        stream =
            if let filter = format.filter {
                try Decompressor(descriptor: descriptor, filter: filter, limit: limit)
            } else {
                nil
            }
        // Zip by its central directory only, as every other program reads it: what is hidden between the entries does not count.
        let raw = handle.raw
        let support =
            format == .zip ? archive_read_support_format_zip_seekable(raw) : archive_read_support_format_tar(raw)
        guard support == ARCHIVE_OK || support == ARCHIVE_WARN else { throw handle.failure }
        let opened: Int32
        if let stream {
            opened = archive_read_open(
                raw, Unmanaged.passUnretained(stream).toOpaque(), nil,
                { _, stream, bytes in
                    guard let stream,
                        let next = Unmanaged<Decompressor>.fromOpaque(stream).takeUnretainedValue().next()
                    else { return -1 }
                    bytes?.pointee = next.baseAddress
                    return next.count
                }, nil)
        } else {
            opened = archive_read_open_fd(raw, descriptor, 1 << 16)
        }
        guard opened == ARCHIVE_OK else { throw failure() }
    }

    /// The next entry, valid until the next call; nil at the archive's end.
    func next() throws(ArchiveFailure) -> ArchiveEntry? {
        // So far the data of the entry before has been read, not the zeros that fill its last block.
        let before = archive_filter_bytes(raw, 0)
        var entry: OpaquePointer?
        switch archive_read_next_header(raw, &entry) {
        // A warning is about attributes and character sets that nobody asked for.
        case ARCHIVE_OK, ARCHIVE_WARN:
            guard let entry else { throw .damaged("an entry is missing") }
            return ArchiveEntry(raw: entry)
        case ARCHIVE_EOF:
            try checkEnd(dataEnd: before)
            return nil
        default: throw failure()
        }
    }

    /// Calls `body` for each piece of the current entry's data and where it belongs; between them are holes.
    func forEachBlock(_ body: (Int64, UnsafeRawBufferPointer) throws -> Void) throws {
        while true {
            var start: UnsafeRawPointer?
            var length = 0
            var offset: la_int64_t = 0
            switch archive_read_data_block(raw, &start, &length, &offset) {
            case ARCHIVE_OK: try body(offset, UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : length))
            case ARCHIVE_EOF: return
            default: throw failure()
            }
        }
    }

    /// Passes over the current entry's data.
    func skip() throws(ArchiveFailure) {
        if archive_read_data_skip(raw) != ARCHIVE_OK { throw failure() }
    }

    /// libarchive takes the end of the file for the end of a tar archive. One that was cut off between two entries is told by the
    /// missing end mark, a block of zeros; in a compressed one by the compression's own end.
    private func checkEnd(dataEnd: Int64) throws(ArchiveFailure) {
        if let stream { return try stream.drain() }
        if format == .zip {
            let read = Int(archive_file_count(raw))
            if let listed = ZipDirectory.entryCount(of: descriptor), listed != read {
                throw .damaged("its directory lists \(listed) entries, but \(read) can be read")
            }
            return
        }
        let blocks = (dataEnd + 511) / 512 * 512
        if archive_filter_bytes(raw, 0) < blocks + 512 { throw .truncated("its end mark is missing") }
    }

    private func failure() -> ArchiveFailure {
        if let failure = stream?.failure { return failure }
        let found = handle.failure
        // A zip file ends with its directory: one that begins right and has none was cut off.
        if format == .zip, case .damaged = found {
            var magic = [UInt8](repeating: 0, count: 4)
            if pread(descriptor, &magic, 4, 0) == 4, magic == [0x50, 0x4B, 3, 4], archive_file_count(raw) == 0 {
                return .truncated("its directory, at the end, is missing")
            }
        }
        return found
    }
}

extension ArchiveFormat {
    /// libarchive's number of the compression.
    fileprivate var filter: Int32? {
        switch self {
        case .tar, .zip: nil
        case .tarGzip: ARCHIVE_FILTER_GZIP
        case .tarZstandard: ARCHIVE_FILTER_ZSTD
        case .tarXZ: ARCHIVE_FILTER_XZ
        case .tarBzip2: ARCHIVE_FILTER_BZIP2
        }
    }
}
