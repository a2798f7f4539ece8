public import Runs

/// Runs as JSON, one object a line, with status.json's keys or those that are chosen.
public enum HistoryJSONLines {
    public static func line(_ status: RunStatus) -> String { status.json(pretty: false) + "\n" }

    public static func line(_ record: HistoryRecord, _ columns: [HistoryColumn]) -> String {
        var object = JSONWriter()
        for column in columns {
            switch column.value(of: record) {
            case nil: break
            case .text(let text): object.add(column.rawValue, text)
            case .number(let number): object.add(column.rawValue, number)
            case .milliseconds(let number): object.add(column.rawValue, seconds: number)
            case .flag(let flag): object.add(column.rawValue, flag)
            case .json(let json): object.add(column.rawValue, json: json)
            }
        }
        return object.finished() + "\n"
    }
}
