internal import Glibc
internal import Linux
internal import SystemPackage
internal import Trees

/// The directory that an archive is unpacked into: each step one name deep, whatever the umask.
final class UnpackTarget {
    private let root: Directory
    /// The directory of the entry before, which most often is that of the next.
    private var current: (path: ArchivePath, directory: Directory)?

    init(root: Directory) { self.root = root }

    func makeDirectory(_ path: ArchivePath) throws(Errno) {
        let (parent, name) = try place(path)
        try parent.makeDirectory(name, mode: 0o700)
        try parent.directory(name).changeMode(to: 0o755)
    }

    /// A new file, open for writing.
    func makeFile(_ path: ArchivePath) throws(Errno) -> SharedDescriptor {
        let (parent, name) = try place(path)
        return SharedDescriptor(try parent.open(name, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600))
    }

    func makeLink(_ path: ArchivePath, to destination: [UInt8]) throws(Errno) {
        let (parent, name) = try place(path)
        try parent.makeLink(name, to: destination)
    }

    /// Copies a file made before, with its mode; nil if it holds more than `limit` bytes.
    func copyFile(_ source: ArchivePath, to path: ArchivePath, limit: Int64) throws(Errno) -> Int64? {
        let (from, name) = try place(source)
        let original = try from.open(name, O_RDONLY)
        let copy = try makeFile(path)
        let length: Int64
        do {
            length = try FileContent.copy(from: original.rawValue, to: copy.rawValue, limit: limit)
        } catch {
            switch error {
            case .larger: return nil
            case .reading(let errno), .writing(let errno): throw errno
            }
        }
        try changeMode(of: copy.rawValue, to: FileStatus.of(descriptor: original.rawValue).permissions)
        return length
    }

    /// Moves all that is in the directory `name`, the only entry, up into the root.
    func lift(_ name: EntryName, children: [EntryName]) throws(Errno) {
        current = nil
        // It may hold an entry of its own name: out of the way first, under a name that none of them has.
        let taken = Set(children)
        var number = 0
        var aside = EntryName(".top")
        while taken.contains(aside) {
            number += 1
            aside = EntryName(".top-\(number)")
        }
        try root.rename(name, to: aside)
        let top = try root.directory(aside)
        for child in children { try top.rename(child, to: child, in: root) }
        try root.removeDirectory(aside)
    }

    /// The directory of an entry, from the root down, and the entry's name in it.
    private func place(_ path: ArchivePath) throws(Errno) -> (Directory, EntryName) {
        guard let name = path.names.last else { throw .invalidArgument }
        let parent = path.parent
        if let current, current.path == parent { return (current.directory, name) }
        var directory = root
        for name in parent.names { directory = try directory.directory(name) }
        current = (parent, directory)
        return (directory, name)
    }
}
