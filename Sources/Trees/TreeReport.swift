/// What became of a tree: how much was taken, and what was not.
public struct TreeReport: Sendable, Hashable {
    /// A limit of a run's output; the raw value is the manifest's key.
    public enum Exceeded: String, Sendable, CaseIterable {
        case output
        case outputFiles = "output_files"
    }

    public static let maximumProblems = 100

    /// Files, directories and links taken, without the root.
    public var entries = 0
    /// Apparent bytes of the regular files taken; of a measured tree, the bytes on disk.
    public var bytes: Int64 = 0
    /// The first `maximumProblems`.
    public private(set) var problems: [TreeProblem] = []
    /// All of them.
    public private(set) var problemCount = 0
    /// The limits that were reached, each once.
    public private(set) var exceeded: [Exceeded] = []

    public init() {}

    public var isClean: Bool { problemCount == 0 }

    public mutating func note(_ problem: TreeProblem) {
        if problemCount < Int.max { problemCount += 1 }
        if problems.count < TreeReport.maximumProblems { problems.append(problem) }
    }

    public mutating func note(exceeded limit: Exceeded) {
        if !exceeded.contains(limit) { exceeded.append(limit) }
    }

    /// Whether a thing is listed already.
    func lists(_ problem: TreeProblem) -> Bool { problems.contains { $0.path == problem.path } }

    /// What a decoder read: more may have been counted than is listed.
    mutating func setProblemCount(_ count: Int) { problemCount = max(count, problems.count) }
}
