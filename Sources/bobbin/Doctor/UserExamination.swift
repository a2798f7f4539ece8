import Linux
import SandboxProtocol

/// Whose user ids runs have: as root a range of their own, which nobody else may be given.
enum UserExamination {
    private static let subject = "run users"

    static func findings(isRoot: Bool) -> [Finding] {
        // One id is mapped, which needs no range of /etc/subuid.
        if !isRoot { return [.ok(subject, "the caller's own, seen as 1000 inside; no range of /etc/subuid is needed")] }
        let names = ["/etc/subuid", "/etc/subgid"]
        return [
            finding(
                ranges: names.map { ($0, (try? readKernelFile($0)).map { String(decoding: $0, as: UTF8.self) } ?? "") })
        ]
    }

    /// - Parameter ranges: subuid(5): `name:first:count` lines.
    static func finding(ranges: [(file: String, text: String)]) -> Finding {
        let first = UInt64(LauncherOptions.usualFirstRunUser)
        let end = first + UInt64(LauncherOptions.usualRunUsers)
        let detail = "\(first) to \(end - 1), one a slot"
        for (file, text) in ranges {
            for line in text.split(separator: "\n") {
                let words = line.split(separator: ":", omittingEmptySubsequences: false)
                guard words.count == 3, let from = UInt64(words[1]), let count = UInt64(words[2]) else { continue }
                if from < end, from.addingReportingOverflow(count).partialValue > first {
                    return Finding(
                        subject: subject, verdict: .degraded,
                        detail: "\(detail); \(file) gives \(words[0]) some of these",
                        meaning: "Processes of that user's containers and runs of that slot would be one user's.",
                        remedy: "give \(words[0]) another range in \(file)")
                }
            }
        }
        return .ok(subject, detail)
    }
}
