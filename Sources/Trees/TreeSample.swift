internal import Glibc
public import Linux
internal import SystemPackage

/// How much a tree holds that a script is still writing to. What vanishes meanwhile is not counted, and nothing in it can
/// lead out of it.
public struct TreeSample: Sendable, Hashable {
    /// Of regular files: what they take on disk, and no more than a reader of them would get.
    public private(set) var bytes: Int64 = 0
    /// Everything but an overlay's whiteouts.
    public private(set) var entries: Int64 = 0

    /// A directory still to be read: by its path from one that is held open, so that no depth costs a descriptor a level.
    private struct Place {
        let base: Directory
        let path: [UInt8]
    }

    /// Bytes of a path after which its directory is held open itself: half of what the kernel takes.
    private static let longestPath = 2048

    /// Counts until it is over one of the limits.
    public static func take(_ name: EntryName, in parent: Directory, bytes: Int64, entries: Int64) -> TreeSample {
        var sample = TreeSample()
        guard let root = try? parent.directory(name) else { return sample }
        var places = [Place(base: root, path: [0x2E])]
        while let place = places.popLast() {
            guard let directory = try? place.base.directory(beneath: place.path, crossingMounts: false) else {
                continue
            }
            let isFar = place.path.count > longestPath
            try? directory.forEachEntry { entry throws(Errno) in
                if entry.kind == .characterDevice { return true }
                sample.entries += 1
                if entry.kind == .directory {
                    places.append(
                        isFar
                            ? Place(base: directory, path: entry.name.bytes)
                            : Place(base: place.base, path: place.path + [0x2F] + entry.name.bytes))
                } else if entry.kind == .regular, let status = try? directory.status(of: entry.name) {
                    // A file of several names counts with its share.
                    sample.bytes += min(status.size, status.allocated) / Int64(clamping: max(1, status.links))
                }
                return sample.bytes <= bytes && sample.entries <= entries
            }
            if sample.bytes > bytes || sample.entries > entries { break }
        }
        return sample
    }
}
