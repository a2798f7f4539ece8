import History
import Linux
import Runs
import Spool

/// The history, as far as the caller may read it.
struct Memory {
    private let opened: Result<HistoryReader, HistoryError>
    /// Looked at by name: who may not read it cannot open it either.
    private let directory: FileStatus?

    init(of view: SpoolView) {
        directory = try? view.root.status(of: SpoolLayout.history)
        do throws(HistoryError) {
            opened = .success(
                try HistoryReader(path: "\(view.path)/\(SpoolLayout.history)/\(SpoolLayout.database)"))
        } catch {
            opened = .failure(error)
        }
    }

    /// The history, or why there is none and which group to join.
    func reader() throws(Failure) -> HistoryReader {
        switch opened {
        case .success(let reader): return reader
        case .failure(let error) where error.code == .notPermitted:
            throw Failure(.notFound, "the history is not yours to read: \(Account.howToJoin(directory))")
        case .failure(let error): throw Failure(error)
        }
    }

    /// Whether nothing can be known of what is no longer in the outbox.
    var isClosedToCaller: Bool {
        if case .failure(let error) = opened { error.code == .notPermitted } else { false }
    }

    func status(of run: RunID) throws(Failure) -> RunStatus? {
        guard case .success(let reader) = opened else { return nil }
        do { return try reader.record(run)?.status } catch { throw Failure(error) }
    }

    func latest(_ name: BundleName, _ queue: QueueName?) throws(Failure) -> RunStatus? {
        guard case .success(let reader) = opened else { return nil }
        do { return try reader.latest(name: name, queue: queue)?.status } catch { throw Failure(error) }
    }

    func runs(beginningWith text: String) throws(Failure) -> [RunID] {
        guard case .success(let reader) = opened else { return [] }
        do { return try reader.run(beginningWith: text) } catch { throw Failure(error) }
    }
}
