public import Linux
internal import SystemPackage

/// Measures trees.
public enum TreeSize {
    /// What lies deeper is not counted: each level costs a descriptor, and nobody's disk is filled by depth.
    private static let deepest = 64

    /// How many entries an entry holds, itself included, and their bytes on disk; nothing for what is not there or cannot be
    /// read. A file of several names counts with its share. Links are not followed.
    public static func measure(_ name: EntryName, in parent: Directory) -> TreeReport {
        var report = TreeReport()
        add(name, parent, to: &report, depth: 0)
        return report
    }

    private static func add(_ name: EntryName, _ parent: Directory, to report: inout TreeReport, depth: Int) {
        guard let entry = try? TreeEntry(name, in: parent) else { return }
        report.entries += 1
        report.bytes += share(of: entry.status)
        guard entry.status.kind == .directory, depth < deepest, let directory = try? entry.directory() else { return }
        // What vanishes or is closed meanwhile is not counted.
        try? directory.forEachEntry { next throws(Errno) in
            add(next.name, directory, to: &report, depth: depth + 1)
            return true
        }
    }

    /// What an entry takes on disk, among all its names.
    static func share(of status: FileStatus) -> Int64 {
        status.kind == .directory ? status.allocated : status.allocated / Int64(clamping: max(1, status.links))
    }
}
