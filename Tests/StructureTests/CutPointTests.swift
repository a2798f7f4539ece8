import Foundation
import Testing

/// A step that changes the disk and passes no cut point would be missing in the crash matrix.
@Suite("Every change of the disk passes a cut point")
struct CutPointTests {
    /// System calls that change a filesystem, and functions of C libraries that make such calls.
    static let changes = [
        "mkdir", "mkdirat", "mknod", "mknodat", "mkfifo", "mkfifoat", "rmdir", "unlink", "unlinkat", "remove", "rename",
        "renameat", "linux_renameat2", "link", "linkat", "symlink", "symlinkat", "chmod", "fchmod", "fchmodat",
        "linux_fchmodat2", "chown", "lchown", "fchown", "fchownat", "truncate", "ftruncate", "write", "pwrite",
        "writev",
        "pwritev", "sendfile", "splice", "linux_copy_file_range", "linux_clone_file", "fallocate", "posix_fallocate",
        "fsync", "fdatasync", "sync", "linux_syncfs", "setxattr", "fsetxattr", "linux_remove_xattr", "utimensat",
        "futimens", "creat",
    ]

    /// Calls that change nothing of the spool.
    static let elsewhere: [String: Set<String>] = [
        // The launcher's own root, a tmpfs.
        "Sources/LauncherCore/PrivateRoot.swift": ["mkdir", "rmdir", "symlink"],
        "Sources/LauncherCore/RootConfiguration.swift": ["mkdir"],
        // A process's id maps.
        "Sources/LauncherCore/Privilege.swift": ["write"],
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
        let pattern = /(^|[^A-Za-z0-9_.]|Glibc\.)([a-z_0-9]+)\(/
        var found: [Call] = []
        var isPassed = false
        for line in code {
            // Each function has points of its own.
            if line.text.contains(/\bfunc\b|\binit\(/) { isPassed = false }
            if line.text.contains("CutPoint.pass(") { isPassed = true }
            if line.text.contains(/\bfunc\s/) { continue }
            for match in line.text.matches(of: pattern) {
                found.append(Call(name: String(match.2), line: line.number, isPassed: isPassed))
            }
        }
        return found
    }

    /// Modules whose own methods have some of these names, which they may call bare: what is behind them is in Linux.
    static let ownNames: [String: Set<String>] = [
        "Linux": ["rename", "unlink"], "Engine": ["write", "remove"], "Spool": ["write"], "LauncherCore": ["remove"],
        "Trees": ["remove"], "Bundles": ["write"], "bobbin": ["sync"],
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

    @Test("and wherever one makes a file by opening it")
    func opens() {
        for file in Sources.files where file.path != "Sources/LauncherCore/PrivateRoot.swift" {
            var isPassed = false
            for line in file.code {
                if line.text.contains(/\bfunc\b|\binit\(/) { isPassed = false }
                if line.text.contains("CutPoint.pass(") { isPassed = true }
                // Directory.open passes one itself.
                guard line.text.contains(/O_CREAT|O_TMPFILE|O_TRUNC/), !line.text.contains(/[a-z]\.open\(|= try open\(/)
                else {
                    continue
                }
                #expect(
                    isPassed || line.text.contains("flags &") || line.text.contains("name, O_RDWR"),
                    "\(file):\(line.number)")
            }
        }
    }

    @Test("and a source without one is noticed")
    func noticed() {
        let code = ["func a() {", "CutPoint.pass(", "check(fchmod(x, y))", "}", "func b() {", "check(fchmod(x, y))"]
        let calls = Self.calls(in: code.enumerated().map { ($0, $1) }).filter { $0.name == "fchmod" }
        #expect(calls.map(\.isPassed) == [true, false])
    }
}
