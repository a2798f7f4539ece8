import Glibc
import History
import Runs

/// Times the questions.
enum Asking {
    static func ask(_ path: String, rounds: Int64) throws {
        let reader = try HistoryReader(path: path)
        let questions = Question.all
        for (index, first) in questions.enumerated() {
            try time(reader, [first], rounds)
            for second in questions[(index + 1)...] where second.filter != first.filter {
                if [first.filter, second.filter].sorted() == ["glob", "name"] { continue }
                try time(reader, [first, second], rounds)
            }
        }
        try statistics(reader, rounds)
    }

    private static func time(_ reader: HistoryReader, _ questions: [Question], _ rounds: Int64) throws {
        var filter = HistoryFilter()
        for question in questions { question.apply(&filter) }
        filter.limit = 50
        var found = 0
        let median = try median(rounds) { found = try reader.records(filter).count }
        var line = JSONWriter()
        line.add("filters", questions.map(\.filter).joined(separator: " + "))
        line.add("question", questions.map(\.name).joined(separator: " + "))
        line.add("milliseconds", json: "\(median.wall)")
        line.add("processor", json: "\(median.processor)")
        line.add("found", Int64(found))
        print(line.finished())
    }

    private static func statistics(_ reader: HistoryReader, _ rounds: Int64) throws {
        for by in StatisticsFilter.Dimension.allCases {
            var filter = StatisticsFilter()
            filter.by = [by]
            filter.since = Timestamp(milliseconds: Making.ending.milliseconds - 365 * Question.day)
            filter.limit = by == .name ? 50 : nil
            let median = try median(by == .name ? 1 : rounds) { _ = try reader.statistics(filter) }
            print(
                "{\"statistics\":\"\(by.rawValue)\",\"milliseconds\":\(median.wall),\"processor\":\(median.processor)}")
        }
    }

    /// Milliseconds of wall time and of processor time, which differ where others use the machine.
    private static func median(_ rounds: Int64, _ body: () throws -> Void) throws -> (wall: Double, processor: Double) {
        var walls: [Int64] = []
        var processors: [Int64] = []
        for _ in 0..<max(1, rounds) {
            let start = (Making.clock(CLOCK_MONOTONIC), Making.clock(CLOCK_PROCESS_CPUTIME_ID))
            try body()
            walls.append(Making.clock(CLOCK_MONOTONIC) - start.0)
            processors.append(Making.clock(CLOCK_PROCESS_CPUTIME_ID) - start.1)
        }
        func middle(_ taken: [Int64]) -> Double { Double(taken.sorted()[taken.count / 2] / 1000) / 1000 }
        return (middle(walls), middle(processors))
    }
}
