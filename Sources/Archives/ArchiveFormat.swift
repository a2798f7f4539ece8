/// The archives that may be dropped, told by their names' endings alone: what is inside must be what the name announces.
public enum ArchiveFormat: String, Sendable, CaseIterable {
    case tar
    case tarGzip = "tar.gz"
    case tarZstandard = "tar.zst"
    case tarXZ = "tar.xz"
    case tarBzip2 = "tar.bz2"
    case zip

    /// By an ending without its first dot, in any case; `tgz` is `tar.gz`.
    public init?(ending: String) {
        let ending = ending.lowercased()
        self.init(rawValue: ending == "tgz" ? "tar.gz" : ending)
    }
}
