import Bundles
import Glibc
import Linux
import Runs
import SystemPackage
import TestSupport
import Testing

extension Scratch {
    /// Writes a file, its directories made first.
    func write(_ name: String, _ text: String, mode: UInt32 = 0o644) throws {
        let parts = name.split(separator: "/").map(String.init)
        var directory = root
        for part in parts.dropLast() { directory = try directory.makeOrOpenDirectory(EntryName(part)) }
        try directory.create(EntryName(try #require(parts.last)), with: Array(text.utf8), mode: mode)
    }
}

/// A queue that allows what the contract gives one that is not named.
func judge(
    _ files: [(String, String)], queue: QueueSettings = QueueSettings(), settings: Settings = Settings(),
    script: EntryName? = nil, input: String? = nil, mode: UInt32 = 0o644
) throws -> Judgement {
    let scratch = try Scratch()
    for (name, text) in files { try scratch.write(name, text, mode: mode) }
    return try judge(scratch.root, queue: queue, settings: settings, script: script, input: input)
}

func judge(
    _ root: Directory, queue: QueueSettings = QueueSettings(), settings: Settings = Settings(),
    script: EntryName? = nil,
    input: String? = nil
) throws -> Judgement {
    var settings = settings
    let name = try #require(QueueName("default"))
    settings.queues[name] = queue
    let judge = BundleJudge(queue: name, settings: settings)
    return try judge.judge(
        root, name: try #require(BundleName("report")), script: script, input: input.map { Array($0.utf8) })
}

/// The manifest of a bundle that has `main.py` beside it.
func manifest(_ yaml: String, queue: QueueSettings = QueueSettings()) throws -> Manifest {
    let judgement = try judge([("manifest.yaml", yaml), ("main.py", "")], queue: queue)
    guard case .accepted(let manifest, _) = judgement else {
        Issue.record("rejected: \(judgement.messages)")
        throw Rejected()
    }
    return manifest
}

/// What is said of a manifest whose bundle has `main.py` beside it.
func errors(_ text: String, file: String = "manifest.yaml", queue: QueueSettings = QueueSettings()) throws -> [String] {
    try judge([(file, text), ("main.py", "")], queue: queue).messages
}

struct Rejected: Error {}

extension Judgement {
    var messages: [String] {
        guard case .rejected(let errors) = self else { return [] }
        return errors.map(\.description)
    }

    var codes: [String] {
        guard case .rejected(let errors) = self else { return [] }
        return errors.map(\.code)
    }

    var manifest: Manifest? {
        guard case .accepted(let manifest, _) = self else { return nil }
        return manifest
    }
}
