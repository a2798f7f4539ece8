import History
import Linux
import Presentation
import Runs

/// Daily sums as a table, JSON or CSV.
struct StatisticsText {
    let by: [StatisticsFilter.Dimension]

    /// Columns of a terminal that the longest bar takes.
    private static let barWidth = 20

    func table(_ rows: [StatisticsRow], isTerminal: Bool) -> Table {
        var table = Table(
            by.map { .init($0.rawValue.uppercased(), flexible: $0 == .name || $0 == .owner) } + [
                .init("RUNS", right: true), .init("SUCCEEDED", right: true), .init("WALL", right: true),
                .init("PROCESSOR", right: true), .init("WAITED", right: true),
            ] + (isTerminal ? [.init("")] : []))
        let most = rows.map(\.runs).max() ?? 0
        for row in rows {
            var cells = row.keys.enumerated().map { index, key in
                let tint = by[index] == .state ? RunState(rawValue: key)?.tint ?? .plain : .plain
                return Table.Cell(escaped(key.utf8), tint)
            }
            cells += [
                .init("\(row.runs)"), .init(Self.share(row)), .init(ElapsedText.text(row.wallMilliseconds)),
                .init(ElapsedText.text(row.cpuMilliseconds)), .init(ElapsedText.text(row.waitMilliseconds)),
            ]
            if isTerminal { cells.append(.init(Bar.text(row.runs, of: most, width: Self.barWidth))) }
            table.add(cells)
        }
        return table
    }

    /// Rounded down, so that 100% means all.
    private static func share(_ row: StatisticsRow) -> String {
        row.runs > 0 ? "\(Int(Double(row.succeeded) / Double(row.runs) * 100))%" : ""
    }

    func json(_ row: StatisticsRow) -> String {
        var object = JSONWriter()
        for (key, value) in zip(by, row.keys) { object.add(key.rawValue, value) }
        object.add("runs", row.runs)
        object.add("succeeded", row.succeeded)
        object.add("wall_seconds", seconds: row.wallMilliseconds)
        object.add("cpu_seconds", seconds: row.cpuMilliseconds)
        object.add("wait_seconds", seconds: row.waitMilliseconds)
        return object.finished()
    }

    var csvHeader: String {
        HistoryCSV.line(by.map(\.rawValue) + ["runs", "succeeded", "wall_seconds", "cpu_seconds", "wait_seconds"])
    }

    func csv(_ row: StatisticsRow) -> String {
        let times = [row.wallMilliseconds, row.cpuMilliseconds, row.waitMilliseconds].map(JSONWriter.seconds)
        return HistoryCSV.line(row.keys + ["\(row.runs)", "\(row.succeeded)"] + times)
    }
}
