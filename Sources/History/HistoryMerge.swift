/// Keeps the first so many of all runs that it is shown.
struct HistoryMerge {
    let order: HistoryOrder
    let limit: Int
    private var runs: [(at: Int64, id: Int64)] = []
    /// The last moment that can still be among the first; all moments as long as there are too few.
    private(set) var threshold: Int64

    init(order: HistoryOrder, limit: Int) {
        self.order = order
        self.limit = limit
        threshold = order.isAscending ? .max : .min
    }

    func excludes(_ at: Int64) -> Bool { order.isAscending ? at > threshold : at < threshold }

    mutating func add(_ at: Int64, _ id: Int64) {
        runs.append((at, id))
        // Sorted now and then, so that each run costs the same.
        if runs.count >= 2 * limit || runs.count == limit { cut() }
    }

    private mutating func cut() {
        runs.sort(by: order.isBefore)
        if runs.count > limit { runs.removeLast(runs.count - limit) }
        if runs.count == limit, let last = runs.last { threshold = last.at }
    }

    mutating func finished() -> [(at: Int64, id: Int64)] {
        cut()
        return runs
    }
}
