import Foundation

extension TemporarySpool {
    /// What `control/hindrances.json` says: what has to wait, and why.
    func hindrances() throws -> [String: String] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path + "/control/hindrances.json"))
        let list = try JSONSerialization.jsonObject(with: data) as? [[String: String]] ?? []
        return Dictionary(uniqueKeysWithValues: list.map { ($0["what"] ?? "?", $0["reason"] ?? "") })
    }

    /// The names in a directory of the spool, sorted.
    func names(in directory: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(directory)")) ?? []).sorted()
    }
}
