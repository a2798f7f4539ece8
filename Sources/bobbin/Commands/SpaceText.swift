import Linux
import Presentation
import Runs
import Spool
import SystemPackage

/// What the parts of the spool take on disk, as the last sweep found it.
enum SpaceText {
    /// nil if no daemon has swept yet.
    static func line(_ view: SpoolView) -> String? {
        guard let control = try? view.root.directory(SpoolLayout.control), let use = try? SpaceUse.reading(control)
        else {
            return nil
        }
        let parts = use.parts.map { "\($0.name) \(BytesText.text($0.bytes))" }.joined(separator: ", ")
        let moment = Timestamp(use.measuredAt).map { MomentText.text($0, local: Console.outputIsTerminal) }
        return "space: \(parts)" + (moment.map { " (at \($0))" } ?? "")
    }
}
