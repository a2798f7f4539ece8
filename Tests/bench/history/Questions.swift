import History
import Runs

/// What `bobbin history` is asked for, each filter in a common and a rare form and one that nothing answers.
struct Question {
    let filter: String
    let name: String
    let apply: (inout HistoryFilter) -> Void

    init(_ filter: String, _ name: String, _ apply: @escaping (inout HistoryFilter) -> Void) {
        self.filter = filter
        self.name = name
        self.apply = apply
    }

    static let day: Int64 = 86_400_000

    static var all: [Question] {
        let end = Making.ending.milliseconds
        return [
            Question("queue", "nightly") { $0.queues = [QueueName("nightly")].compactMap(\.self) },
            Question("queue", "absent") { $0.queues = [QueueName("absent")].compactMap(\.self) },
            Question("state", "failed") { $0.states = [.failed] },
            Question("state", "limit_exceeded") { $0.states = [.limitExceeded] },
            Question("state", "succeeded") { $0.states = [.succeeded] },
            Question("name", "report-0") { $0.names = ["report-0"] },
            Question("name", "adhoc-70") { $0.names = ["adhoc-70"] },
            Question("glob", "adhoc-*") { $0.names = ["adhoc-*"] },
            Question("glob", "*ain-1?3") { $0.names = ["*ain-1?3"] },
            Question("glob", "*nothing*") { $0.names = ["*nothing*"] },
            Question("owner", "user0") { $0.owners = ["user0"] },
            Question("owner", "user38") { $0.owners = ["user38"] },
            Question("label", "team=red") { $0.labels = [Label(key: "team", value: "red")] },
            Question("label", "stage=test") { $0.labels = [Label(key: "stage", value: "test")] },
            Question("label", "stage=none") { $0.labels = [Label(key: "stage", value: "none")] },
            Question("runtime", "python") { $0.runtimes = ["python"] },
            Question("runtime", "node") { $0.runtimes = ["node"] },
            Question("time", "since a day") { $0.since = Timestamp(milliseconds: end - day) },
            Question("time", "until half a year") { $0.until = Timestamp(milliseconds: end - 180 * day) },
            Question("time", "an hour") {
                $0.since = Timestamp(milliseconds: end - 100 * day)
                $0.until = Timestamp(milliseconds: end - 100 * day + 3_600_000)
            },
            Question("duration", "over 5m") { $0.longerThan = 300_000 },
            Question("duration", "over 3h20m") { $0.longerThan = 12_000_000 },
            Question("duration", "under 250ms") { $0.shorterThan = 250 },
            Question("exit code", "1") { $0.exitCodes = [1...1] },
            Question("exit code", "2-125") { $0.exitCodes = [2...125] },
            Question("exit code", "77") { $0.exitCodes = [77...77] },
            Question("reason", "No space") { $0.reason = "no SPACE left" },
            Question("reason", "of") { $0.reason = "of" },
            Question("reason", "cancelled by user7") { $0.reason = "cancelled by user7" },
            Question("reason", "nothing like it") { $0.reason = "nothing like it" },
        ]
    }
}
