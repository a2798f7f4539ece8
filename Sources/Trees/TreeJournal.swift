public import Linux
public import SystemPackage

/// What a cleaning drops, noted in a file before it is gone: cleaned again after a crash, the tree does not tell of it any more.
public struct TreeJournal: Sendable {
    private let directory: Directory
    private let name: EntryName

    /// - Parameter name: a file in `directory`, where only this program writes; none as long as nothing was dropped.
    public init(_ name: EntryName, in directory: Directory) {
        self.name = name
        self.directory = directory
    }

    /// What was noted before, without what was kept; nothing of a file that is not whole.
    public func report() throws(Errno) -> TreeReport {
        let text: [UInt8]
        do {
            text = try directory.read(name, limit: TreeReport.maximumText)
        } catch {
            if error == .noSuchFileOrDirectory { return TreeReport() }
            throw error
        }
        var report = TreeReport(text: text) ?? TreeReport()
        report.entries = 0
        report.bytes = 0
        return report
    }

    func note(_ report: TreeReport) throws(Errno) {
        try directory.replace(name, with: Array(report.text.utf8), mode: 0o600)
    }

    /// Forgets it, before the tree is filled anew.
    public func clear() throws(Errno) { try directory.unlinkIfPresent(name) }
}
