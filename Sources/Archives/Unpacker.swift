public import Linux
public import SystemPackage
public import Trees

/// Unpacks an archive of a stranger.
///
/// Taken are regular files (0644, or 0755 if anybody may execute them), directories (0755), links that stay inside, and hard
/// links to earlier entries, as copies. `..`, absolute and repeated names, other links, devices, sockets, FIFOs and encryption are
/// problems of the report; after the first nothing more is written, only looked at. Counted is what comes out, not what headers
/// say. What follows the archive's end mark is ignored, as other programs do, but a missing end is a problem.
///
/// An archive of one top directory and nothing else is unpacked as that directory's content.
public enum Unpacker {
    /// Unpacks the file, which must be seekable and at its beginning, into the empty directory `target`.
    public static func unpack(
        archive: Int32, format: ArchiveFormat, into target: Directory, limits: TreeLimits
    ) throws(Errno) -> TreeReport {
        var unpacking = Unpacking(target: target, limits: limits)
        do {
            try unpacking.run(archive: archive, format: format)
        } catch {
            throw error as? Errno ?? .ioError
        }
        return unpacking.report
    }
}
