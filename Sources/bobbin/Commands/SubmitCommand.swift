import ArgumentParser
import Bundles
import Linux
import Runs
import Spool
import SystemPackage
import Trees

struct SubmitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Drop bundles into a queue.",
        discussion: """
            Each is judged first, as intake would: a bundle that would be rejected is not dropped, and of several then none \
            (exit code 65). What is dropped is a copy. Prints one run id a line, and nothing else on standard output.

            EXAMPLES
              bobbin submit report/ clean.py
              bobbin submit report.tar.gz --queue nightly --wait
              bobbin submit report --input '{"month": "2026-10"}'
              run=$(bobbin submit report --input @october.json)
              echo 'print(6 * 7)' | bobbin submit - --name answer.py
            """)

    @OptionGroup var spool: SpoolOption

    @Argument(help: "Directories, archives or scripts; '-' is a script from standard input.")
    var path: [String]

    @Option(help: "The queue.")
    var queue = "default"

    @Option(
        help: ArgumentHelp(
            "The bundle's name instead of its file's. With '-' its ending says what runs it, unless the script begins with '#!'.",
            valueName: "name"))
    var name: String?

    @Option(
        help: ArgumentHelp("JSON, or @ and a file that holds it, instead of the manifest's input.", valueName: "json"))
    var input: String?

    @Flag(help: "Wait until all are over, and exit as 'bobbin wait' does.")
    var wait = false

    func validate() throws {
        if name != nil && path.count > 1 { throw ValidationError("--name names one bundle; submit them one by one") }
        if path.filter({ $0 == "-" }).count > 1 { throw ValidationError("'-' can be given once") }
        if let name, !path.contains("-"), BundleName(name) == nil {
            throw ValidationError(
                "'\(escaped(name.utf8))' is no bundle's name: letters, digits, '.', '_' and '-', a letter or digit first"
            )
        }
    }

    func run() throws {
        let view = try spool.view()
        guard let queue = try Queue.named([queue], in: view).first else { return }
        let inbox: Directory
        do {
            guard let found = try view.directoryIfPresent(SpoolLayout.inbox, queue) else {
                throw Errno.noSuchFileOrDirectory
            }
            inbox = found
        } catch {
            let there = try? view.root.directory(SpoolLayout.inbox)
            throw Failure(
                .cannotCreate, "cannot open the inbox of '\(queue)': \(error); \(Account.howToJoin(there))")
        }
        let check = BundleCheck(queue: queue, settings: view.settingsForJudging().settings)
        let input = try InputText.reading(input)
        var submissions: [Submission] = []
        var isRejected = false
        for path in path {
            if let submission = try prepare(path, check, inbox, input) {
                submissions.append(submission)
            } else {
                isRejected = true
            }
        }
        if isRejected { throw Failure(.badData, "") }
        for submission in submissions {
            try submission.drop()
            Console.print(submission.run.description)
            try Console.flush()
        }
        view.warnWithoutDaemon()
        if wait { try wait(for: submissions, in: view) }
    }

    /// A copy that was judged good; nil if it was not, with every reason on standard error.
    private func prepare(
        _ path: String, _ check: BundleCheck, _ inbox: Directory, _ input: String?
    ) throws(Failure) -> Submission? {
        let isInput = path == "-"
        let source = isInput ? nil : try SourceFile(path)
        let entry = source?.name ?? EntryName(name ?? "stdin")
        let drop = DropName(entry, isDirectory: source?.status.kind == .directory, endings: check.endings)
        let given = isInput ? nil : name.flatMap { BundleName($0) }
        if given == nil, let error = drop.error {
            Console.note("\(error)" + (isInput ? "" : ", or name it with --name"))
            return nil
        }
        let submission = Submission(
            drop, entry: entry, in: check.queue, inbox, SubmitOptions(name: given, input: input))
        if let source {
            let report = try submission.copy(source, limits: check.limits)
            if !report.isClean {
                for error in BundleCheck.errors(report) { Console.note(submission.line(error, of: path)) }
                return nil
            }
        } else {
            try submission.copyStandardInput(limit: check.limits.bytes)
        }
        guard case .rejected(let errors) = try submission.judge(by: check) else { return submission }
        for error in errors { Console.note(submission.line(error, of: isInput ? "standard input" : path)) }
        if isInput, errors.contains(where: { $0.code == "unknown_runtime" }) {
            Console.note("begin the script with '#!', or name it with the ending that tells: --name answer.py")
        }
        return nil
    }

    private func wait(for submissions: [Submission], in view: SpoolView) throws {
        var waiting = RunWait(view, timeout: nil)
        var answer: Int32 = 0
        for submission in submissions {
            let code = Ending.code(
                try waiting.wait(submission.run, submission.name, submission.queue, isCertain: true))
            if answer == 0 { answer = code }
        }
        try Ending.exit(answer)
    }
}
