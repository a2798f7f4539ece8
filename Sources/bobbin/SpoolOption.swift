import ArgumentParser
import Linux
import Spool
import SystemPackage

/// Which spool a command means.
struct SpoolOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The spool. Otherwise $BOBBIN_SPOOL, ./spool if you or root own it, or /var/spool/bobbin.", valueName: "dir"
        )
    )
    var spool: String?

    func path() -> String { SpoolChoice.path(option: spool) }

    func view() throws(Failure) -> SpoolView {
        do { return try SpoolView(path: path()) } catch { throw Failure(error) }
    }

    func control() throws(Failure) -> ControlFiles { try Self.control(of: view()) }

    static func control(of view: SpoolView) throws(Failure) -> ControlFiles {
        do {
            return ControlFiles(try view.root.directory(SpoolLayout.control))
        } catch {
            throw Failure(
                .cannotCreate, "cannot open control/ in \(view.path): \(error); bobbin init makes what a spool lacks")
        }
    }
}

extension SpoolView {
    /// Says so on standard error if no daemon would see what is asked for. Who may not look is not told either way.
    func warnWithoutDaemon() {
        if SpoolLock.isHeld(stateOf: root) == false {
            Console.note("no daemon runs on \(path), so it waits until one does: bobbind --spool \(path)")
        }
    }
}
