internal import Glibc

/// Names the group that a caller without permission has to join.
enum HistoryPermission {
    private typealias Group = Glibc.group

    /// A sentence that names the group of the database or, where even that cannot be seen, of its directory.
    static func hint(_ path: String) -> String? {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        guard let group = group(of: path) ?? group(of: directory.isEmpty ? "/" : directory) else { return nil }
        return "readable by the group '\(group)'"
    }

    private static func group(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        var entry = Group()
        var found: UnsafeMutablePointer<Group>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        let code = getgrgid_r(status.st_gid, &entry, &buffer, buffer.count, &found)
        guard code == 0, found != nil, let name = entry.gr_name else { return String(status.st_gid) }
        return String(cString: name)
    }
}
