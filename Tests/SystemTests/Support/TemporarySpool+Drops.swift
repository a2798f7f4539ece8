import Foundation
import Glibc
import Linux
import Runs
import Synchronization
import SystemPackage
import Testing

extension TemporarySpool {
    private static let counter = Mutex(0)

    /// A name that nothing has yet.
    func freshName(_ beginning: String = "") -> String {
        let number = Self.counter.withLock { counter in
            counter += 1
            return counter
        }
        return "\(beginning)\(number)"
    }

    /// A path in `scratch` that nobody uses.
    func freshScratch() -> String { "\(scratch)/\(freshName())" }

    /// Makes a file in `scratch`, the dropper's, and returns its path.
    func makeFile(_ content: [UInt8], mode: mode_t = 0o644) throws -> String {
        let path = freshScratch()
        try write(content, to: path, mode: mode)
        return path
    }

    /// Makes a directory in `scratch` with these files, all the dropper's. A path may have slashes; what ends in one is an empty
    /// directory.
    func makeDirectory(_ files: [String: String], mode: mode_t = 0o644) throws -> String {
        let path = freshScratch()
        try make(path)
        for (file, content) in files {
            var parent = path
            for part in file.split(separator: "/").dropLast(file.hasSuffix("/") ? 0 : 1) {
                parent += "/\(part)"
                if access(parent, F_OK) != 0 { try make(parent) }
            }
            if !file.hasSuffix("/") { try write(Array(content.utf8), to: "\(path)/\(file)", mode: mode) }
        }
        return path
    }

    /// Drops a script by a rename, as `mv` does.
    func drop(_ entry: String, script: String, queue: String = "default", mode: mode_t = 0o644) throws {
        try move(makeFile(Array(script.utf8), mode: mode), to: entry, queue: queue)
    }

    /// Drops a directory by a rename, as `mv` does.
    func drop(_ entry: String, files: [String: String], queue: String = "default") throws {
        try move(makeDirectory(files), to: entry, queue: queue)
    }

    /// Renames something into an inbox.
    func move(_ path: String, to entry: String, queue: String = "default") throws {
        if rename(path, "\(inbox(queue))/\(entry)") < 0 { throw Errno(rawValue: errno) }
    }

    /// The same for a name of any bytes.
    func move(_ path: String, to entry: [UInt8], queue: String = "default") throws {
        let target = Array("\(inbox(queue))/".utf8) + entry + [0]
        let result = target.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { name in name.baseAddress.map { rename(path, $0) } ?? -1 }
        }
        if result < 0 { throw Errno(rawValue: errno) }
    }

    private func make(_ directory: String) throws {
        if mkdir(directory, 0o755) < 0 { throw Errno(rawValue: errno) }
        if geteuid() == 0 { chown(directory, dropper, dropper) }
    }

    private func write(_ content: [UInt8], to path: String, mode: mode_t) throws {
        guard FileManager.default.createFile(atPath: path, contents: Data(content)) else {
            throw Errno(rawValue: errno)
        }
        chmod(path, mode)
        if geteuid() == 0 { chown(path, dropper, dropper) }
    }
}
