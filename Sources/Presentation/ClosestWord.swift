internal import Bundles

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
        let near = words.map { ($0, Suggestion.distance(letters, Array($0.utf8))) }
            .filter { $0.1 <= min(2, max(1, $0.0.utf8.count / 3)) }
            .min { $0.1 < $1.1 }
        if let near { return near.0 }
        let begun = words.filter { $0.utf8.starts(with: letters) }
        return begun.count == 1 ? begun.first : nil
    }
}
