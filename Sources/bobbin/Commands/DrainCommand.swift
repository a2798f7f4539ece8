import ArgumentParser
import Spool

struct DrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Start nothing more in the whole spool.",
        discussion: """
            Bundles are still taken and wait; what runs goes on: for maintenance. It survives a restart, until \
            'bobbin drain --off' or 'bobbin resume'.

            EXAMPLES
              bobbin drain && bobbin ps                what still runs
              bobbin drain --off
            """)

    @OptionGroup var spool: SpoolOption

    @Flag(help: "Start runs again.")
    var off = false

    func run() throws {
        let view = try spool.view()
        let control = try SpoolOption.control(of: view)
        if off { return try Control.endDrain(control, in: view) }
        do {
            try control.drain()
            Console.print("\(view.path) starts nothing more")
        } catch {
            throw Control.failure("drain the spool", SpoolLayout.drain, error, in: view)
        }
    }
}
