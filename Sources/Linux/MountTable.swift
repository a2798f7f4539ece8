public import SystemPackage

/// The mounts that this process sees. Source: /proc/self/mountinfo, proc(5).
public struct MountTable: Sendable {
    public struct Mount: Sendable, Hashable {
        /// The path within its filesystem that is mounted.
        public let root: String
        /// Where it is mounted.
        public let place: String
        /// The filesystem's type: `ext4`, `tmpfs`, `nfs4`.
        public let type: String
    }

    /// In the order in which they were mounted: a later one covers an earlier one at the same place.
    public let mounts: [Mount]

    /// Reads what is in the kernel's file.
    public init(parsing text: String) {
        mounts = text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ", omittingEmptySubsequences: false)
            guard let end = words.firstIndex(of: "-"), end >= 6, end + 1 < words.count else { return nil }
            return Mount(
                root: Self.unescaped(words[3]), place: Self.unescaped(words[4]), type: String(words[end + 1]))
        }
    }

    public static func ofProcess() throws(Errno) -> MountTable {
        MountTable(parsing: String(decoding: try readKernelFile("/proc/self/mountinfo"), as: UTF8.self))
    }

    /// The mount that an absolute path without links lies in.
    public func mount(of path: String) -> Mount? {
        let names = path.split(separator: "/")
        var found: (mount: Mount, depth: Int)?
        for mount in mounts {
            let place = mount.place.split(separator: "/")
            if names.starts(with: place), place.count >= found?.depth ?? 0 { found = (mount, place.count) }
        }
        return found?.mount
    }

    /// Blanks and backslashes stand there as three octal digits.
    private static func unescaped(_ word: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(word.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == 0x5C, digits.count == 3, digits.allSatisfy({ (0x30...0x37).contains($0) }) {
                bytes.append(digits.reduce(0) { $0 &* 8 &+ ($1 - 0x30) })
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
