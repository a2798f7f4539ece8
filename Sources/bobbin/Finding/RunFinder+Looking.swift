import Linux
import Runs
import Spool
import SystemPackage

extension RunFinder {
    /// What is known of a run, and where it is; no place if its result is gone.
    struct Look {
        let status: RunStatus
        let place: SpoolView.Found?
    }

    /// A run that may have been submitted this moment: as long as it is in the inbox, and a little longer, because while it is
    /// taken over it is nowhere to be seen.
    func findSoon(_ text: String) throws(Failure) -> NamedRun {
        let selector = try Self.selector(text)
        var patience = MonotonicTime.now() + 1000
        var pause = Pause()
        while true {
            if InboxEntry.find(selector, in: view) != nil {
                patience = MonotonicTime.now() + 5000
            } else {
                do { return try find(selector) } catch {
                    if error.code != .notFound || MonotonicTime.now() > patience { throw error }
                }
            }
            pause.sleep()
        }
    }

    /// Reads what a run's status.json says. A result's files are its reader's to edit: what does not fit the run's own name is
    /// as good as not there, and the history is asked.
    func look(_ named: NamedRun) throws(Failure) -> Look {
        guard case .present(var found) = named else {
            if case .remembered(let status) = named { return Look(status: status, place: nil) }
            throw Failure(.internal, "a run is neither present nor remembered")
        }
        // It can move on between being found and being read; from active it moves only once.
        for _ in 0..<3 {
            do {
                if let status = try found.status(), found.fits(status) { return Look(status: status, place: found) }
                if let status = try memory.status(of: found.run) { return Look(status: status, place: found) }
                throw Failure(
                    .badData,
                    "\(found.relativePath)/status.json is not what Bobbin wrote, and the history does not help")
            } catch let failure as Failure {
                throw failure
            } catch {
                let errno = error as? Errno ?? .ioError
                if errno != .noSuchFileOrDirectory { throw Failure.reading(found.relativePath, errno) }
            }
            do {
                guard let next = try view.place(of: found.run, named: found.name, in: found.queue) else { break }
                found = next
            } catch {
                throw Failure.reading(found.relativePath, error)
            }
        }
        if let status = try memory.status(of: found.run) { return Look(status: status, place: nil) }
        throw Failure(.notFound, "the result of run \(found.run) is gone: somebody deleted \(found.relativePath)")
    }
}

extension SpoolView.Found {
    /// Whether a status can be this run's.
    func fits(_ status: RunStatus) -> Bool {
        status.run == run && status.name == name && status.queue == queue && (!isFinished || status.state.isFinal)
    }
}
