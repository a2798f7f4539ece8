internal import SystemPackage

/// Where on the host the control group of a process is, from what its files in /proc say.
public enum ControlGroupPath {
    /// Nil if no unified hierarchy is mounted here, or the mounted part of it does not hold the process.
    ///
    /// - Parameters:
    ///   - membership: /proc/PID/cgroup, cgroups(7).
    ///   - mounts: /proc/PID/mountinfo, proc(5).
    public static func find(membership: String, mounts: String) -> String? {
        guard let line = membership.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }) else { return nil }
        let own = line.dropFirst(3).split(separator: "/")
        // It is outside of what this process's cgroup namespace shows.
        if own.contains("..") { return nil }
        for line in mounts.split(separator: "\n") {
            let words = line.split(separator: " ", omittingEmptySubsequences: false)
            guard let end = words.firstIndex(of: "-"), end >= 6, end + 1 < words.count, words[end + 1] == "cgroup2"
            else { continue }
            let root = unescaped(words[3]).split(separator: "/")
            guard own.starts(with: root), !root.contains("..") else { continue }
            let below = own.dropFirst(root.count)
            return ([unescaped(words[4])] + below.map(String.init)).joined(separator: "/")
        }
        return nil
    }

    /// The group of a process; nil if there is none to be found.
    public static func ofProcess(_ process: String = "self") -> String? {
        guard let membership = try? text("/proc/\(process)/cgroup"), let mounts = try? text("/proc/self/mountinfo")
        else { return nil }
        return find(membership: membership, mounts: mounts)
    }

    private static func text(_ path: String) throws(Errno) -> String {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let directory = try Directory(path: String(path[..<slash]))
        return String(
            decoding: try directory.read(EntryName(String(path[path.index(after: slash)...])), limit: 1 << 20),
            as: UTF8.self)
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
