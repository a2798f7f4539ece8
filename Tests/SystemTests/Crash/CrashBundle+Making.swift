import Foundation

extension CrashBundle {
    /// Makes it beside the spool and moves it into the inbox as `job.RUN`, as a person would.
    ///
    /// - Parameter shown: a pattern that only the directory with the pipes matches, where scripts see it; the same for every spool,
    ///   so that the same bundle is the same in all.
    func drop(as run: String, shown: String, into spool: TemporarySpool) async throws {
        let begin = "set -- \(shown)\necho $BOBBIN_RUN >>$1/starts\n"
        let gate = "read go <$1/gate\n"
        let end = "echo out; cat; echo left >left\n"
        let entry = "job.\(run)\(ending)"
        switch self {
        case .script: try spool.drop(entry, script: begin + end)
        case .gatedScript: try spool.drop(entry, script: begin + gate + end)
        case .submitted:
            let options = try spool.makeFile(Array(#"{"input":[7]}"#.utf8))
            try spool.move(options, to: ".\(run).submit.json")
            try spool.drop(entry, script: begin + end)
        case .directory: try spool.drop(entry, files: ["main.sh": begin + end, "data/some": "some\n"])
        case .gatedDirectory: try spool.drop(entry, files: ["main.sh": begin + gate + end, "data/some": "some\n"])
        case .archive:
            let tree = try spool.makeDirectory(["main.sh": begin + end, "data/some": "some\n"])
            let packed = spool.freshScratch()
            try await spool.shell("tar czf \(packed) -C \(tree) .; mv \(packed) \"$INBOX/\(entry)\"")
        case .large:
            var files = ["main.sh": begin + "for n in $(seq 70); do echo $n >out$n; done\n" + end]
            for number in 0..<70 { files["data/\(number)"] = "\(number)\n" }
            try spool.drop(entry, files: files)
        case .elaborate:
            let manifest = """
                input: {n: 1}
                network: host
                outputs: [left, {path: deep/kept, required: true}]
                """
            let more = "mkdir -p deep other; echo kept >deep/kept; echo no >deep/no; echo no >other/no\n"
            try spool.drop(entry, files: ["manifest.yaml": manifest, "main.sh": begin + more + end])
        case .wrong: try spool.drop(entry, files: ["manifest.yaml": "timout: 1\n", "main.sh": begin + end])
        case .unfit, .fit:
            let manifest = """
                input: {n: 1}
                input_schema: {properties: {n: {type: \(self == .fit ? "integer" : "string")}}}
                output_schema: {file: schema.json}
                """
            let result = "echo '[1]' >$BOBBIN_RESULT\n"
            try spool.drop(
                entry,
                files: [
                    "manifest.yaml": manifest, "main.sh": begin + result + end, "schema.json": #"{"type": "array"}"#,
                ])
        case .retried:
            let manifest = "retry: {attempts: 2, wait: 100ms, on: [failed, interrupted]}\n"
            let fail = "if [ $BOBBIN_ATTEMPT = 1 ]; then echo first; echo first >left; exit 3; fi\n"
            try spool.drop(entry, files: ["manifest.yaml": manifest, "main.sh": begin + fail + end])
        case .excessive:
            let more = "mkfifo pipe; ln -s /etc/passwd out; for n in 1 2 3 4 5 6; do echo $n >$n; done\n"
            try spool.drop(
                entry, files: ["manifest.yaml": "limits: {output_files: 3}\n", "main.sh": begin + more + end])
        }
    }
}
