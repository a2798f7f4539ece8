import ArgumentParser
import Linux
import Runs
import Spool
import SystemPackage

struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Let paused queues start runs again.",
        discussion: """
            Without a queue everything is resumed: all paused queues, and a spool that is draining.

            EXAMPLES
              bobbin resume nightly
              bobbin resume
            """)

    @OptionGroup var spool: SpoolOption

    @Argument(help: ArgumentHelp("The queues; without one, all.", valueName: "queue"))
    var queues: [String] = []

    func run() throws {
        let view = try spool.view()
        let control = try SpoolOption.control(of: view)
        let named: [QueueName]
        if queues.isEmpty {
            do {
                named = try control.pausedQueues().sorted()
            } catch {
                throw Control.failure("see what is paused", SpoolLayout.pause, error, in: view)
            }
            try Control.endDrain(control, in: view)
        } else {
            named = try Queue.named(queues, in: view)
        }
        for queue in named {
            do {
                Console.print(try control.resume(queue) ? "\(queue) goes on" : "\(queue) was not paused")
            } catch {
                throw Control.failure("resume '\(queue)'", SpoolLayout.pause, error, in: view)
            }
        }
    }
}
