import Bundles
import Linux
import Trees

/// Unpacks an archive into an empty directory by the program that intake uses.
struct ArchiveUnpacking {
    let format: ArchiveFormat
    let limits: TreeLimits

    func run(_ archive: Int32, into target: Directory) throws(Failure) -> TreeReport {
        let program = ConfinedProgram(
            name: "bobbin-unpack", fileSize: UInt64(clamping: limits.bytes), outputLimit: TreeReport.maximumText)
        let (text, status) = try program.run(
            [format.rawValue, String(limits.bytes), String(limits.entries)], input: archive, in: target)
        if status == 0, let report = TreeReport(text: text) { return report }
        throw Failure(.badData, "the archive cannot be unpacked within the limits of a check; is it damaged?")
    }
}
