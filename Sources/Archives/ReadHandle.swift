internal import CArchive

/// libarchive's reader, freed with its last owner, also when an initialiser gives up half-way.
final class ReadHandle {
    let raw: OpaquePointer

    init() throws(ArchiveFailure) {
        guard let raw = archive_read_new() else { throw .damaged("out of memory") }
        self.raw = raw
    }

    deinit { archive_read_free(raw) }

    /// Its last word, as a failure.
    var failure: ArchiveFailure {
        // It has no word for a gzip file whose last bytes are missing.
        guard let text = archive_error_string(raw) else { return .truncated("its last bytes are missing") }
        return ArchiveFailure(message: String(cString: text))
    }
}
