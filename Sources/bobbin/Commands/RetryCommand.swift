import ArgumentParser
import Bundles
import Linux
import Runs
import Spool

struct RetryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Run archived bundles again, each as a new run.",
        discussion: """
            The bundle is byte for byte what was sent, the manifest the one that was applied then; the queue's rules are \
            today's. 'parent_run' of the new run is the old one. Prints one new run id a line, and nothing else on standard \
            output. For the run's owner, root and the spool's admins, as long as 'retention.archive' keeps the bundle.

            Instead of runs, filters of 'bobbin history' choose them; how many they are is asked back, or said with --yes.

            EXAMPLES
              bobbin retry report
              bobbin retry --state failed,timed_out --from-queue nightly --since yesterday
              bobbin retry 01KAEZ --queue nightly --wait
              bobbin retry report --input '{"month": "2026-10"}'
            """)

    @OptionGroup var spool: SpoolOption

    @Argument(help: ArgumentHelp("A beginning of a run's id, or a bundle's name.", valueName: "run"))
    var runs: [String] = []

    @OptionGroup(title: "Choosing runs") var choice: RetryChoice

    @Option(help: "Into this queue; by default the one that the run was in.")
    var queue: String?

    @Option(
        help: ArgumentHelp("JSON, or @ and a file that holds it, instead of the input it had.", valueName: "json"))
    var input: String?

    @Flag(
        name: .customLong("read-manifest"),
        help: "Read the manifest in the bundle anew instead of the one applied then.")
    var readsManifest = false

    @Flag(help: "Retry what the filters choose without asking back.")
    var yes = false

    @Flag(help: "Wait until all are over, and exit as 'bobbin wait' does.")
    var wait = false

    func validate() throws {
        if runs.isEmpty == choice.isEmpty {
            throw ValidationError(
                runs.isEmpty ? "name a run, or choose some with --state, --name…" : "name runs or choose them, not both"
            )
        }
        _ = try choice.filter()
    }

    func run() throws {
        let view = try spool.view()
        let target = try queue.map { try Queue.named([$0], in: view) }?.first
        let input = try InputText.reading(input)
        let parents = try runs.isEmpty ? choice.runs(in: view, isSaid: yes) : named(in: view)
        var retried: [(run: RunID, parent: RunStatus)] = []
        var isRefused = false
        for parent in parents {
            var retry = ControlRequest.Retry(parent: parent.run, run: .new())
            retry.queue = target
            retry.input = input
            retry.readsManifest = readsManifest
            do {
                _ = try RequestCall(asking: .retry(retry), in: view).answer { _ in }
            } catch let failure as Failure where failure.code == .no && parents.count > 1 {
                // The others are not kept from it.
                Console.note(failure.message)
                isRefused = true
                continue
            }
            Console.print(retry.run.description)
            try Console.flush()
            retried.append((retry.run, parent))
        }
        if !wait, isRefused { throw Failure(.no, "") }
        guard wait else { return }
        var waiting = RunWait(view, timeout: nil)
        var answer: Int32 = isRefused ? Failure.Code.no.rawValue : 0
        for (run, parent) in retried {
            let code = Ending.code(
                try waiting.wait(run, parent.name, target ?? parent.queue, isCertain: true))
            if answer == 0 { answer = code }
        }
        try Ending.exit(answer)
    }

    private func named(in view: SpoolView) throws(Failure) -> [RunStatus] {
        let finder = RunFinder(view)
        var parents: [RunStatus] = []
        for text in runs {
            let parent = try finder.look(finder.find(text)).status
            if !parent.state.isFinal {
                throw Failure(.no, "\(parent.name) (\(parent.run)) is not over yet: \(parent.state.rawValue)")
            }
            parents.append(parent)
        }
        return parents
    }
}
