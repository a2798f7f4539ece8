import Linux
import Spool
import SystemPackage

/// What the commands that write control files have in common.
enum Control {
    static func endDrain(_ control: ControlFiles, in view: SpoolView) throws(Failure) {
        do {
            Console.print(try control.endDrain() ? "\(view.path) goes on" : "\(view.path) was not draining")
        } catch {
            throw failure("end the drain", SpoolLayout.drain, error, in: view)
        }
    }

    static func failure(_ wish: String, _ part: EntryName, _ error: Errno, in view: SpoolView) -> Failure {
        let control = try? view.root.directory(SpoolLayout.control)
        let way =
            error == .permissionDenied || error == .notPermitted
            ? Account.howToJoin((try? control?.directory(part)) ?? control) : "bobbin init makes what a spool lacks"
        return Failure(.cannotCreate, "cannot \(wish) in \(view.path)/control: \(error); \(way)")
    }
}
