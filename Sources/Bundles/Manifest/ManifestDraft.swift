internal import Runs

/// What a manifest says, before the bundle's files have been looked at.
struct ManifestDraft {
    /// Where something stands, for errors that only the files can show.
    struct Placed<Value> {
        let value: Value
        let position: Position
    }

    var title: String?
    var description: String?
    var labels: [Label] = []
    var account: String?
    var runtime: Placed<String>?
    var entry: Placed<String>?
    var args: [String] = []
    var env: [Label] = []
    var input: Placed<Manifest.Input>?
    var inputSchema: Placed<Manifest.Schema>?
    var outputSchema: Placed<Manifest.Schema>?
    var ways = Ways()
    /// Milliseconds; nil: the queue's.
    var timeout: Int64?
    var stopGrace: Int64?
    var limits = Limits()
    var network = NetworkMode.none
    var priority: Int?
    var retry: Manifest.Retry?
    var outputs: [Manifest.Output]?
    var needs = Needs()

    /// The manifest as it is applied.
    func manifest(name: String, entry: String, runtime: String, queue: QueueSettings) -> Manifest {
        var manifest = Manifest(
            title: title ?? name, runtime: runtime, entry: entry,
            timeout: timeout ?? min(queue.timeout, queue.maxTimeout))
        manifest.description = description
        manifest.labels = labels
        manifest.account = account
        manifest.args = args
        manifest.env = env
        manifest.input = input?.value
        manifest.inputSchema = inputSchema?.value
        manifest.outputSchema = outputSchema?.value
        ways.apply(to: &manifest)
        if let stopGrace { manifest.stopGrace = stopGrace }
        manifest.limits = limits
        manifest.network = network
        if let priority { manifest.priority = priority }
        manifest.retry = retry
        manifest.outputs = outputs
        needs.apply(to: &manifest)
        return manifest
    }
}
