import ArgumentParser
import Runs
import Spool

struct PauseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Start nothing more of a queue.",
        discussion: """
            Bundles are still taken and wait; what runs goes on. It survives a restart, until 'bobbin resume'. Without a queue \
            every queue there is now is paused; to stop new queues too, see 'bobbin drain'.

            EXAMPLES
              bobbin pause nightly
              bobbin resume nightly
            """)

    @OptionGroup var spool: SpoolOption

    @Argument(help: ArgumentHelp("The queues; without one, all.", valueName: "queue"))
    var queues: [String] = []

    func run() throws {
        let view = try spool.view()
        let control = try SpoolOption.control(of: view)
        for queue in try Queue.named(queues, in: view) {
            do {
                try control.pause(queue)
                Console.print("\(queue) is paused")
            } catch {
                throw Control.failure("pause '\(queue)'", SpoolLayout.pause, error, in: view)
            }
        }
    }
}
