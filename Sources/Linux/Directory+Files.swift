internal import CLinux
internal import Glibc
public import SystemPackage

extension Directory {
    /// Reads a regular file of at most `limit` bytes. EFBIG if it is larger, EINVAL if it is no regular file.
    public func read(_ name: EntryName, limit: Int) throws(Errno) -> [UInt8] {
        let file = try open(name, O_RDONLY)
        return try readAll(file.rawValue, limit: limit)
    }

    /// Replaces a file as one step: whoever reads sees the old or the new content, never a part. Not flushed.
    ///
    /// It is written under `.NAME.new`; a leftover of a crash is overwritten. Names are exchanged rather than one renamed over the
    /// other, because for the latter ext4 writes the new content out at once (auto_da_alloc), flushed or not.
    public func replace(_ name: EntryName, with bytes: some Collection<UInt8>, mode: UInt32 = 0o644) throws(Errno) {
        try rewrite(name, with: bytes, mode: mode)
        try dropSpare(of: name)
    }

    /// The same, for a file that is replaced several times: the former file stays as `.NAME.new` and is used again the next
    /// time, so that no inode is made or deleted for it. `dropSpare` removes it.
    public func rewrite(_ name: EntryName, with bytes: some Collection<UInt8>, mode: UInt32 = 0o644) throws(Errno) {
        let spare = try openSpare(of: name, mode: mode)
        // One look costs less than changes of what is already so.
        if spare.status.permissions != mode { try Linux.changeMode(of: spare.file.rawValue, to: mode) }
        try writeAll(spare.file.rawValue, Array(bytes))
        if spare.status.size > bytes.count { try setSize(of: spare.file.rawValue, to: Int64(bytes.count)) }
        try exchange(Self.spare(of: name), with: name)
    }

    /// Replaces a file as one step by another name of a file that is elsewhere.
    public func replace(_ name: EntryName, byLinkTo other: EntryName, in directory: Directory) throws(Errno) {
        let spare = Self.spare(of: name)
        try dropSpare(of: name)
        try directory.makeHardLink(other, as: spare, in: self)
        try exchange(spare, with: name)
        try dropSpare(of: name)
    }

    /// Removes what `rewrite` keeps. A directory that somebody made under the file's name, or this one, is moved aside.
    public func dropSpare(of name: EntryName) throws(Errno) {
        let spare = Self.spare(of: name)
        do {
            try unlinkIfPresent(spare)
        } catch {
            if error != .isDirectory { throw error }
            let number = String(UInt64.random(in: .min ... .max), radix: 16)
            try rename(spare, to: EntryName(bytes: spare.bytes + Array(".\(number)".utf8)))
        }
    }

    /// A file about to be written, and what it is so far.
    private struct Spare: ~Copyable {
        let file: OwnedDescriptor
        let status: FileStatus
    }

    /// Opens `.NAME.new` for writing: the one that is there, if it is nobody else's.
    private func openSpare(of name: EntryName, mode: UInt32) throws(Errno) -> Spare {
        let spare = Self.spare(of: name)
        do {
            let file = try open(spare, O_WRONLY | O_CREAT, mode: mode)
            let status = try FileStatus.of(descriptor: file.rawValue)
            // What a crash left may be a further name of a file elsewhere (`replace(byLinkTo:)`), which must not change.
            if status.links == 1 { return Spare(file: file, status: status) }
        } catch {
            // A link, a directory, or what else may not be written: it is in the way.
            guard [.tooManySymbolicLinkLevels, .permissionDenied, .isDirectory].contains(error) else { throw error }
        }
        try dropSpare(of: name)
        let file = try open(spare, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        let status = try FileStatus.of(descriptor: file.rawValue)
        return Spare(file: file, status: status)
    }

    private static func spare(of name: EntryName) -> EntryName {
        EntryName(bytes: [0x2E] + name.bytes + Array(".new".utf8))
    }

    /// Gives `spare` the other's name, and the other, if there is one, the spare's.
    private func exchange(_ spare: EntryName, with name: EntryName) throws(Errno) {
        do {
            return try rename(spare, to: name)
        } catch {
            if error != .fileExists { throw error }
        }
        CutPoint.pass("exchange", spare, in: rawValue, as: name, in: rawValue)
        let result = spare.withCString { from in
            name.withCString { to in linux_renameat2(rawValue, from, rawValue, to, UInt32(LINUX_RENAME_EXCHANGE)) }
        }
        if result == 0 { return }
        // A filesystem without it: one over the other.
        if errno != EINVAL { throw Errno(rawValue: errno) }
        try rename(spare, to: name, replacing: true)
    }

    /// Makes a file that must not exist yet and writes it; the mode is as asked, whatever the umask. Not flushed.
    public func create(_ name: EntryName, with bytes: some Collection<UInt8>, mode: UInt32 = 0o644) throws(Errno) {
        let file = try open(name, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        // Only where the umask took something: a look costs less than a change of what is already so.
        if try FileStatus.of(descriptor: file.rawValue).permissions != mode {
            try Linux.changeMode(of: file.rawValue, to: mode)
        }
        try writeAll(file.rawValue, Array(bytes))
    }
}

/// Reads a regular file to its end. EFBIG over `limit` bytes, EINVAL if it is no regular file.
public func readAll(_ descriptor: Int32, limit: Int) throws(Errno) -> [UInt8] {
    let status = try FileStatus.of(descriptor: descriptor)
    if status.kind != .regular { throw Errno.invalidArgument }
    if status.size > limit { throw Errno.fileTooLarge }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(status.size) + 1)
    var buffer = [UInt8](repeating: 0, count: min(max(Int(status.size) + 1, 512), 65536))
    while true {
        let length = try retrying {
            buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        }
        if length == 0 { return bytes }
        bytes.append(contentsOf: buffer[..<length])
        // A file that grows while it is read must not fill the memory.
        if bytes.count > limit { throw Errno.fileTooLarge }
    }
}

extension Directory {
    /// A file that has no name and goes with its descriptor. The corresponding C function is `open(O_TMPFILE)`.
    public func openUnnamed() throws(Errno) -> OwnedDescriptor {
        do {
            CutPoint.pass("create", "unnamed", in: rawValue)
            return try open(".", O_RDWR | Int32(LINUX_O_TMPFILE), mode: 0o600)
        } catch {
            // A filesystem without O_TMPFILE: a name for a moment.
            if error != .notSupported && error != .isDirectory { throw error }
        }
        let name = EntryName(".unnamed.\(getpid()).\(UInt64.random(in: .min ... .max))")
        let file = try open(name, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
        try unlink(name)
        return file
    }
}
