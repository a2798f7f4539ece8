public import Runs

/// Runs as JSON, one object a line, with status.json's keys.
public enum HistoryJSONLines {
    public static func line(_ status: RunStatus) -> String { status.json(pretty: false) + "\n" }
}
