import FoundationEssentials
import Runs

/// One line of the daemon's answer to a request.
struct AnswerLine: Decodable {
    /// As it came.
    private(set) var text = ""
    /// What goes, of a sweep.
    let kind: String?
    let path: String?
    let run: String?
    let bytes: Int64?
    let count: Int64?
    let reason: String?
    /// Only in the last line: `done`, `refused` or `failed`.
    let end: String?
    /// Of all lines of a sweep together.
    let entries: Int64?
    let rows: Int64?
    /// The name of what is handed out, escaped.
    let entry: String?

    private enum CodingKeys: CodingKey { case kind, path, run, bytes, count, reason, end, entries, rows, entry }

    init?(json: [UInt8]) {
        guard let line = try? JSONDecoder().decode(AnswerLine.self, from: Data(json)) else { return nil }
        self = line
        text = String(decoding: json, as: UTF8.self)
    }
}
