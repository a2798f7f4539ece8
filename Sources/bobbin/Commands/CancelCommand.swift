import ArgumentParser
import Bundles
import Glibc
import Linux
import Presentation
import Runs
import Spool
import SystemPackage

struct CancelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "End runs that wait or run.",
        discussion: """
            Its owner, the spool's admins and root may. What runs gets its stop signal and its time of grace; its result \
            appears in the outbox as 'cancelled'. A run that is over already: exit code 1.

            EXAMPLES
              bobbin cancel report
              bobbin cancel 01KAEZ 01KAF0
            """)

    @OptionGroup var spool: SpoolOption

    @Argument(help: ArgumentHelp("A beginning of the run's id, or its bundle's name.", valueName: "run"))
    var runs: [String]

    func run() throws {
        let view = try spool.view()
        let control = try SpoolOption.control(of: view)
        var allAsked = true
        for text in runs {
            guard let run = try findUnfinished(text, in: view) else {
                allAsked = false
                continue
            }
            do {
                try control.requestCancellation(of: run)
            } catch {
                throw Failure(
                    .cannotCreate, "cannot ask for the end of \(run) in \(view.path)/control/cancel: \(error)")
            }
        }
        view.warnWithoutDaemon()
        if !allAsked { throw Failure(.no, "") }
    }

    /// The run's id, or nil, said on standard error, if it is over or somebody else's.
    private func findUnfinished(_ text: String, in view: SpoolView) throws(Failure) -> RunID? {
        let selector = try RunFinder.selector(text)
        if let dropped = InboxEntry.find(selector, in: view) {
            if let run = dropped.drop.run { return run }
            throw Failure(
                .no,
                "'\(dropped.drop.name)' is not taken from the inbox yet; remove \(view.path)/inbox/\(dropped.queue)/\(dropped.entry)"
            )
        }
        let finder = RunFinder(view)
        let look: RunFinder.Look
        do {
            look = try finder.look(finder.find(selector))
        } catch {
            // A full id that cannot be seen may be one's own in a closed queue, or still to come: the daemon knows whose it is.
            if error.code == .notFound, let run = RunID(text) { return run }
            throw error
        }
        let status = look.status
        if status.state.isFinal {
            Console.note("\(status.name) (\(status.run)) is over already: \(status.state.rawValue)")
            return nil
        }
        let isAdmin = (try? view.root.status()).map { Account.isMember(of: $0.group) || $0.owner == geteuid() } ?? false
        let own = [Account.userName(geteuid()), String(geteuid())]
        if geteuid() != 0, !isAdmin, !own.contains(status.owner) {
            Console.note(
                "\(status.name) (\(status.run)) belongs to \(escaped(status.owner.utf8)); only its owner, root and the spool's"
                    + " admins may end it: " + Account.howToJoin(view.root))
            return nil
        }
        return status.run
    }
}
