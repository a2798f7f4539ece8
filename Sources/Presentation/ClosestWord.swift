/// The word that somebody may have meant.
public enum ClosestWord {
    /// `; did you mean 'state'?`, or nothing if no word is near.
    public static func hint(for wrong: String, among words: [String]) -> String {
        guard let word = find(wrong, among: words) else { return "" }
        return "; did you mean '\(word)'?"
    }

    /// The word with the fewest letters wrong, missing, too many or swapped: at most one in three, and at most two. `-` and `_` are one,
    /// and so is a beginning that only one word has.
    static func find(_ wrong: String, among words: [String]) -> String? {
        guard !wrong.isEmpty, wrong.utf8.count <= 40 else { return nil }
        let letters = Array(wrong.lowercased().utf8).map { $0 == 0x2D ? 0x5F : $0 }
        let near = words.map { ($0, distance(letters, Array($0.utf8))) }
            .filter { $0.1 <= min(2, max(1, $0.0.utf8.count / 3)) }
            .min { $0.1 < $1.1 }
        if let near { return near.0 }
        let begun = words.filter { $0.utf8.starts(with: letters) }
        return begun.count == 1 ? begun.first : nil
    }

    /// The optimal string alignment distance.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let changed = last[column] + (left[row] == right[column] ? 0 : 1)
                var best = min(changed, last[column + 1] + 1, current[column] + 1)
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
