/// What a run has only if its script said or made something of its own, and most have not: status.json's last keys, and one
/// text of the history.
extension RunStatus {
    func writeOwnWords(to object: inout JSONWriter) {
        if let progress = report.progress { object.add("progress", json: RunReport.decimal(progress)) }
        if let text = report.progressText { object.add("progress_text", text) }
        if let message = report.message { object.add("message", message) }
        if let rows = report.rows {
            object.addObject("rows") { object in
                object.add("total", rows.total)
                object.add("failed", rows.failed)
            }
        }
        if let checkpoint = report.checkpoint { object.add("checkpoint", json: checkpoint) }
        if report.droppedEvents > 0 { object.add("events_dropped", Int64(report.droppedEvents)) }
        if let result { object.add("result", result) }
        if let environment { object.addObject("environment") { environment.add(to: &$0) } }
    }

    mutating func readOwnWords(_ object: JSONObject) throws(JSONObject.Mismatch) {
        report.progress = try object.milliseconds("progress").flatMap { Int(exactly: $0) }
        report.progressText = try object.text("progress_text")
        report.message = try object.text("message")
        if case .object(let counts)? = object["rows"] {
            report.rows = RunReport.Rows(
                total: try counts.integer("total") ?? 0, failed: try counts.integer("failed") ?? 0)
        }
        report.checkpoint = object["checkpoint"]?.json
        report.droppedEvents = try object.integer("events_dropped") ?? 0
        result = try object.text("result")
        if case .object(let found)? = object["environment"] { environment = try RunEnvironment(found) }
    }

    /// All of it as one JSON object; nil if there is nothing.
    public var ownWords: String? {
        var object = JSONWriter()
        writeOwnWords(to: &object)
        let text = object.finished()
        return text == "{}" ? nil : text
    }

    /// Reads what `ownWords` gave; false, and nothing changed, if it is something else.
    public mutating func read(ownWords text: String) -> Bool {
        guard case .object(let object)? = JSONValue(reading: text.utf8) else { return false }
        var status = self
        do { try status.readOwnWords(object) } catch { return false }
        self = status
        return true
    }
}
