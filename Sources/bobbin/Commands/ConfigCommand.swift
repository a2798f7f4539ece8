import ArgumentParser
import Bundles
import Linux
import Presentation
import Runs
import Spool

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show the settings in effect and where each came from.",
        discussion: """
            From bobbin.yaml as it is now, and the environment of this command; a daemon that was not told to read it again, or \
            has options, may have others. Every queue is shown, also one that bobbin.yaml does not name. A wrong file: exit \
            code 65 and every error.

            EXAMPLES
              bobbin config
              bobbin config --json | jq -r 'select(.source != "default") | .key'
            """)

    @OptionGroup var spool: SpoolOption

    @Flag(help: "One object a line: key, value, source.")
    var json = false

    func run() throws {
        let view = try spool.view()
        let file: SettingsFile
        do {
            file = try view.settingsText().map { try SettingsFile.reading($0).get() } ?? .builtIn
        } catch let error as InvalidFile {
            throw Failure(.badData, "\(view.path)/bobbin.yaml is wrong:\n\(error)")
        }
        let queues: [QueueName]
        do { queues = try view.inboxes() } catch { throw Failure.reading("\(view.path)/inbox", error) }
        let settings = try EffectiveSettings(file, spool: spool, queues: queues).entries
        if json {
            for entry in settings {
                var object = JSONWriter()
                object.add("key", entry.key)
                object.add("value", entry.value)
                object.add("source", entry.source)
                Console.print(object.finished())
            }
            return
        }
        var table = Table([.init("KEY"), .init("VALUE", flexible: true), .init("FROM")])
        for entry in settings {
            table.add([
                .init(entry.key), .init(escaped(entry.value.utf8)),
                .init(entry.source, entry.source == "default" ? .dim : .plain),
            ])
        }
        Console.print(table)
    }
}
