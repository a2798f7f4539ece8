internal import CArchive

/// The decompressed bytes of a file, by one filter and no other.
///
/// Apart from the tar reader, which stops at the archive's end mark: what follows is read here, so that a file that lacks its last
/// bytes is found out, and the checksums there are compared.
final class Decompressor {
    private static let room = 1 << 16

    private let handle: ReadHandle
    private let buffer: UnsafeMutableRawPointer
    private var left: Int64
    private var check: GzipCheck?
    private let descriptor: Int32
    private(set) var failure: ArchiveFailure?

    /// Gives at most `limit` bytes; more are a failure.
    init(descriptor: Int32, filter: Int32, limit: Int64) throws(ArchiveFailure) {
        let handle = try ReadHandle()
        let raw = handle.raw
        // The raw format is a single entry: the bytes behind the filter. It is enabled here only.
        guard archive_read_support_filter_by_code(raw, filter) == ARCHIVE_OK,
            archive_read_support_format_raw(raw) == ARCHIVE_OK,
            archive_read_open_fd(raw, descriptor, Decompressor.room) == ARCHIVE_OK
        else { throw handle.failure }
        var entry: OpaquePointer?
        guard archive_read_next_header(raw, &entry) == ARCHIVE_OK else {
            throw handle.failure
        }
        // Without a match libarchive would hand on the bytes as they are; it would also apply the filter twice.
        guard archive_filter_count(raw) == 2, archive_filter_code(raw, 0) == filter else {
            throw .damaged("it is not compressed in the way that its name says")
        }
        self.handle = handle
        self.descriptor = descriptor
        check = filter == ARCHIVE_FILTER_GZIP ? GzipCheck() : nil
        left = limit
        buffer = UnsafeMutableRawPointer.allocate(byteCount: Decompressor.room, alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// The next bytes, valid until the next call; empty at the end, nil after a failure.
    func next() -> UnsafeRawBufferPointer? {
        if failure != nil { return nil }
        let length = archive_read_data(handle.raw, buffer, Decompressor.room)
        if length < 0 {
            failure = handle.failure
            return nil
        }
        left -= Int64(length)
        if left < 0 {
            failure = .large
            return nil
        }
        let bytes = UnsafeRawBufferPointer(start: buffer, count: length)
        check?.add(bytes)
        return bytes
    }

    /// Reads and forgets the rest.
    func drain() throws(ArchiveFailure) {
        while let bytes = next(), !bytes.isEmpty {}
        if let failure { throw failure }
        // The bytes that the filter has taken from the file; what follows them is nobody's.
        if let check, !check.agrees(with: descriptor, end: archive_filter_bytes(handle.raw, -1)) {
            throw .damaged("its checksum does not match")
        }
    }
}
