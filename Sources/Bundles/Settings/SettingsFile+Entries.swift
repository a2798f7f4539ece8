public import Runs

extension SettingsFile {
    /// One setting in effect.
    public struct Entry: Sendable, Hashable {
        /// As `intake.settle`.
        public let key: String
        /// As one would write it in the file.
        public let value: String
        public let origin: Origin
    }

    /// Every setting in the contract's order, with its value and where that came from.
    ///
    /// - Parameter others: queues that there are, whether the file names them or not.
    public func entries(queues others: [QueueName] = []) -> [Entry] {
        var entries: [Entry] = []
        func add(_ key: String, _ value: String) {
            entries.append(Entry(key: key, value: value, origin: origin(of: key)))
        }
        func list(_ words: some Sequence<String>) -> String { "[" + words.joined(separator: ", ") + "]" }
        add("slots", settings.slots.map { String($0) } ?? "processors")
        add("min_free_space", SizeText.text(settings.minFreeSpace))
        let intake = settings.intake
        add("intake.settle", DurationText.text(intake.settle))
        add("intake.quiet", DurationText.text(intake.quiet))
        add("intake.rescan", intake.rescan.map(DurationText.text) ?? "never")
        add("intake.give_up", DurationText.text(intake.giveUp))
        add("intake.max_queued", String(intake.maxQueued))
        add("intake.max_bundle_size", SizeText.text(intake.maxBundleSize))
        add("intake.max_bundle_entries", String(intake.maxBundleEntries))
        add(
            "sandbox.require",
            list(Settings.Mechanism.allCases.filter(settings.sandbox.require.contains).map(\.rawValue)))
        add("sandbox.cgroup", settings.sandbox.controlGroup ?? "its own")
        let environments = settings.environments
        add("environments.enabled", "\(environments.enabled)")
        switch environments.index {
        case .usual: add("environments.index", "PyPI")
        case .none: add("environments.index", "none")
        case .url(let url): add("environments.index", IndexURL.shown(url))
        }
        add("environments.extra_indexes", list(environments.extraIndexes.map(IndexURL.shown)))
        add("environments.find_links", list(environments.findLinks.map(IndexURL.shown)))
        add("environments.offline", "\(environments.offline)")
        add("environments.build_from_source", "\(environments.buildFromSource)")
        add("environments.builder", environments.builder.rawValue)
        add("environments.max_size", SizeText.text(environments.maxSize))
        add("environments.timeout", DurationText.text(environments.timeout))
        add("environments.retry_failed_after", DurationText.text(environments.retryFailedAfter))
        add("environments.pythons", environments.pythons.map(list) ?? "those found")
        let retention = settings.retention
        add("retention.sweep_every", Self.text(retention.sweepEvery))
        func add(_ kept: Retention.Kept, _ prefix: String, keepsLast: Bool, noSize: String = "never") {
            add(prefix + ".age", Self.text(kept.age))
            add(prefix + ".failed_age", Self.text(kept.failedAge))
            if keepsLast { add(prefix + ".keep_last", kept.keepLast.map { String($0) } ?? "never") }
            add(prefix + ".max_size", kept.maxSize.map(SizeText.text) ?? noSize)
        }
        add(retention.results, "retention.results", keepsLast: true)
        add(retention.archive, "retention.archive", keepsLast: false)
        add("retention.history.age", Self.text(retention.historyAge))
        add("retention.history.max_rows", retention.historyRows.map { String($0) } ?? "never")
        add("retention.statistics.age", Self.text(retention.statisticsAge))
        add("retention.environments.unused", Self.text(retention.environmentsUnused))
        add("retention.environments.max_size", retention.environmentsMaxSize.map(SizeText.text) ?? "never")
        for (name, runtime) in settings.runtimes.sorted(by: { $0.key < $1.key }) {
            add("runtimes.\(name).command", list(runtime.command.map(JSONWriter.quoted)))
            add("runtimes.\(name).endings", list(runtime.endings))
        }
        for name in Set(settings.queues.keys).union(others).sorted() {
            let queue = settings.queue(name)
            let prefix = "queues.\(name)."
            add(prefix + "slots", queue.slots.map { String($0) } ?? "global")
            add(prefix + "timeout", DurationText.text(queue.timeout))
            add(prefix + "max_timeout", DurationText.text(queue.maxTimeout))
            add(prefix + "max_attempts", String(queue.maxAttempts))
            for key in LimitKey.allCases {
                add(prefix + "max_limits." + key.rawValue, key.text(queue.maxLimits[keyPath: key.field]))
            }
            add(prefix + "network", list(NetworkMode.allCases.filter(queue.network.contains).map(\.rawValue)))
            add(prefix + "runtimes", queue.runtimes.map { list($0.sorted()) } ?? "every one")
            add(prefix + "imports", queue.imports.map(list) ?? "every module")
            add(prefix + "require_output_schema", queue.requireOutputSchema ? "true" : "false")
            add(prefix + "environments", "\(queue.environments)")
            if let own = queue.retention {
                add(own.results, prefix + "retention.results", keepsLast: true, noSize: "the spool's")
                add(own.archive, prefix + "retention.archive", keepsLast: false, noSize: "the spool's")
            }
        }
        return entries
    }

    private static func text(_ duration: Int64?) -> String { duration.map(DurationText.text) ?? "never" }
}
