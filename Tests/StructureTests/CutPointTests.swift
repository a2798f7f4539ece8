import Foundation
import Testing

/// A step that changes the disk and passes no cut point would be missing in the crash matrix.
@Suite("Every change of the disk passes a cut point")
struct CutPointTests {
    /// System calls that change a filesystem, and functions of C libraries that make such calls.
    static let changes = [
        "mkdir", "mkdirat", "mknod", "mknodat", "mkfifo", "mkfifoat", "rmdir", "unlink", "unlinkat", "rename",
        "renameat", "linux_renameat2", "link", "linkat", "symlink", "symlinkat", "chmod", "fchmod", "fchmodat",
        "linux_fchmodat2", "chown", "lchown", "fchown", "fchownat", "truncate", "ftruncate", "write", "pwrite",
        "writev",
        "pwritev", "sendfile", "splice", "linux_copy_file_range", "linux_clone_file", "fallocate", "posix_fallocate",
        "fsync", "fdatasync", "sync", "syncfs", "linux_syncfs", "setxattr", "fsetxattr", "linux_remove_xattr",
        "utimensat",
        "futimens", "creat",
    ]

    /// Calls that change nothing of the spool.
    static let elsewhere: [String: Set<String>] = [
        // The launcher's own root, a tmpfs.
        "Sources/LauncherCore/PrivateRoot.swift": ["mkdir", "rmdir", "symlink"],
        "Sources/LauncherCore/RootConfiguration.swift": ["mkdir", "symlink"],
        // A process's id maps.
        "Sources/Linux/KernelFile.swift": ["write"],
        // Standard error.
        "Sources/bobbind/StandardErrorLog.swift": ["write"],
        "Sources/Linux/CutPoint.swift": ["write"],
        // Only wakes the watching thread.
        "Sources/Watch/Watcher.swift": ["fchmod"],
        // Places that a user named to the command line.
        "Sources/bobbin/Commands/ShowCommand.swift": ["mkdir"],
        "Sources/bobbin/Commands/SpoolMaking.swift": ["mkdir"],
    ]

    /// One call of C in a source file.
    struct Call {
        let name: String
        let line: Int
        /// Whether its function passes a point before it.
        let isPassed: Bool
    }

    /// A bare call, or one of Glibc's: what has another name before its dot is a method.
    static func calls(in code: [(number: Int, text: String)]) -> [Call] {
        var found: [Call] = []
        var isPassed = false
        for line in code {
            let (isFunction, names) = names(calledIn: Array(line.text.utf8))
            // Each function has points of its own.
            if isFunction { isPassed = false }
            for name in names {
                if name == "CutPoint.pass" { isPassed = true }
                found.append(Call(name: name, line: line.number, isPassed: isPassed))
            }
        }
        return found
    }

    /// The names before each opening parenthesis, without `Glibc.`, and whether a function begins there.
    private static func names(calledIn text: [UInt8]) -> (isFunction: Bool, names: [String]) {
        func isName(_ byte: UInt8) -> Bool {
            byte == 0x5F || byte == 0x2E || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte)
        }
        var names: [String] = []
        var last = ""
        var isFunction = false
        var start: Int?
        for (index, byte) in (text + [0x20]).enumerated() {
            if isName(byte) {
                if start == nil { start = index }
                continue
            }
            guard let begin = start else { continue }
            start = nil
            let word = String(decoding: text[begin..<index], as: UTF8.self)
            if last == "func" || (word == "init" && byte == 0x28) {
                isFunction = true
            } else if byte == 0x28 {
                names.append(word.hasPrefix("Glibc.") ? String(word.dropFirst(6)) : word)
            }
            last = word
        }
        return (isFunction, names)
    }

    /// Modules whose own methods have some of these names, which they may call bare: what is behind them is in Linux.
    static let ownNames: [String: Set<String>] = [
        "Linux": ["rename", "unlink"], "Engine": ["write", "sync"], "Bundles": ["write"],
    ]

    @Test("wherever a source calls what changes it")
    func sources() {
        let changes = Set(Self.changes)
        var seen = 0
        for file in Sources.files {
            for call in Self.calls(in: file.code) where changes.contains(call.name) {
                if Self.elsewhere[file.path]?.contains(call.name) == true { continue }
                if Self.ownNames[file.module]?.contains(call.name) == true { continue }
                seen += 1
                #expect(
                    call.isPassed, "\(file):\(call.line): \(call.name) passes no cut point; use what Linux has for it")
            }
        }
        #expect(seen >= 15, "there are \(seen)")
    }

    @Test("and wherever one makes a file by opening it, by other means than Directory")
    func opens() {
        for file in Sources.files where !file.path.hasSuffix("/PrivateRoot.swift") {
            var isPassed = false
            for line in file.code {
                if line.text.contains("func ") { isPassed = false }
                if line.text.contains("CutPoint.pass(") { isPassed = true }
                guard line.text.contains("O_CREAT") || line.text.contains("O_TMPFILE"), !isPassed else { continue }
                // `Directory.open` passes one itself; its flags may be on a line of their own.
                let isDirectorys = ["try open(", ".open(", "flags &", "name, O_"].contains { line.text.contains($0) }
                #expect(isDirectorys, "\(file):\(line.number): \(line.text)")
            }
        }
    }

    @Test("and a source without one is noticed")
    func noticed() {
        let code = [
            "func a() {", "CutPoint.pass(", "check(fchmod(x, y))", "}", "func b() {", "check(fchmod(x, y))",
            "directory.fchmod(x)", "Glibc.fchmod(x)",
        ]
        let calls = Self.calls(in: code.enumerated().map { ($0, $1) }).filter { $0.name == "fchmod" }
        #expect(calls.map(\.isPassed) == [true, false, false])
    }
}
