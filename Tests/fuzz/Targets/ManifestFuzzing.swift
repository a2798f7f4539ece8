internal import Bundles
internal import Linux
internal import Runs
internal import SystemPackage

/// The bytes are the manifest of a bundle whose other files never change. It is judged as YAML and, if it looks like that, as JSON,
/// for a queue that allows next to nothing and for one that allows nearly everything.
struct ManifestFuzzing: FuzzedReader {
    private let bundle: Directory
    private let judges: [BundleJudge]
    private let settings: Settings
    private static let name = BundleName(mending: "report".utf8)

    init(in directory: Directory) throws {
        bundle = directory
        try bundle.create("main.py", with: "#!/usr/bin/python3\n".utf8, mode: 0o755)
        try bundle.create("tool", with: "#!/bin/sh\n".utf8, mode: 0o755)
        try bundle.create("data.json", with: "{}".utf8)
        try bundle.makeDirectory("d")
        try bundle.directory("d").create("run.sh", with: "".utf8)
        try bundle.makeLink("link.py", to: Array("main.py".utf8))
        try bundle.makeLink("away.py", to: Array("../main.py".utf8))
        let settings = try SettingsFile.reading(Array(Self.queues.utf8)).get().settings
        self.settings = settings
        judges = ["narrow", "wide"].compactMap { QueueName($0) }.map { BundleJudge(queue: $0, settings: settings) }
    }

    private static let queues = """
        runtimes: {mine: {command: [/usr/bin/mine], endings: [.mine]}}
        queues:
          narrow: {max_timeout: 10s, max_attempts: 2, runtimes: [python, sh], max_limits: {memory: 1MiB, cpus: 0.5}}
          wide:
            network: [none, host]
            max_timeout: 30d
            max_limits: {memory: 1TiB, cpus: 1000, processes: 100000, output: 1TiB, output_files: 1000000}
        """

    func read(_ bytes: [UInt8]) throws -> Bool {
        let isManifest = try judge(bytes, as: "manifest.yaml", isJSON: false)
        let first = bytes.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
        return try first == 0x7B && judge(bytes, as: "manifest.json", isJSON: true) || isManifest
    }

    private func judge(_ bytes: [UInt8], as file: EntryName, isJSON: Bool) throws -> Bool {
        try bundle.create(file, with: bytes)
        var manifests: [(BundleJudge, Manifest)] = []
        do {
            defer { try? bundle.unlink(file) }
            for judge in judges {
                switch try judge.judge(bundle, name: Self.name) {
                case .accepted(let manifest, _): manifests.append((judge, manifest))
                case .rejected(let errors): try checkErrors(errors, of: bytes)
                }
                if isJSON { try replaceInput(bytes, judge) }
            }
        }
        // Without a manifest beside it: what is applied stands for it.
        for (judge, manifest) in manifests { try checkAccepted(manifest, judge) }
        return !manifests.isEmpty
    }

    /// The same text as `--input`: whatever is taken is JSON that manifest.json can hold.
    private func replaceInput(_ bytes: [UInt8], _ judge: BundleJudge) throws {
        let plain = Array(#"{"entry":"main.py","input":1}"#.utf8)
        switch try judge.judge(bundle, name: Self.name, input: bytes, applied: plain) {
        case .accepted(let manifest, _): try checkAccepted(manifest, judge)
        case .rejected(let errors): try checkErrors(errors, of: bytes)
        }
    }

    private func checkAccepted(_ manifest: Manifest, _ judge: BundleJudge) throws {
        try checkRules(manifest, settings.queue(judge.queue))
        for pretty in [true, false] {
            let text = Array(manifest.json(pretty: pretty).utf8)
            switch Manifest.reading(applied: text) {
            case .success(let again): try hold(again == manifest, "read again it differs: \(manifest) and \(again)")
            case .failure(let file): throw Broken(description: "what was accepted is refused: \(file.errors)")
            }
            switch try judge.judge(bundle, name: Self.name, applied: text) {
            case .accepted(let again, _): try hold(again == manifest, "run again it differs: \(manifest) and \(again)")
            case .rejected(let errors): throw Broken(description: "what was accepted cannot be run again: \(errors)")
            }
        }
        if case .json(let text) = manifest.input {
            try hold(JSONValue(reading: text.utf8) != nil, "the input is no JSON: \(text)")
        }
    }

    /// What the documents say of every manifest that is applied.
    private func checkRules(_ manifest: Manifest, _ queue: QueueSettings) throws {
        try hold((1...queue.maxTimeout).contains(manifest.timeout), "timeout \(manifest.timeout)")
        try hold((1...300_000).contains(manifest.stopGrace), "stop_grace \(manifest.stopGrace)")
        try hold((1...99).contains(manifest.priority), "priority \(manifest.priority)")
        try hold(queue.network.contains(manifest.network), "network \(manifest.network)")
        try hold(queue.runtimes?.contains(manifest.runtime) != false, "runtime \(manifest.runtime)")
        let fields: [KeyPath<Limits, Int64>] = [
            \.memory, \.millicpus, \.processes, \.openFiles, \.fileSize, \.output, \.outputFiles, \.log, \.tmp,
        ]
        for field in fields {
            let limit = manifest.limits[keyPath: field]
            try hold(limit > 0 && limit <= queue.maxLimits[keyPath: field], "limits \(manifest.limits)")
        }
        if let retry = manifest.retry {
            try hold((2...queue.maxAttempts).contains(retry.attempts), "attempts \(retry.attempts)")
            try hold(retry.wait > 0 && retry.maxWait > 0 && retry.factorThousandths >= 1000, "\(retry)")
            try hold(!retry.on.isEmpty && !retry.on.contains(.succeeded) && !retry.on.contains(.rejected), "\(retry)")
        }
        let isPassable = (manifest.args + manifest.env.map { "\($0.key)=\($0.value)" }).allSatisfy {
            !$0.utf8.contains(0) && $0.utf8.count <= 131_071
        }
        try hold(isPassable, "an argument or variable cannot be passed")
        try hold(manifest.env.allSatisfy { !$0.key.hasPrefix("BOBBIN_") }, "env \(manifest.env)")
        var paths = [manifest.entry] + (manifest.outputs ?? []).map(\.path)
        if case .file(let path) = manifest.input { paths.append(path) }
        for path in paths { try hold(isInside(path), "path \(path)") }
    }

    private func isInside(_ path: String) -> Bool {
        let parts = path.utf8.split(separator: 0x2F, omittingEmptySubsequences: false)
        return parts.allSatisfy { !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) }
    }
}
