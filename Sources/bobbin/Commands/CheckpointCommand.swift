import ArgumentParser
import Bundles
import History
import Linux
import Presentation
import Runs
import Spool

struct CheckpointCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Show or change what the next run of a bundle is told.",
        discussion: """
            A run that succeeds can leave a value for the next run of its queue and name: what it said with 'checkpoint', or \
            its result's last value in a column ('checkpoint: {column: id}' in its manifest). Reading is for the spool's admin \
            group; to set and reset takes a daemon, and root or an admin. Runs that were dropped before do not change it back.

            EXAMPLES
              bobbin checkpoint list
              bobbin checkpoint get orders
              bobbin checkpoint set orders 1200 --queue nightly
              bobbin checkpoint set orders -- -5       a value that looks like an option
              bobbin checkpoint reset orders
            """,
        subcommands: [List.self, Get.self, Set.self, Reset.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Every checkpoint there is.")

        @OptionGroup var spool: SpoolOption

        @Option(help: "Only this queue's.")
        var queue: String?

        @Flag(help: "One object a line.")
        var json = false

        func run() throws {
            let view = try spool.view()
            let queue = try queue.map { try CheckpointCommand.queue($0) }
            let found: [Checkpoint]
            do { found = try Memory(of: view).reader().checkpoints(queue: queue) } catch let error as HistoryError {
                throw Failure(error)
            }
            if json {
                for checkpoint in found { Console.print(CheckpointCommand.json(checkpoint)) }
                return
            }
            var table = Table([
                .init("QUEUE", flexible: true), .init("KEY", flexible: true), .init("UPDATED"), .init("RUN"),
                .init("VALUE", flexible: true),
            ])
            for checkpoint in found {
                let texts = [
                    checkpoint.key.queue.description, checkpoint.key.key,
                    MomentText.text(checkpoint.updatedAt, local: Console.outputIsTerminal),
                    checkpoint.run?.description ?? "-", checkpoint.value ?? "",
                ]
                table.add(texts.map { Table.Cell(escaped($0.utf8)) })
            }
            Console.print(table)
        }
    }

    struct Get: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One value, as JSON; exit code 1 if there is none.")

        @OptionGroup var spool: SpoolOption
        @OptionGroup var place: Place

        func run() throws {
            let found: Checkpoint?
            do { found = try Memory(of: try spool.view()).reader().checkpoint(place.key()) } catch let error
                as HistoryError
            {
                throw Failure(error)
            }
            guard let value = found?.value else {
                throw Failure(
                    .no, "no checkpoint is kept under '\(escaped(place.name.utf8))' in queue '\(place.queue)'")
            }
            Console.print(value)
        }
    }

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Set a value.")

        @OptionGroup var spool: SpoolOption
        @OptionGroup var place: Place

        @Argument(help: "JSON; what is none is taken for a text.")
        var value: String

        func run() throws {
            let read = JSONValue(reading: value.utf8)
            if read == nil, let first = value.first, "{[\"".contains(first) {
                throw Failure(.badData, "the value begins like JSON and is none: \(escaped(value.prefix(80).utf8))")
            }
            if read?.isFinite == false { throw Failure(.badData, "the value has a number that no double can hold") }
            let json = read == nil ? JSONWriter.quoted(value) : value
            if json.utf8.count >= CheckpointKey.longestValue {
                throw Failure(.badData, "a checkpoint has less than \(CheckpointKey.longestValue) bytes")
            }
            try CheckpointCommand.ask(.checkpoint(place.key(), json), in: try spool.view())
        }
    }

    struct Reset: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a value away: the next run begins anew.")

        @OptionGroup var spool: SpoolOption
        @OptionGroup var place: Place

        func run() throws { try CheckpointCommand.ask(.checkpoint(place.key(), nil), in: try spool.view()) }
    }

    struct Place: ParsableArguments {
        @Argument(help: ArgumentHelp("The bundle's name, or its manifest's 'checkpoint: key'.", valueName: "name"))
        var name: String

        @Option(help: "The queue.")
        var queue = "default"

        func key() throws -> CheckpointKey {
            CheckpointKey(queue: try CheckpointCommand.queue(queue), key: name)
        }
    }

    private static func ask(_ request: ControlRequest, in view: SpoolView) throws {
        _ = try RequestCall(asking: request, in: view).answer { _ in }
    }

    fileprivate static func queue(_ text: String) throws -> QueueName {
        guard let queue = QueueName(text) else {
            throw Failure(.usage, "'\(escaped(text.utf8))' is no name of a queue")
        }
        return queue
    }

    private static func json(_ checkpoint: Checkpoint) -> String {
        var object = JSONWriter()
        object.add("queue", checkpoint.key.queue.description)
        object.add("key", checkpoint.key.key)
        if let value = checkpoint.value { object.add("value", json: value) }
        if let run = checkpoint.run { object.add("run", run.description) }
        object.add("updated_at", checkpoint.updatedAt.description)
        return object.finished()
    }
}
