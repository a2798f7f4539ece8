internal import Bundles
internal import Runs

/// The bytes are read as bobbin.yaml, as what travels beside a bundle, and as a request to the daemon.
struct SettingsFuzzing: FuzzedReader {
    func read(_ bytes: [UInt8]) throws -> Bool {
        var isTaken = false
        switch SettingsFile.reading(bytes) {
        case .success(let file):
            isTaken = true
            try checkSettings(file, of: bytes)
        case .failure(let file): try checkErrors(file.errors, of: bytes)
        }
        switch SubmitOptions.reading(bytes) {
        case .success(let options):
            isTaken = true
            try hold(
                SubmitOptions.reading(Array(options.json().utf8)).value == options, "read again differs: \(options)")
        case .failure(let file): try checkErrors(file.errors, of: bytes)
        }
        switch ControlRequest.reading(bytes) {
        case .success(let request):
            isTaken = true
            let again = ControlRequest.reading(Array(request.json().utf8)).value
            try hold(again == request, "read again differs: \(request)")
        case .failure(let file): try checkErrors(file.errors, of: bytes)
        }
        return isTaken
    }

    private func checkSettings(_ file: SettingsFile, of bytes: [UInt8]) throws {
        let settings = file.settings
        try hold(settings.slots ?? 1 > 0 && settings.minFreeSpace >= 0, "\(settings)")
        try hold(settings.intake.maxQueued > 0 && settings.intake.maxBundleSize > 0, "\(settings.intake)")
        for (name, queue) in settings.queues {
            try hold(queue.timeout > 0 && queue.timeout <= queue.maxTimeout, "\(name): \(queue)")
            try hold(
                queue.slots ?? 1 > 0 && queue.maxAttempts > 0 && queue.network.contains(.none), "\(name): \(queue)")
        }
        for runtime in settings.runtimes.values { try hold(!runtime.command.isEmpty, "\(runtime)") }
        // `bobbin config` shows each on a line.
        for entry in file.entries() {
            try hold(!entry.key.isEmpty && !entry.value.isEmpty, "\(entry)")
            try hold(!entry.value.utf8.contains(0x0A), "\(entry)")
        }
    }
}

extension Result {
    fileprivate var value: Success? { try? get() }
}
