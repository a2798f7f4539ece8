import ArgumentParser
import Bundles
import Linux
import Presentation
import Runs
import Spool

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Judge a bundle as intake would, without running it.",
        discussion: """
            Exits 65 and prints every error if a queue would reject it. Without a spool the default settings count.

            EXAMPLES
              bobbin check report/
              bobbin check report.tar.gz --queue nightly
            """)

    @OptionGroup var spool: SpoolOption

    @Argument(help: "A directory, an archive or a script.")
    var path: String

    @Option(help: ArgumentHelp("The queue whose limits count.", valueName: "queue"))
    var queue = "default"

    @Flag(help: "One object: whether it is accepted, the errors, and the manifest as it would be applied.")
    var json = false

    func run() throws {
        guard let name = QueueName(queue) else {
            throw ValidationError(
                "'\(escaped(queue.utf8))' can be no queue's name: lower-case letters, digits, '.', '_', '-'")
        }
        let view = try? spool.view()
        let settings = view?.settingsForJudging() ?? .builtIn
        let source = try SourceFile(path)
        switch try BundleCheck(queue: name, settings: settings.settings).judge(source) {
        case .accepted(let manifest, let notes):
            for note in notes { Console.note("\(note)") }
            let needed = NeededEnvironment(manifest, settings.settings, in: view)
            if json { return Console.print(Self.json([], manifest, needed)) }
            Console.print("\(Console.tinted("accepted", .green)): \(manifest.runtime) \(escaped(manifest.entry.utf8))")
            if let needed, !needed.line.isEmpty { Console.print("needs: \(needed.line)") }
            // The machine may have it when the bundle comes.
            if let problem = needed?.problem { Console.note("here it would end 'errored': \(problem)") }
        case .rejected(let errors):
            if json {
                Console.print(Self.json(errors, nil))
            } else {
                for error in errors { Console.note(escaped(error.description.utf8)) }
            }
            throw Failure(.badData, "")
        }
    }

    private static func json(
        _ errors: [BundleError], _ manifest: Manifest?, _ needed: NeededEnvironment? = nil
    ) -> String {
        var object = JSONWriter()
        object.add("accepted", manifest != nil)
        if !errors.isEmpty {
            object.addArray("errors") { array in
                for error in errors {
                    array.addObject(nil) { entry in
                        entry.add("code", error.code)
                        entry.add("message", error.message)
                        if let file = error.file { entry.add("file", file) }
                        if let line = error.line { entry.add("line", Int64(line)) }
                        if let column = error.column { entry.add("column", Int64(column)) }
                    }
                }
            }
        }
        if let manifest {
            // manifest.json is written for people, over several lines; its strings hold no line break as such.
            let lines = manifest.json().split(separator: "\n").map { $0.drop { $0 == " " } }
            object.add("manifest", json: lines.joined())
        }
        if let needed { object.addObject("environment") { needed.write(to: &$0) } }
        return object.finished()
    }
}
