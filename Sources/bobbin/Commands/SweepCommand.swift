import ArgumentParser
import Bundles
import Linux
import Presentation
import Runs
import Spool

struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Remove what is older or larger than bobbin.yaml allows, now.",
        discussion: """
            Results, archived bundles and runs of the history go by 'retention' in bobbin.yaml; the daemon sweeps at its start \
            and every 'retention.sweep_every' by itself. Prints what goes, how much, and why. For root and the spool's admins.

            EXAMPLES
              bobbin sweep --dry-run                   what would go, and why
              bobbin sweep --queue nightly
              bobbin sweep --json | jq -r 'select(.kind == "result") | .path'
            """)

    @OptionGroup var spool: SpoolOption

    @Flag(name: .customLong("dry-run"), help: "Remove nothing; print what a sweep would.")
    var isDry = false

    @Option(help: "Only this queue's results and bundles.")
    var queue: String?

    @Flag(help: "One object a line.")
    var json = false

    func run() throws {
        let view = try spool.view()
        let only = try queue.map { try Queue.named([$0], in: view) }?.first
        let call = try RequestCall(asking: .sweep(queue: only, isDry: isDry), in: view)
        let end = try call.answer { line in Console.print(json ? line.text : Self.text(line)) }
        if json { return Console.print(end.text) }
        let word = isDry ? "would go" : "went"
        let rows = end.rows ?? 0
        if end.entries == 0 && rows == 0 { return Console.print("nothing \(word)") }
        func some(_ count: Int64, _ one: String, _ more: String) -> String { "\(count) \(count == 1 ? one : more)" }
        var parts: [String] = []
        if let entries = end.entries, entries > 0 {
            parts.append("\(some(entries, "entry", "entries")) of the spool (\(BytesText.text(end.bytes ?? 0)))")
        }
        if rows > 0 { parts.append("\(some(rows, "row", "rows")) of the history") }
        Console.print("\(parts.joined(separator: " and ")) \(word)")
    }

    /// As `result       outbox/default/report.01K…   1.2 MiB  older than 30d (results.age)`.
    private static func text(_ line: AnswerLine) -> String {
        let kind = line.kind ?? "?"
        let subject = line.path ?? line.count.map { "\($0) rows" } ?? "?"
        let size = line.bytes.map(BytesText.text) ?? ""
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - TextWidth.of(text)))
        }
        return escaped("\(padded(kind, 12)) \(padded(subject, 48)) \(padded(size, 9)) \(line.reason ?? "")".utf8)
    }
}
