import ArgumentParser
import Runs

struct Bobbin: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bobbin",
        abstract: "Drop script bundles into a spool, get their results.",
        discussion: """
            A spool is a directory: what is dropped into inbox/QUEUE runs in a sandbox, and its whole result appears in \
            outbox/QUEUE. These commands read and write the same files that mv, rsync and cat do.

            EXAMPLES
              bobbin init                              make a spool
              bobbin submit report.py --wait           run a script and wait for it
              bobbin logs report -f                    see what it prints
              bobbin ps                                what waits and runs
              bobbin history --state failed            what went wrong lately
              bobbin doctor                            what this machine can enforce

            A run is named by any unique beginning of its id, or by its bundle's name: the latest drop of that name.

            EXIT CODES
              0 done   1 the answer is no   64 wrong usage   65 bad data   66 no such run, file or queue
              69 no daemon   70 internal   73 cannot create
              124 a wait timed out   125 a run that did not end by itself (wait, submit --wait)
            """,
        version: BobbinVersion.current,
        groupedSubcommands: [
            CommandGroup(
                name: "Running bundles:",
                subcommands: [
                    SubmitCommand.self, WaitCommand.self, CancelCommand.self, RetryCommand.self, CheckCommand.self,
                ]),
            CommandGroup(
                name: "Looking:",
                subcommands: [
                    PsCommand.self, StatusCommand.self, LogsCommand.self, ResultCommand.self, ShowCommand.self,
                    HistoryCommand.self, StatsCommand.self, AuditCommand.self,
                ]),
            CommandGroup(
                name: "Operating a spool:",
                subcommands: [
                    InitCommand.self, PauseCommand.self, ResumeCommand.self, DrainCommand.self, SweepCommand.self,
                    CheckpointCommand.self,
                    EnvironmentsCommand.self,
                    DoctorCommand.self,
                    ConfigCommand.self,
                ]),
        ])
}
