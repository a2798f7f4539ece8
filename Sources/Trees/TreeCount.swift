public import Linux
internal import SystemPackage

/// A look at how much a tree holds, for who has to decide whether to work on it at once.
public enum TreeCount {
    /// Levels after which a tree counts as large.
    private static let levels = 32

    /// Whether a directory holds more than so many entries or bytes, at any depth. What cannot be read counts as large.
    public static func isLarger(than entries: Int, bytes: Int64 = .max, in directory: Directory) -> Bool {
        var entriesLeft = entries
        var bytesLeft = bytes
        return isLarger(&entriesLeft, &bytesLeft, directory, level: 0)
    }

    private static func isLarger(
        _ entries: inout Int, _ bytes: inout Int64, _ directory: Directory, level: Int
    ) -> Bool {
        if level >= levels { return true }
        var isLarger = false
        do {
            try directory.forEachEntry { entry throws(Errno) in
                let held = try TreeEntry(entry.name, in: directory)
                entries -= 1
                let size = held.status.kind == .regular ? held.status.size : 0
                isLarger = entries < 0 || size > bytes
                bytes -= isLarger ? 0 : size
                if !isLarger, held.status.kind == .directory {
                    isLarger = Self.isLarger(&entries, &bytes, try held.directory(), level: level + 1)
                }
                return !isLarger
            }
        } catch {
            return true
        }
        return isLarger
    }
}
