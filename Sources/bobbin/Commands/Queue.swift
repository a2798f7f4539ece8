import Linux
import Runs
import Spool
import SystemPackage

/// Queues as callers name them.
enum Queue {
    /// The queues of these names; all there are for none.
    static func named(_ texts: [String], in view: SpoolView) throws(Failure) -> [QueueName] {
        let all: [QueueName]
        do { all = try inboxes(of: view) } catch { throw Failure.reading("\(view.path)/inbox", error) }
        if texts.isEmpty { return all }
        var queues: [QueueName] = []
        for text in texts {
            guard let queue = QueueName(text), all.contains(queue) else { throw unknown(text, all, in: view) }
            queues.append(queue)
        }
        return queues
    }

    private static func inboxes(of view: SpoolView) throws(Errno) -> [QueueName] {
        let inbox = try view.root.directory(SpoolLayout.inbox)
        return try inbox.entries().compactMap { entry in
            guard let queue = QueueName(bytes: entry.name.bytes),
                (try? inbox.status(of: entry.name))?.kind == .directory
            else { return nil }
            return queue
        }.sorted()
    }

    private static func unknown(_ text: String, _ all: [QueueName], in view: SpoolView) -> Failure {
        let there = all.isEmpty ? "there is none" : "there are: " + all.map(\.description).joined(separator: ", ")
        return Failure(
            .notFound,
            "no queue is called '\(escaped(text.utf8))'; \(there); a queue is made with: mkdir \(view.path)/inbox/NAME")
    }
}
