import Glibc
import Linux
import SystemPackage
import Testing

/// A directory of one test, removed with it.
final class Scratch {
    let path: String
    let root: Directory

    init() throws {
        var template = Array("/tmp/linux-test.XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        root = try Directory(path: path)
    }

    deinit {
        Self.empty(root)
        rmdir(path)
    }

    private static func empty(_ directory: Directory) {
        for entry in (try? directory.entries()) ?? [] {
            if let below = try? directory.directory(entry.name) {
                empty(below)
                try? directory.removeDirectory(entry.name)
            } else {
                try? directory.unlink(entry.name)
            }
        }
    }
}
