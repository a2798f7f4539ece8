internal import Runs

extension ManifestReader {
    static let retryKeys = ["attempts", "wait", "factor", "max_wait", "on"]
    private static let longestWait = Ceiling(value: 7 * 86_400_000)

    /// nil for one attempt, which is no retry.
    func retry(_ node: Node) -> Manifest.Retry? {
        if node.isNull {
            findings.wrongType(node, "retry", "a mapping")
            return nil
        }
        let fields = Fields(node, of: "retry", known: Self.retryKeys, findings)
        var retry = Manifest.Retry()
        let most = queue?.settings.maxAttempts ?? Int(SettingsReader.mostAttempts.value)
        retry.attempts = min(retry.attempts, most)
        if let attempts = fields.read("attempts", { findings.count($0, "attempts", ceiling(Int64(most))) }) {
            retry.attempts = Int(attempts)
        }
        if let wait = fields.read("wait", { findings.duration($0, "wait", Self.longestWait) }) { retry.wait = wait }
        if let maxWait = fields.read("max_wait", { findings.duration($0, "max_wait", Self.longestWait) }) {
            retry.maxWait = maxWait
        }
        if let factor = fields.read("factor", factor) { retry.factorThousandths = factor }
        if let on = fields.read("on", states) { retry.on = on }
        return retry.attempts == 1 ? nil : retry
    }

    private func factor(_ node: Node) -> Int64? {
        guard let factor = findings.thousandths(node, "factor", Ceiling(value: 100_000)) else { return nil }
        if factor >= 1000 { return factor }
        findings.add(
            .badValue, "'factor' must be at least 1; this is \(DurationText.decimal(factor))", at: node.position)
        return nil
    }

    /// States after which another attempt can end otherwise: not `rejected`, not what somebody wanted, not success.
    private static let retryable: [RunState] = [
        .errored, .interrupted, .timedOut, .outOfMemory, .limitExceeded, .killed, .failed, .invalidOutput,
    ]

    private func states(_ node: Node) -> [RunState]? {
        guard let elements = findings.list(node, "on") else { return nil }
        if elements.isEmpty {
            findings.add(.badValue, "'on' is empty; name the states to try again after", at: node.position)
            return nil
        }
        var states: [RunState] = []
        for element in elements {
            guard let word = findings.text(element, "on") else { continue }
            guard let state = RunState(rawValue: word), Self.retryable.contains(state) else {
                findings.badWord(word, "on", among: Self.retryable.map(\.rawValue), at: element.position)
                continue
            }
            if !states.contains(state) { states.append(state) }
        }
        return states
    }
}
