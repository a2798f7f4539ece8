internal import Runs

/// `retention`, the spool's and a queue's own.
extension SettingsReader {
    static let retentionKeys = ["sweep_every", "results", "archive", "history", "statistics", "environments"]
    static let resultsKeys = ["age", "failed_age", "keep_last", "max_size"]
    static let archiveKeys = ["age", "failed_age", "max_size"]

    private static let longestAge = Ceiling(value: 100 * 365 * 86_400_000, hasNever: true)
    private static let largest = Ceiling(value: largestSize.value, hasNever: true)
    /// Milliseconds; a daemon that sweeps more often does nothing else.
    private static let shortestSweep: Int64 = 1000

    mutating func readRetention(_ node: Node?) -> Retention {
        var retention = Retention()
        let fields = Fields(node, of: "retention", known: Self.retentionKeys, findings)
        note(fields, ["sweep_every"], in: "retention.")
        age(fields, "sweep_every", into: &retention.sweepEvery)
        if let often = retention.sweepEvery, often < Self.shortestSweep, let position = fields["sweep_every"]?.position
        {
            findings.add(
                .badValue, "'sweep_every' is \(DurationText.text(often)); at least 1s is needed", at: position)
        }
        kept(fields["results"], "results", Self.resultsKeys, in: "retention.", into: &retention.results)
        kept(fields["archive"], "archive", Self.archiveKeys, in: "retention.", into: &retention.archive)

        let history = subject(fields, "history", ["age", "max_rows"])
        age(history, "age", into: &retention.historyAge)
        orNever(history, "max_rows", into: &retention.historyRows) {
            findings.count($0, "max_rows", Ceiling(value: 1_000_000_000, hasNever: true))
        }
        let statistics = subject(fields, "statistics", ["age"])
        age(statistics, "age", into: &retention.statisticsAge)
        outlive(
            &retention.statisticsAge, retention.historyAge, statistics, "age", says: history["age"] != nil,
            "'age' of statistics", "'age' of history", "statistics outlive the runs that they count")
        let environments = subject(fields, "environments", ["unused", "max_size"])
        age(environments, "unused", into: &retention.environmentsUnused)
        size(environments, into: &retention.environmentsMaxSize)
        return retention
    }

    /// What a queue says of its own; nil if it says nothing.
    mutating func readRetention(_ node: Node?, of queue: QueueName, _ spool: Retention) -> QueueRetention? {
        guard let node else { return nil }
        var own = QueueRetention(of: spool)
        let prefix = "queues.\(queue).retention."
        let fields = Fields(node, of: "retention", known: ["results", "archive"], findings)
        kept(fields["results"], "results", Self.resultsKeys, in: prefix, into: &own.results)
        kept(fields["archive"], "archive", Self.archiveKeys, in: prefix, into: &own.archive)
        for (key, own, all) in [
            ("results", own.results.maxSize, spool.results.maxSize),
            ("archive", own.archive.maxSize, spool.archive.maxSize),
        ] {
            guard let own, let all, own > all, let position = fields[key]?["max_size"]?.position else { continue }
            findings.add(
                .overMaximum,
                "'max_size' is \(SizeText.text(own)); all queues together have \(SizeText.text(all)): raise"
                    + " 'retention.\(key).max_size' first", at: position)
        }
        return own
    }

    private mutating func subject(_ fields: Fields, _ name: String, _ keys: [String]) -> Fields {
        let found = Fields(fields[name], of: name, known: keys, findings)
        note(found, keys, in: "retention.\(name).")
        return found
    }

    private mutating func kept(
        _ node: Node?, _ name: String, _ keys: [String], in prefix: String, into kept: inout Retention.Kept
    ) {
        let fields = Fields(node, of: name, known: keys, findings)
        note(fields, keys, in: "\(prefix)\(name).")
        age(fields, "age", into: &kept.age)
        age(fields, "failed_age", into: &kept.failedAge)
        outlive(
            &kept.failedAge, kept.age, fields, "failed_age", says: fields["age"] != nil, "'failed_age'", "'age'",
            "what failed is not to go before what succeeded")
        orNever(fields, "keep_last", into: &kept.keepLast) {
            findings.count($0, "keep_last", Ceiling(value: 1_000_000, hasNever: true)).map { Int($0) }
        }
        size(fields, into: &kept.maxSize)
    }

    /// Something that is kept at least as long as something else: raised to it where only that was said, else an error.
    private func outlive(
        _ long: inout Int64?, _ short: Int64?, _ fields: Fields, _ key: String, says isShortSaid: Bool, _ name: String,
        _ other: String, _ why: String
    ) {
        guard let age = long, age < short ?? .max else { return }
        guard let position = fields[key]?.position else {
            long = short
            return
        }
        let shorter = short.map(DurationText.text) ?? "never"
        findings.add(
            .badValue,
            "\(name) is \(DurationText.text(age)), less than \(other) (\(shorter)\(isShortSaid ? "" : ", the default")): \(why)",
            at: position)
    }

    private func age(_ fields: Fields, _ key: String, into age: inout Int64?) {
        orNever(fields, key, into: &age) { findings.duration($0, key, Self.longestAge) }
    }

    private func size(_ fields: Fields, into size: inout Int64?) {
        orNever(fields, "max_size", into: &size) { findings.size($0, "max_size", Self.largest) }
    }

    private func orNever<Value>(
        _ fields: Fields, _ key: String, into value: inout Value?, _ read: (Node) -> Value?
    ) {
        if fields[key]?.text == "never" {
            value = nil
        } else if let found = fields.read(key, read) {
            value = found
        }
    }
}
