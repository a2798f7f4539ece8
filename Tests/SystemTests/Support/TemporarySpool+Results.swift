import Foundation
import Glibc
import Testing

extension TemporarySpool {
    func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Waits, by the contract's rules for shell scripts, until an entry has left its inbox and the result of its name is there.
    ///
    /// - Parameter name: the bundle's name; nil: the entry without its ending.
    func result(
        of entry: String, name: String? = nil, queue: String = "default", within limit: Duration = .seconds(60)
    ) async throws -> ResultDirectory {
        try await taken(entry, queue: queue, within: limit)
        return try await result(named: name ?? Self.name(of: entry), queue: queue, within: limit)
    }

    /// Expects an entry's run to succeed and to have written this to its standard output.
    func expect(
        _ entry: String, name: String? = nil, queue: String = "default", prints text: String,
        _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let result = try await result(of: entry, name: name, queue: queue)
        #expect(result.state == "succeeded", "\(result)", sourceLocation: location)
        #expect(result.stdout == text, "\(result)", sourceLocation: location)
    }

    /// Waits until an entry has left its inbox: no older result of its name is in the way now.
    func taken(_ entry: String, queue: String = "default", within limit: Duration = .seconds(60)) async throws {
        try await eventually(within: limit, "\(queue)/\(entry) is taken") { !exists("\(inbox(queue))/\(entry)") }
    }

    /// Waits for the result that the link of a name leads to.
    func result(
        named name: String, queue: String = "default", within limit: Duration = .seconds(60)
    ) async throws -> ResultDirectory {
        let link = "\(outbox(queue))/\(name)"
        return try await eventually(within: limit, "the result of \(queue)/\(name); \(whereabouts(name, queue))") {
            guard access(link + "/state", F_OK) == 0,
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
            else { return nil }
            return ResultDirectory(path: "\(outbox(queue))/\(target)")
        }
    }

    /// Waits for the result of one run.
    func result(
        ofRun run: String, named name: String, queue: String = "default", within limit: Duration = .seconds(60)
    ) async throws -> ResultDirectory {
        let result = ResultDirectory(path: "\(outbox(queue))/\(name).\(run)")
        try await eventually(within: limit, "run \(run) of \(queue)/\(name)") { result.has("state") }
        return result
    }

    /// All results of a queue, in the order of their run ids' directories.
    func results(_ queue: String = "default") -> [ResultDirectory] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: outbox(queue))) ?? []
        return names.sorted().map { "\(outbox(queue))/\($0)" }.filter { path in
            var status = stat()
            return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        }.map { ResultDirectory(path: $0) }
    }

    /// All results of a bundle's name.
    func results(named name: String, _ queue: String = "default") -> [ResultDirectory] {
        results(queue).filter { $0.name == name }
    }

    private func whereabouts(_ name: String, _ queue: String) -> String {
        let live = (try? FileManager.default.contentsOfDirectory(atPath: active(queue))) ?? []
        guard let found = live.first(where: { $0.hasPrefix(name + ".") }) else { return "it is not active either" }
        return "it is \(ResultDirectory(path: "\(active(queue))/\(found)").state ?? "without a state") in active"
    }

    private static let endings = [
        ".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".tar.bz2", ".tar", ".zip", ".py", ".sh", ".bash", ".R", ".js",
        ".mjs", ".pl",
        ".rb",
    ]

    private static func name(of entry: String) -> String {
        let ending = endings.first { entry.hasSuffix($0) } ?? ""
        return String(entry.dropLast(ending.count))
    }
}
