import ArgumentParser
import History
import Linux
import Presentation
import Runs

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Show who asked for what, the last first.",
        discussion: """
            For the spool's admin group. What is asked for by a file belongs to the file's owner; what nobody asked for, as a \
            sweep that was due, has no user. A moment is \(MomentText.forms).

            EXAMPLES
              bobbin audit --since monday
              bobbin audit --action cancel,retry --user ann --json
            """)

    @OptionGroup var spool: SpoolOption

    @Option(help: ArgumentHelp("Asked then or later.", valueName: "moment"))
    var since: String?

    @Option(help: ArgumentHelp("Asked before.", valueName: "moment"))
    var until: String?

    @Option(help: "Only these actions.")
    var action: [String] = []

    @Option(help: "Only what these users asked for.")
    var user: [String] = []

    @Option(help: ArgumentHelp("At most so many, or 'all'.", valueName: "n"))
    var limit = "50"

    @Flag(help: "One object a line.")
    var json = false

    @Flag(help: "RFC 4180, with a header.")
    var csv = false

    private static let columns = ["at", "uid", "user", "action", "queue", "run", "detail", "outcome"]

    func validate() throws {
        if json && csv { throw ValidationError("--json and --csv exclude each other") }
        _ = try filter()
    }

    func run() throws {
        let reader = try Memory(of: try spool.view()).reader()
        let records: [AuditRecord]
        let filter = try filter()
        do { records = try reader.audit(filter) } catch { throw Failure(error) }
        if json {
            for record in records { Console.print(Self.json(record)) }
        } else if csv {
            Swift.print(HistoryCSV.line(Self.columns), terminator: "")
            for record in records { Swift.print(HistoryCSV.line(Self.fields(record)), terminator: "") }
        } else {
            Console.print(Self.table(records))
            if records.count == filter.limit { Console.note("there may be more: --limit, --until") }
        }
    }

    private func filter() throws -> AuditFilter {
        var filter = AuditFilter()
        filter.since = try since.map(ListedValue.moment)
        filter.until = try until.map(ListedValue.moment)
        let words = AuditAction.allCases.map(\.rawValue)
        filter.actions = try ListedValue.all(action, "action")
        for word in filter.actions where !words.contains(word) { throw ListedValue.unknown(word, "action", words) }
        filter.users = try ListedValue.all(user, "user")
        filter.limit = try ListedValue.limit(limit)
        return filter
    }

    private static func fields(_ record: AuditRecord) -> [String?] {
        [
            record.at.description, record.uid.map { "\($0)" }, record.user, record.action, record.queue, record.run,
            record.detail, record.outcome,
        ]
    }

    private static func json(_ record: AuditRecord) -> String {
        var object = JSONWriter()
        object.add("at", record.at.description)
        if let uid = record.uid { object.add("uid", uid) }
        for (key, value) in zip(columns, fields(record)).dropFirst(2) { if let value { object.add(key, value) } }
        return object.finished()
    }

    private static func table(_ records: [AuditRecord]) -> Table {
        var table = Table([
            .init("AT"), .init("USER", flexible: true), .init("ACTION"), .init("QUEUE", flexible: true), .init("RUN"),
            .init("OUTCOME"), .init("DETAIL", flexible: true),
        ])
        for record in records {
            let user = record.user ?? record.uid.map { "\($0)" } ?? "-"
            let texts = [
                user, record.action, record.queue ?? "", record.run ?? "", record.outcome, record.detail ?? "",
            ]
            let at = Table.Cell(MomentText.text(record.at, local: Console.outputIsTerminal), .dim)
            table.add([at] + texts.map { Table.Cell(escaped($0.utf8)) })
        }
        return table
    }
}
