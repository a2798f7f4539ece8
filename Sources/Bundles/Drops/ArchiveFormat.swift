/// The kinds of archive a bundle may come as.
public enum ArchiveFormat: String, Sendable, Hashable, CaseIterable {
    case tar
    case tarGzip = "tar.gz"
    case tarZstandard = "tar.zst"
    case tarXZ = "tar.xz"
    case tarBzip2 = "tar.bz2"
    case zip

    /// With the dot, exactly as they must be written.
    public var endings: [String] { self == .tarGzip ? [".tar.gz", ".tgz"] : ["." + rawValue] }
}
