internal import Bundles
internal import Linux
internal import Runs
internal import SystemPackage

/// Keeps of `files/` only what a manifest's `outputs` name.
struct OutputSelection {
    private let outputs: [(pattern: OutputPattern, path: String, isRequired: Bool)]

    init(_ outputs: [Manifest.Output]) {
        self.outputs = outputs.map { (OutputPattern($0.path), $0.path, $0.required) }
    }

    /// Deletes what no pattern names, and directories that become empty by that.
    ///
    /// - Returns: the required patterns that nothing matches.
    func apply(to files: Directory) throws(Errno) -> [String] {
        var found = [Bool](repeating: false, count: outputs.count)
        _ = try select(in: files, path: [], isInside: false, &found)
        return outputs.indices.filter { outputs[$0].isRequired && !found[$0] }.map { outputs[$0].path }
    }

    /// Whether something of the directory stays. The tree was cleaned before: it is shallow, and nobody else writes to it.
    private func select(
        in directory: Directory, path: [UInt8], isInside: Bool, _ found: inout [Bool]
    ) throws(Errno) -> Bool {
        var isKept = false
        for entry in try directory.entries() {
            let inner = path.isEmpty ? entry.name.bytes : path + [0x2F] + entry.name.bytes
            // What lies below a directory that a pattern names comes with it.
            var isNamed = isInside
            for index in outputs.indices where outputs[index].pattern.matches(inner) {
                found[index] = true
                isNamed = true
            }
            if try directory.status(of: entry.name).kind == .directory {
                let isNeeded = try select(in: directory.directory(entry.name), path: inner, isInside: isNamed, &found)
                if isNamed || isNeeded { isKept = true } else { try directory.removeDirectory(entry.name) }
            } else if isNamed {
                isKept = true
            } else {
                try directory.unlink(entry.name)
            }
        }
        return isKept
    }
}
