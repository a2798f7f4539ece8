import Glibc
import Linux
import SystemPackage
import Trees

/// A directory of the caller's alone, below $TMPDIR or /tmp.
enum PrivateDirectory {
    /// Makes one, and removes it with all that is in it when `body` is done.
    static func with<Result>(_ body: (Directory) throws(Failure) -> Result) throws(Failure) -> Result {
        let place = Console.environment("TMPDIR", or: "/tmp")
        var template = Array("\(place)/bobbin.XXXXXX".utf8CString)
        // mkdtemp(3) makes it with mode 0700 under a name that nobody else has.
        guard mkdtemp(&template) != nil else {
            throw Failure(.cannotCreate, "cannot make a directory in \(place): \(Errno(rawValue: errno)); set TMPDIR")
        }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let name = EntryName(String(path.split(separator: "/").last ?? ""))
        let parent: Directory
        let directory: Directory
        do {
            parent = try Directory(path: place)
            directory = try parent.directory(name)
        } catch {
            throw Failure(.cannotCreate, "cannot open \(path): \(error)")
        }
        defer {
            do { try TreeRemove.remove(name, in: parent) } catch { Console.note("cannot remove \(path): \(error)") }
        }
        return try body(directory)
    }
}
