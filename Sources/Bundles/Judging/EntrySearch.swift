internal import Glibc
internal import Linux
internal import Runs
internal import SystemPackage

/// Finds the entry of a bundle whose manifest does not name it: the only script in the root, or `main.*` there.
struct EntrySearch {
    let root: Directory
    let choice: RuntimeChoice

    enum Outcome {
        case found(String)
        case failed(BundleError)
    }

    /// - Parameter hasRuntime: whether the manifest says how; then `main.*` may have any ending.
    func run(hasRuntime: Bool) throws(Errno) -> Outcome {
        var scripts: [EntryName] = []
        var mains: [EntryName] = []
        try root.forEachEntry { entry throws(Errno) in
            // d_type is only a hint, but one that rules out most.
            guard entry.kind == .regular || entry.kind == .unknown, entry.name.bytes.first != 0x2E else { return true }
            if try isScript(entry.name) {
                scripts.append(entry.name)
            } else if hasRuntime, entry.name.hasPrefix("main."), try root.status(of: entry.name).kind == .regular {
                mains.append(entry.name)
            }
            return true
        }
        let namedMain = scripts.filter { $0.hasPrefix("main.") }
        let candidates = !namedMain.isEmpty ? namedMain : !scripts.isEmpty ? scripts : mains
        if candidates.count == 1, let only = candidates.first {
            guard let text = only.string else {
                return .failed(Self.error(.badName, "the script '\(only)' has a name that is not UTF-8; rename it"))
            }
            return .found(text)
        }
        if candidates.isEmpty {
            return .failed(
                Self.error(.noEntry, "no script in the bundle's root; name one main.*, or say 'entry' in manifest.yaml")
            )
        }
        return .failed(
            Self.error(
                .ambiguousEntry,
                "several scripts in the bundle's root: \(Self.list(candidates)); "
                    + "name one of them main.*, or say 'entry' in manifest.yaml"))
    }

    private func isScript(_ name: EntryName) throws(Errno) -> Bool {
        let status = try root.status(of: name)
        if status.kind != .regular { return false }
        if choice.runtime(byEndingOf: name) != nil { return true }
        if status.permissions & 0o111 == 0 { return false }
        let file = try root.open(name, O_RDONLY)
        let opened = try FileStatus.of(descriptor: file.rawValue)
        if opened.kind != .regular { return false }
        return try ScriptHead(file.rawValue, status: opened).interpreter != nil
    }

    private static func list(_ names: [EntryName]) -> String {
        let shown = names.sorted().prefix(10).map(\.description).joined(separator: ", ")
        return names.count > 10 ? shown + " and \(names.count - 10) more" : shown
    }

    private static func error(_ code: ErrorCode, _ message: String) -> BundleError {
        BundleError(code: code.rawValue, message: message)
    }
}
