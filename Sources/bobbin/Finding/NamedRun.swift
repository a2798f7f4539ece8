import Runs
import Spool

/// A run that a caller named, as far as it can be seen.
enum NamedRun {
    /// Waiting, running, or finished with its result in the outbox.
    case present(SpoolView.Found)
    /// Finished; a reader deleted its result, the history knows it.
    case remembered(RunStatus)
}
