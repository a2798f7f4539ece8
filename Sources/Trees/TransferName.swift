public import Linux

/// Names that programs give to files they are still writing: never taken.
public enum TransferName {
    private static let inboxEndings = ["~", ".part", ".partial", ".tmp", ".swp", ".crdownload", ".filepart"]
    private static let innerEndings = [".part", ".partial", ".filepart", ".crdownload"]

    /// Whether an entry of an inbox is not meant to be taken, now or ever: hidden, or a transfer's ending in any case.
    public static func isInInbox(_ name: EntryName) -> Bool {
        name.bytes.first == 0x2E || ends(name, in: inboxEndings)
    }

    /// Whether an entry anywhere inside a directory made in place shows that it is still being written. Narrower than in
    /// the inbox, because people do send hidden files and `notes~`: rsync's `.NAME.XXXXXX` and `.~tmp~`, and four endings.
    public static func isInsideDirectory(_ name: EntryName) -> Bool {
        if name == ".~tmp~" || ends(name, in: innerEndings) { return true }
        let bytes = name.bytes
        guard bytes.count > 8, bytes[0] == 0x2E, bytes[bytes.count - 7] == 0x2E else { return false }
        return bytes.suffix(6).allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
        }
    }

    private static func ends(_ name: EntryName, in endings: [String]) -> Bool {
        let lowered = EntryName(bytes: name.bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 })
        return endings.contains(where: lowered.hasSuffix)
    }
}
