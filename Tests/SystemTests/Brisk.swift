/// Settings under which tests need not wait long: the rules of the intake with short times.
enum Brisk {
    static let settings = settings()

    /// - Parameters:
    ///   - intake: further keys of `intake`.
    ///   - rest: further top-level lines.
    static func settings(slots: Int = 2, intake: String = "", _ rest: String = "") -> String {
        """
        slots: \(slots)
        min_free_space: 1MiB
        intake: {settle: 300ms, quiet: 50ms, rescan: 2s\(intake.isEmpty ? "" : ", " + intake)}
        \(rest)
        """
    }
}
