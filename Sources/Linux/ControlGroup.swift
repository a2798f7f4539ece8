internal import CLinux
internal import Glibc
public import SystemPackage

/// A group of processes in the kernel's unified hierarchy (cgroup v2), by its directory. Source: cgroups(7) and the kernel's
/// admin-guide/cgroup-v2.rst.
public final class ControlGroup: Sendable {
    private let directory: Directory

    public init(_ directory: Directory) { self.directory = directory }

    /// Opens a group by its path on the host. EOPNOTSUPP if it lies in a hierarchy of version 1, or is no group at all.
    public convenience init(path: String) throws(Errno) {
        let directory = try Directory(path: path)
        if linux_filesystem_type(directory.rawValue) != Int(LINUX_CGROUP2_SUPER_MAGIC) { throw .notSupported }
        self.init(directory)
    }

    /// The directory's descriptor, for clone3(2); valid as long as this object lives.
    public var rawValue: Int32 { directory.rawValue }

    /// Whether systemd has written on it that it leaves it to the service alone.
    public var isMarkedAsDelegated: Bool {
        ["user.delegate", "trusted.delegate"].contains { name in
            var value: UInt8 = 0
            return linux_get_xattr(rawValue, name, &value, 1) == 1 && value == 0x31
        }
    }

    public func owner() throws(Errno) -> UInt32 { try directory.status().owner }

    // MARK: Its files

    public func has(_ file: EntryName) -> Bool { directory.has(file) }

    /// The content of one of its files.
    public func read(_ file: EntryName) throws(Errno) -> String {
        String(decoding: try directory.read(file, limit: 1 << 20), as: UTF8.self)
    }

    /// Writes one of its files, in one call as the kernel wants it.
    public func write(_ text: String, to file: EntryName) throws(Errno) {
        try writeKernelFile(rawValue, "\(file)", text)
    }

    /// A file of words: which controllers there are, or are handed on.
    public func words(_ file: EntryName) -> Set<String> {
        Set(((try? read(file)) ?? "").split(whereSeparator: \.isWhitespace).map(String.init))
    }

    /// A file with one number in it.
    public func number(_ file: EntryName) -> UInt64? {
        (try? read(file)).flatMap { UInt64($0.prefix { $0 != "\n" }) }
    }

    /// A file of lines with a name and a number.
    public func numbers(_ file: EntryName) -> [String: UInt64] {
        var numbers: [String: UInt64] = [:]
        for line in ((try? read(file)) ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, let number = UInt64(words[1]) { numbers[String(words[0])] = number }
        }
        return numbers
    }

    // MARK: Groups and processes in it

    /// The processes that are in it, and not in a group below; 0 stands for one of another pid namespace.
    public func processes() throws(Errno) -> [Int32] {
        try read("cgroup.procs").split(separator: "\n").compactMap { Int32($0) }
    }

    /// Opens a group below it.
    public func group(_ name: EntryName) throws(Errno) -> ControlGroup { ControlGroup(try directory.directory(name)) }

    public func makeGroup(_ name: EntryName) throws(Errno) -> ControlGroup {
        try directory.makeDirectory(name, mode: 0o755)
        return try group(name)
    }

    /// Removes a group below it. EBUSY if a process is in there.
    public func removeGroup(_ name: EntryName) throws(Errno) { try directory.removeDirectory(name) }

    /// The names of the groups below it.
    public func groups() throws(Errno) -> [EntryName] {
        try directory.entries().filter { $0.kind == .directory }.map(\.name)
    }

    /// Kills every process in it and below; before Linux 5.14 those in it, one by one.
    public func kill() {
        do {
            try self.write("1", to: "cgroup.kill")
        } catch {
            for process in (try? processes()) ?? [] where process > 1 { _ = Glibc.kill(process, SIGKILL) }
        }
    }

    /// Waits, milliseconds at most, until no process is in it or below.
    public func waitUntilEmpty(_ milliseconds: Int32) {
        guard let file = try? directory.open("cgroup.events", O_RDONLY) else { return }
        var buffer = [UInt8](repeating: 0, count: 256)
        for _ in 0..<4 {
            // Read by this descriptor: the kernel says POLLPRI at each change since its last reading.
            let length = pread(file.rawValue, &buffer, buffer.count, 0)
            if length <= 0 || String(decoding: buffer[..<length], as: UTF8.self).contains("populated 0") { return }
            var polled = pollfd(fd: file.rawValue, events: Int16(POLLPRI), revents: 0)
            if poll(&polled, 1, milliseconds) == 0 { return }
        }
    }
}
