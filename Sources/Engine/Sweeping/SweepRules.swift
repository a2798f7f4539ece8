internal import Bundles
internal import Runs

/// What goes and why: a pure decision, the same for a sweep and for one that only tells.
struct SweepRules: Sendable {
    /// `results` or `archive`, as in bobbin.yaml.
    let kind: String
    /// Of all queues together, in bytes; nil: never.
    let maxSize: Int64?
    let kept: @Sendable (QueueName) -> Retention.Kept
    /// As `SweepClock` has it.
    let now: Timestamp

    struct Decision: Sendable {
        let item: Sweepable
        let reason: SweepReason
    }

    /// Those that go, the oldest first.
    ///
    /// Age first: `keepLast` of a queue's and name's newest stay whatever theirs is. Of what is left the newest stay as long as
    /// they fit, first in their queue's own size, then in that of all together, and those that `keepLast` kept as well.
    func decide(_ items: [Sweepable]) -> [Decision] {
        let newestFirst = items.sorted { ($0.endedAt, $0.run) > ($1.endedAt, $1.run) }
        var rules: [QueueName: Retention.Kept] = [:]
        var places: [Sweepable.Series: Int] = [:]
        var inQueue: [QueueName: Int64] = [:]
        var inAll: Int64 = 0
        var decisions: [Decision] = []
        for item in newestFirst {
            let queue = item.series.queue
            let rule = rules[queue] ?? kept(queue)
            rules[queue] = rule
            let place = places[item.series, default: 0]
            places[item.series] = place + 1
            let isKept = place < rule.keepLast ?? 0
            if !isKept, let reason = expired(item, rule) {
                decisions.append(Decision(item: item, reason: reason))
                continue
            }
            // What goes takes no room from those behind it: one that is too large by itself must not take all others along.
            let taken = inQueue[queue, default: 0] + item.bytes
            if let most = rule.maxSize, taken > most {
                decisions.append(
                    Decision(item: item, reason: .size("queues.\(queue).retention.\(kind).max_size", most)))
                continue
            }
            if let maxSize, inAll + item.bytes > maxSize {
                decisions.append(Decision(item: item, reason: .size("retention.\(kind).max_size", maxSize)))
                continue
            }
            inQueue[queue] = taken
            inAll += item.bytes
        }
        return decisions.reversed()
    }

    private func expired(_ item: Sweepable, _ rule: Retention.Kept) -> SweepReason? {
        let age = now.milliseconds - item.endedAt.milliseconds
        let (limit, key) = item.hasSucceeded ? (rule.age, "age") : (rule.failedAge, "failed_age")
        guard let limit, age > limit else { return nil }
        return .age("\(kind).\(key)", limit)
    }
}

extension SweepReason: CustomStringConvertible {
    /// As `older than 30d (results.age)`.
    var description: String {
        switch self {
        case .age(let rule, let age): "older than \(DurationText.text(age)) (\(rule))"
        case .size(let rule, let size): "beyond \(SizeText.text(size)) (\(rule))"
        }
    }
}
