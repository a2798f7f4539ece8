internal import Runs

/// The lists of a status as the JSON texts that status.json has for them: what the database and CSV hold.
///
/// JSONWriter makes objects, so each text is cut out of an object with one key.
enum JSONColumn {
    static func errors(_ errors: [BundleError]) -> String? {
        guard !errors.isEmpty else { return nil }
        return value { writer in
            writer.addArray("v") { array in
                for error in errors {
                    array.addObject(nil) {
                        $0.add("code", error.code)
                        $0.add("message", error.message)
                        if let file = error.file { $0.add("file", file) }
                        if let line = error.line { $0.add("line", Int64(line)) }
                        if let column = error.column { $0.add("column", Int64(column)) }
                    }
                }
            }
        }
    }

    static func labels(_ labels: [Label]) -> String? {
        guard !labels.isEmpty else { return nil }
        return value { writer in writer.addObject("v") { for label in labels { $0.add(label.key, label.value) } } }
    }

    static func droppedFiles(_ files: [DroppedFile]) -> String? {
        guard !files.isEmpty else { return nil }
        return value { writer in
            writer.addArray("v") { array in
                for file in files {
                    array.addObject(nil) {
                        $0.add("path", file.path)
                        $0.add("kind", file.kind)
                        $0.add("reason", file.reason)
                    }
                }
            }
        }
    }

    private static func value(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        // `{"v":` before it, `}` behind it.
        return String(decoding: writer.finished().utf8.dropFirst(5).dropLast(), as: UTF8.self)
    }

    /// nil if the text is not what `errors` writes.
    static func errors(from text: String) -> [BundleError]? {
        try? JSONValue(reading: text.utf8)?.objects?.map(BundleError.init)
    }

    /// nil if the text is not what `labels` writes.
    static func labels(from text: String) -> [Label]? {
        guard case .object(let object) = JSONValue(reading: text.utf8) else { return nil }
        return try? object.labels()
    }

    /// nil if the text is not what `droppedFiles` writes.
    static func droppedFiles(from text: String) -> [DroppedFile]? {
        try? JSONValue(reading: text.utf8)?.objects?.map(DroppedFile.init)
    }
}
