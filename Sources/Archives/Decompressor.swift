internal import CArchive

/// The decompressed bytes of a file, by one filter and no other.
///
/// Apart from the tar reader, which stops at the archive's end mark: what follows is read here, so that the checksum at the very
/// end of the file is compared and a file that lacks its last bytes is found out.
final class Decompressor {
    private static let room = 1 << 16

    private let raw: OpaquePointer
    private let buffer: UnsafeMutableRawPointer
    private var left: Int64
    private(set) var failure: ArchiveFailure?

    /// Gives at most `limit` bytes; more are a failure.
    init(descriptor: Int32, filter: Int32, limit: Int64) throws(ArchiveFailure) {
        guard let raw = archive_read_new() else { throw .damaged("out of memory") }
        self.raw = raw
        buffer = UnsafeMutableRawPointer.allocate(byteCount: Decompressor.room, alignment: 16)
        left = limit
        // The raw format is a single entry: the bytes behind the filter. It is enabled here only.
        guard archive_read_support_filter_by_code(raw, filter) == ARCHIVE_OK,
            archive_read_support_format_raw(raw) == ARCHIVE_OK,
            archive_read_open_fd(raw, descriptor, Decompressor.room) == ARCHIVE_OK
        else { throw ArchiveFailure(message: message(of: raw)) }
        var entry: OpaquePointer?
        guard archive_read_next_header(raw, &entry) == ARCHIVE_OK else {
            throw ArchiveFailure(message: message(of: raw))
        }
        // Without a match libarchive would hand on the bytes as they are; it would also apply the filter twice.
        guard archive_filter_count(raw) == 2, archive_filter_code(raw, 0) == filter else {
            throw .damaged("it is not compressed in the way that its name says")
        }
    }

    deinit {
        archive_read_free(raw)
        buffer.deallocate()
    }

    /// The next bytes, valid until the next call; empty at the end, nil after a failure.
    func next() -> UnsafeRawBufferPointer? {
        if failure != nil { return nil }
        let length = archive_read_data(raw, buffer, Decompressor.room)
        if length < 0 {
            failure = ArchiveFailure(message: message(of: raw))
            return nil
        }
        left -= Int64(length)
        if left < 0 {
            failure = .large
            return nil
        }
        return UnsafeRawBufferPointer(start: buffer, count: length)
    }

    /// Reads and forgets the rest.
    func drain() throws(ArchiveFailure) {
        while let bytes = next(), !bytes.isEmpty {}
        if let failure { throw failure }
    }
}

/// libarchive's last word on an archive.
func message(of archive: OpaquePointer) -> String {
    guard let text = archive_error_string(archive) else { return "unknown error" }
    return String(cString: text)
}
