/// The name somebody may have meant.
package enum Suggestion {
    /// `; did you mean 'timeout'?`, or nothing.
    static func text(for wrong: String, among names: [String]) -> String {
        guard let name = closest(to: wrong, among: names) else { return "" }
        return "; did you mean '\(name)'?"
    }

    /// The name with the fewest letters wrong, missing, too many or swapped: at most one in three, and at most two.
    static func closest(to wrong: String, among names: [String]) -> String? {
        // A stranger's key can be as long as the file; no name here is.
        guard wrong.utf8.count <= 40 else { return nil }
        let letters = Array(wrong.lowercased().utf8).map { $0 == 0x2D ? 0x5F : $0 }
        var best: (name: String, distance: Int)?
        for name in names {
            let distance = Self.distance(letters, Array(name.lowercased().utf8))
            if distance <= min(2, max(1, name.utf8.count / 3)), distance < best?.distance ?? .max {
                best = (name, distance)
            }
        }
        return best?.name
    }

    /// The optimal string alignment distance.
    package static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let same = left[row] == right[column]
                var best = min(last[column] + (same ? 0 : 1), last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
