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
            for key in LimitKey.allCases {
                add(prefix + "max_limits." + key.rawValue, key.text(queue.maxLimits[keyPath: key.field]))
            }
            add(prefix + "network", list(NetworkMode.allCases.filter(queue.network.contains).map(\.rawValue)))
            add(prefix + "runtimes", queue.runtimes.map { list($0.sorted()) } ?? "every one")
        }
        return entries
    }
}
