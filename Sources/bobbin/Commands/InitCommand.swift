import ArgumentParser
import Glibc
import Linux
import Spool
import SystemPackage

struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a spool, or what one lacks.",
        discussion: """
            Makes the directories, a commented bobbin.yaml and the queue 'default'; what is there already stays as it is. As \
            root the spool belongs to the system user 'bobbin', made if it is lacking; otherwise to you. Without a directory \
            it is $BOBBIN_SPOOL, else /var/spool/bobbin for root and ./spool for everybody else.

            EXAMPLES
              bobbin init
              sudo bobbin init /srv/bobbin
              sudo bobbin init /srv/bobbin --owner alice
            """)

    @Argument(help: "Where.")
    var directory: String?

    @Option(help: ArgumentHelp("The same, as the other commands take it.", valueName: "dir"))
    var spool: String?

    @Option(help: ArgumentHelp("As root: whom the spool belongs to, and as whom the daemon runs.", valueName: "user"))
    var owner: String?

    func run() throws {
        if owner != nil && geteuid() != 0 {
            throw ValidationError("--owner needs root; without it the spool is yours")
        }
        if let directory, let spool, directory != spool {
            throw ValidationError("'\(directory)' and --spool '\(spool)' are two places; name one")
        }
        let named = Console.environment("BOBBIN_SPOOL", or: "")
        let usual = named.isEmpty ? (geteuid() == 0 ? SpoolChoice.systemPath : "spool") : named
        let path = directory ?? spool ?? usual
        let made = try SpoolMaking(path: path, owner: owner).run()
        // A ./spool that root gave to somebody else is not what root's commands mean without the option.
        let option = SpoolChoice.path(option: nil) == path ? "" : " --spool \(path)"
        Console.print("")
        Console.print("start the daemon:  bobbind\(option)")
        Console.print("run a script:      bobbin submit hello.py --wait\(option)")
        Console.print("or by hand:        mv hello.py \(path)/inbox/default/")
        // Whoever may write the queue, which is this group's only where this command made it.
        if geteuid() == 0, let queue = try? made.inbox.directory("default").status(),
            queue.permissions & 0o022 == 0o020, queue.group != 0
        {
            Console.print("let others drop:   usermod -aG \(Account.groupName(queue.group)) USER")
        }
    }
}
