internal import Bundles
internal import Linux
internal import Runs
internal import Runtimes

/// The bytes are a single Python script with its metadata in its comments, then lines that a script says while it runs, then what it
/// wrote when it failed.
struct ScriptFuzzing: FuzzedReader {
    private let bundle: Directory
    private let judge: BundleJudge
    private static let name = BundleName(mending: "report".utf8)
    private static let script: EntryName = "report.py"

    init(in directory: Directory) throws {
        bundle = directory
        guard let queue = QueueName("default") else { throw Broken(description: "no queue") }
        judge = BundleJudge(queue: queue, settings: Settings())
    }

    func read(_ bytes: [UInt8]) throws -> Bool {
        let isManifest = try judgeMetadata(bytes)
        let isSpoken = try hear(bytes)
        for runtime in ["python", "r", "node"] {
            guard let reason = FailureLine.reason(runtime: runtime, String(decoding: bytes, as: UTF8.self)) else {
                continue
            }
            try hold(!RunEvent.oneLine(reason).contains { $0.isNewline }, "a reason of several lines")
        }
        return isManifest || isSpoken
    }

    /// Whether there is metadata that is taken.
    private func judgeMetadata(_ bytes: [UInt8]) throws -> Bool {
        try bundle.create(Self.script, with: bytes)
        defer { try? bundle.unlink(Self.script) }
        switch try judge.judge(bundle, name: Self.name, script: Self.script) {
        case .rejected(let errors): try checkErrors(errors, of: bytes)
        case .accepted(let manifest, _):
            let text = Array(manifest.json().utf8)
            switch try judge.judge(bundle, name: Self.name, script: Self.script, applied: text) {
            case .accepted(let again, _): try hold(again == manifest, "run again it differs: \(manifest) and \(again)")
            case .rejected(let errors): throw Broken(description: "what was accepted cannot be run again: \(errors)")
            }
            return manifest
                != Manifest(title: "report", runtime: "python", entry: "report.py", timeout: manifest.timeout)
        }
        return false
    }

    /// Whether one of the lines is an event.
    private func hear(_ bytes: [UInt8]) throws -> Bool {
        var isSpoken = false
        for line in bytes.split(separator: 0x0A) {
            guard let event = RunEvent(line: Array(line)) else { continue }
            isSpoken = true
            switch event {
            case .progress(let share, let text):
                try hold((0...1000).contains(share), "progress \(share)")
                try hold(text?.contains { $0.isNewline } != true, "a text of several lines")
            case .message(let text), .failure(let text):
                try hold(
                    !text.contains { $0.isNewline } && text.utf8.count < 2000, "a text of \(text.utf8.count) bytes")
            case .checkpoint(let json):
                try hold(json.utf8.count < CheckpointKey.longestValue, "a checkpoint of \(json.utf8.count) bytes")
                try hold(JSONValue(reading: json.utf8)?.json == json, "read again it differs: \(json)")
            case .rows(let rows): try hold(rows.total >= 0 && rows.failed >= 0, "\(rows)")
            case .log: break
            }
        }
        return isSpoken
    }
}
