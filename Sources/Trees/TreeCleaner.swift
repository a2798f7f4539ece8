internal import Linux
internal import SystemPackage

/// One cleaning under way. A level holds three descriptors; `TreeLimits.depth` bounds the levels.
struct TreeCleaner {
    /// What became of a directory's entries.
    private struct Content {
        var kept = 0
        var dropped = 0
        var forgotten = 0

        /// An overlay copies a directory up to note in it that a file was deleted: the script wrote nothing there.
        var isOnlyForgotten: Bool { kept == 0 && dropped == 0 && forgotten > 0 }
    }

    private(set) var report: TreeReport
    private(set) var failure: TreeFailure?
    private let script: OwnerSet?
    private let limits: TreeLimits
    private let newOwner: Ownership?
    private let purpose: TreeClean.Purpose

    private let journal: TreeJournal?

    init(
        script: OwnerSet?, limits: TreeLimits, newOwner: Ownership?, journal: TreeJournal?, purpose: TreeClean.Purpose
    ) throws(Errno) {
        self.purpose = purpose
        self.journal = journal
        report = try journal?.report() ?? TreeReport()
        self.script = script
        self.limits = limits
        self.newOwner = newOwner
    }

    mutating func cleanRoot(_ name: EntryName, in parent: Directory) throws(Errno) {
        let root = try TreeEntry(name, in: parent)
        let directory = try root.forcedDirectory()
        _ = try cleanEntries(of: directory, path: [], depth: 0)
        try settle(root, opened: directory.rawValue)
    }

    private mutating func cleanEntries(of directory: Directory, path: [UInt8], depth: Int) throws(Errno) -> Content {
        var content = Content()
        try directory.forEachEntry { entry throws(Errno) in
            let path = joined(path, entry.name)
            do throws(Errno) {
                try clean(entry.name, in: directory, path: path, depth: depth, &content)
            } catch {
                // The innermost path is the one that failed.
                if failure == nil { failure = TreeFailure(error, path: path, call: "clean") }
                throw error
            }
            return true
        }
        return content
    }

    private mutating func clean(
        _ name: EntryName, in directory: Directory, path: [UInt8], depth: Int, _ content: inout Content
    ) throws(Errno) {
        let entry = try TreeEntry(name, in: directory)
        let kind = entry.status.kind
        if kind == .characterDevice, entry.status.deviceNumber == 0 {
            return try forget(name, in: directory, &content)
        }
        if let reason = reasonToDrop(entry.status) {
            return try drop(entry, in: directory, path: path, reason.code, reason.text, &content)
        }
        switch kind {
        case .regular:
            try cleanFile(entry, in: directory, path: path, &content)
        case .directory:
            try cleanDirectory(entry, in: directory, path: path, depth: depth + 1, &content)
        case .link:
            let target = try directory.target(ofLink: name)
            guard purpose.allowsLink(depth: depth, to: target) else {
                let text = "is a link to \(escaped(target)), which may leave the result"
                return try drop(entry, in: directory, path: path, .linkLeaves, text, &content)
            }
            guard try takeRoom(for: entry, in: directory, path: path, &content) else { return }
            if let newOwner { try entry.changeOwner(to: newOwner) }
        case .fifo, .socket, .characterDevice, .blockDevice, .unknown:
            try drop(entry, in: directory, path: path, .specialFile, "is a \(kind.word)", &content)
        }
    }

    private func reasonToDrop(_ status: FileStatus) -> (code: TreeProblem.Code, text: String)? {
        guard let script, !script.contains(status.owner), status.owner != newOwner?.owner else { return nil }
        return (.foreignOwner, "belongs to user \(status.owner), not to the script's")
    }

    // MARK: Files and directories

    private mutating func cleanFile(
        _ entry: borrowing TreeEntry, in directory: Directory, path: [UInt8], _ content: inout Content
    ) throws(Errno) {
        let file = try entry.forcedFile(in: directory)
        // Since 6.7 a whiteout may also be an empty file with this attribute.
        if entry.status.size == 0,
            try ExtendedAttributes.names(of: file.rawValue).contains(Array("user.overlay.whiteout".utf8))
        {
            return try forget(entry.name, in: directory, &content)
        }
        guard try takeRoom(for: entry, in: directory, path: path, &content) else { return }
        try settle(entry, opened: file.rawValue)
    }

    private mutating func cleanDirectory(
        _ entry: borrowing TreeEntry, in parent: Directory, path: [UInt8], depth: Int, _ content: inout Content
    ) throws(Errno) {
        if depth >= limits.depth {
            let text = "is more than \(limits.depth) directories deep"
            return try drop(entry, in: parent, path: path, .tooDeep, text, &content)
        }
        guard try takeRoom(for: entry, in: parent, path: path, &content) else { return }
        let directory = try entry.forcedDirectory()
        let inside = try cleanEntries(of: directory, path: path, depth: depth)
        if inside.isOnlyForgotten {
            try parent.removeDirectory(entry.name)
            report.entries -= 1
            content.kept -= 1
            content.forgotten += 1
            return
        }
        try settle(entry, opened: directory.rawValue)
    }

    /// Takes away what a reader must not get, and gives the rest to its new owner; the mode last, since a change of owner may
    /// clear bits.
    private func settle(_ entry: borrowing TreeEntry, opened: Int32) throws(Errno) {
        try ExtendedAttributes.remove(ExtendedAttributes.names(of: opened), from: opened)
        if let newOwner { try entry.changeOwner(to: newOwner) }
        try entry.changeMode(
            to: purpose.modes.permissions(
                isDirectory: entry.status.kind == .directory, from: entry.status.permissions))
    }

    // MARK: What is counted, dropped, forgotten

    /// Counts an entry that stays; if there is no room for it, it is dropped.
    private mutating func takeRoom(
        for entry: borrowing TreeEntry, in directory: Directory, path: [UInt8], _ content: inout Content
    ) throws(Errno) -> Bool {
        let bytes = entry.status.kind == .regular ? entry.status.size : 0
        if report.entries >= limits.entries {
            try drop(
                entry, in: directory, path: path, .tooManyEntries, "is over output_files", exceeding: .outputFiles,
                &content)
            return false
        }
        if bytes > limits.bytes - report.bytes {
            try drop(
                entry, in: directory, path: path, .tooLarge, "is over output", exceeding: .output, &content)
            return false
        }
        report.entries += 1
        report.bytes += bytes
        content.kept += 1
        return true
    }

    private mutating func drop(
        _ entry: borrowing TreeEntry, in directory: Directory, path: [UInt8], _ code: TreeProblem.Code,
        _ reason: String, exceeding limit: TreeReport.Exceeded? = nil,
        _ content: inout Content
    ) throws(Errno) {
        let before = report
        let problem = TreeProblem(code, kind: entry.status.kind, path: path, detail: reason)
        if !report.lists(problem) { report.note(problem) }
        if let limit { report.note(exceeded: limit) }
        // Beyond the list only a number grows: not worth a write each.
        if report.problems.count != before.problems.count || report.exceeded != before.exceeded {
            try journal?.note(report)
        }
        content.dropped += 1
        if entry.status.kind != .directory { return try directory.unlink(entry.name) }
        do {
            try TreeRemove.remove(entry.name, in: directory)
        } catch {
            failure = TreeFailure(error.errno, path: path, call: error.call)
            throw error.errno
        }
    }

    private func forget(_ name: EntryName, in directory: Directory, _ content: inout Content) throws(Errno) {
        try directory.unlink(name)
        content.forgotten += 1
    }
}
