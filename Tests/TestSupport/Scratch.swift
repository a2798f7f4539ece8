internal import Glibc
public import Linux
internal import SystemPackage
internal import Trees

/// A directory of one test, which every user may enter; gone with it, whatever the test put there.
public final class Scratch: Sendable {
    public let path: String
    public let root: Directory

    private static let parent = "/tmp"

    public init() throws {
        var template = Array("\(Self.parent)/bobbin-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        root = try Directory(path: path)
        chmod(path, 0o755)
    }

    deinit {
        let name = EntryName(String(path.dropFirst(Self.parent.count + 1)))
        try? TreeRemove.remove(name, in: Directory(path: Self.parent))
    }

    /// Runs a shell script in it, with umask 022; its exit status as wait(2) has it, 0 if all went well.
    public func run(_ script: String) -> Int32 { system("cd '\(path)' && umask 022 && { \(script)\n}") }
}
