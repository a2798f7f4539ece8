internal import CArchive
internal import Linux

/// What an archive says of one of its entries. Nothing of it is true until it has been checked.
struct ArchiveEntry {
    /// Nil if libarchive cannot give it as bytes.
    let path: [UInt8]?
    let kind: FileKind
    /// The path of an earlier entry whose content this one shares.
    let hardLink: [UInt8]?
    let linkTarget: [UInt8]?
    let isExecutable: Bool
    let isEncrypted: Bool
    /// What the header says; nil if it says nothing.
    let size: Int64?

    init(raw: OpaquePointer) {
        path = bytes(archive_entry_pathname(raw))
        kind = FileKind(mode: UInt32(archive_entry_filetype(raw)))
        hardLink = bytes(archive_entry_hardlink(raw))
        linkTarget = bytes(archive_entry_symlink(raw))
        isExecutable = archive_entry_perm(raw) & 0o111 != 0
        isEncrypted = archive_entry_is_encrypted(raw) != 0
        size = archive_entry_size_is_set(raw) != 0 ? archive_entry_size(raw) : nil
    }
}

private func bytes(_ text: UnsafePointer<CChar>?) -> [UInt8]? {
    guard let text else { return nil }
    var bytes: [UInt8] = []
    var next = text
    while next.pointee != 0 {
        bytes.append(UInt8(bitPattern: next.pointee))
        next += 1
    }
    return bytes
}
