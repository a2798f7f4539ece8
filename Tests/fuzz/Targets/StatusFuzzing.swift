internal import Bundles
internal import Linux
internal import Runs
internal import Spool

/// The bytes are read as a status.json and as a run's record, which is a list of such.
struct StatusFuzzing: FuzzedReader {
    func read(_ bytes: [UInt8]) throws -> Bool {
        try checkJSON(bytes)
        let status = RunStatus(json: bytes)
        if let status { try checkStatus(status) }
        guard let (record, whole) = RunRecord.reading(bytes) else { return status != nil }
        try checkRecord(record, bytes, whole)
        return true
    }

    /// Two readers of JSON, one of them strict about keys: what is JSON to one is to the other.
    private func checkJSON(_ bytes: [UInt8]) throws {
        let document = Document(
            reading: bytes, file: "status.json", format: .json, bounds: Document.Bounds(size: .max, levels: 63))
        let isJSON = JSONValue(reading: bytes) != nil
        if document.root != nil {
            // A byte order mark is passed over by one of them, and one level more is taken.
            try hold(isJSON || bytes.first == 0xEF, "is JSON to the reader of manifests alone")
        } else {
            try hold(
                !isJSON || document.errors.contains { $0.code == "too_deep" },
                "is JSON to the reader of status.json alone: \(document.errors)")
        }
    }

    private func checkStatus(_ status: RunStatus) throws {
        for pretty in [true, false] {
            let again = RunStatus(json: Array(status.json(pretty: pretty).utf8))
            try hold(again == status, "read again it differs: \(status) and \(again.map { "\($0)" } ?? "nothing")")
        }
        for error in status.errors { _ = error.description }
    }

    private func checkRecord(_ record: RunRecord, _ bytes: [UInt8], _ whole: Int) throws {
        try hold(whole > 0 && whole <= bytes.count && bytes[whole - 1] == 0x0A, "\(whole) of \(bytes.count) bytes")
        // A torn line that was cut off takes nothing with it.
        try hold(isSame(RunRecord.reading(Array(bytes[..<whole])), record, whole), "cut after its last line it differs")
        try hold(record.claim.entry.isSafe, "its entry is no name: \(record.claim.entry)")
        let claim = RunRecord.line(.claimed(record.claim))
        try hold(isSame(RunRecord.reading(claim), RunRecord(claim: record.claim), claim.count), "\(record.claim)")
        // What a daemon would note next is a step that the next one reads.
        if case .finished(_, let status) = record.progress {
            try checkStatus(status)
            let step = RunRecord.line(.finished(status), flush: record.flush)
            try hold(isSame(RunRecord.reading(bytes[..<whole] + step), record, whole + step.count), "\(status)")
        }
        for status in record.earlier { try checkStatus(status) }
        if case .retrying(_, let wait) = record.progress {
            for uptime in [
                wait.uptime, Uptime(bootID: "other", milliseconds: 1),
                Uptime(bootID: wait.uptime.bootID, milliseconds: 1),
            ] {
                let left = wait.remaining(uptime, at: Timestamp(milliseconds: 1_790_000_000_000))
                try hold(left <= max(0, wait.milliseconds), "\(wait): \(left)")
            }
        }
    }

    private func isSame(_ read: (record: RunRecord, wholeBytes: Int)?, _ record: RunRecord, _ whole: Int) -> Bool {
        read?.record == record && read?.wholeBytes == whole
    }
}
