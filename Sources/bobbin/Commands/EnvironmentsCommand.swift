import ArgumentParser
import Bundles
import Linux
import Presentation
import Runs
import Spool
import SystemPackage

struct EnvironmentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "environments",
        abstract: "Show or remove what Python scripts' requirements were built into.",
        discussion: """
            What a bundle's requirements ask for is installed once, and every run with the same requirements, Python and settings \
            uses it. What is not used for long is swept (retention.environments in bobbin.yaml). Reading is for the spool's \
            admin group; to remove takes a daemon, and root or an admin.

            EXAMPLES
              bobbin environments
              bobbin environments --json
              bobbin environments rm 3f2a
            """,
        subcommands: [List.self, Remove.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Every environment there is, the last used first.")

        @OptionGroup var spool: SpoolOption

        @Flag(help: "One object a line.")
        var json = false

        func run() throws {
            let all = try EnvironmentsCommand.all(in: try spool.view())
            if json {
                for environment in all { Console.print(environment.json()) }
                return
            }
            var table = Table([
                .init("KEY"), .init("PYTHON"), .init("SIZE"), .init("LAST USED"), .init("BUILDER"),
                .init("PACKAGES", flexible: true),
            ])
            for environment in all {
                let packages = environment.packages.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
                let texts = [
                    String(environment.key.prefix(12)), environment.python,
                    Self.size(environment.bytes),
                    MomentText.text(environment.usedAt, local: Console.outputIsTerminal), environment.builder,
                    packages,
                ]
                table.add(texts.map { Table.Cell(escaped($0.utf8)) })
            }
            Console.print(table)
        }

        /// Rounded up to what one can compare at a glance.
        private static func size(_ bytes: Int64) -> String {
            let unit: Int64 = bytes < 10 << 20 ? 1 << 10 : 1 << 20
            return SizeText.text((bytes + unit - 1) / unit * unit)
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm",
            abstract: "Remove environments that no run uses; they are built again when they are needed.")

        @OptionGroup var spool: SpoolOption

        @Argument(help: ArgumentHelp("Unique beginnings of keys.", valueName: "key"))
        var keys: [String]

        func run() throws {
            let view = try spool.view()
            let whole = try keys.map { key in
                if ControlRequest.isEnvironmentKey(key) { return key }
                let found = try EnvironmentsCommand.all(in: view).map(\.key).filter { $0.hasPrefix(key) }
                guard found.count < 2 else {
                    throw Failure(.usage, "'\(escaped(key.utf8))' begins \(found.count) keys; give more of it")
                }
                guard let only = found.first else {
                    throw Failure(.notFound, "there is no environment '\(escaped(key.utf8))'; see: bobbin environments")
                }
                return only
            }
            _ = try RequestCall(asking: .removeEnvironments(whole), in: view).answer { _ in }
        }
    }

    private static func all(in view: SpoolView) throws -> [KnownEnvironment] {
        let control = try view.root.directory(SpoolLayout.control)
        do {
            return try KnownEnvironment.readingAll(control) ?? []
        } catch {
            throw Failure.reading("control/environments.json, which the spool's admins may", error)
        }
    }
}
