/// What a script has said of itself while it ran; the last word of each kind counts.
public struct RunReport: Hashable, Sendable {
    /// Thousandths of the whole.
    public var progress: Int?
    /// What it is doing.
    public var progressText: String?
    /// Its closing line.
    public var message: String?
    /// How many items there were to call it for, and for how many the call failed.
    public var rows: Rows?
    /// JSON text: what the next run of its key is to be told.
    public var checkpoint: String?
    /// Lines that were no events, or more than could be kept.
    public var droppedEvents = 0

    public init() {}

    public struct Rows: Hashable, Sendable {
        public let total: Int64
        public let failed: Int64

        public init(total: Int64, failed: Int64) {
            self.total = total
            self.failed = failed
        }
    }

    /// `0.4`, as status.json has it.
    public static func decimal(_ thousandths: Int) -> String { "\(Double(thousandths) / 1000)" }
}
