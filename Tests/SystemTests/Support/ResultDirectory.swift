import Foundation
import Glibc

/// A result, or the live directory of a run, read as a reader of the spool would.
struct ResultDirectory: Sendable, CustomStringConvertible {
    let path: String

    /// Nil as long as there is none.
    var state: String? { text("state").map { String($0.dropLast($0.hasSuffix("\n") ? 1 : 0)) } }
    var exitCode: String? { text("exit_code").map { String($0.dropLast($0.hasSuffix("\n") ? 1 : 0)) } }
    var stdout: String { text("stdout") ?? "" }
    var stderr: String { text("stderr") ?? "" }

    func bytes(_ file: String) -> [UInt8]? {
        (try? Data(contentsOf: URL(fileURLWithPath: "\(path)/\(file)"))).map { Array($0) }
    }

    func text(_ file: String) -> String? { bytes(file).map { String(decoding: $0, as: UTF8.self) } }

    func has(_ file: String) -> Bool {
        var status = stat()
        return lstat("\(path)/\(file)", &status) == 0
    }

    /// Everything in it, by name.
    var entries: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

    /// status.json.
    var status: [String: Any] {
        bytes("status.json").flatMap { try? JSONSerialization.jsonObject(with: Data($0)) as? [String: Any] } ?? [:]
    }

    var run: String { status["run"] as? String ?? "" }
    var name: String { status["name"] as? String ?? "" }
    /// By what each limit and protection was held.
    var enforced: [String: String] { status["enforced"] as? [String: String] ?? [:] }
    var reason: String { status["reason"] as? String ?? "" }
    var errors: [[String: Any]] { status["errors"] as? [[String: Any]] ?? [] }
    var errorCodes: [String] { errors.compactMap { $0["code"] as? String } }
    /// All errors' messages, one a line.
    var messages: String { errors.compactMap { $0["message"] as? String }.joined(separator: "\n") }

    /// What a failed expectation should show.
    var description: String {
        "\(path.split(separator: "/").last ?? "?"): \(state ?? "no state"); \(reason); \(messages); stderr: \(stderr.suffix(500))"
    }
}
