#if DEBUG
/// What a point is called every time, whatever ids and numbers there are.
enum CutName {
    /// A run's id becomes `RUN`. One whose random part begins with twelve zeros, as tests choose them, keeps what follows, so that
    /// several runs can be told apart: `…0000000000000002` becomes `RUN2`. A file without a name loses its number.
    static func general(_ text: String) -> String {
        var result = ""
        var word = ""
        for character in text {
            if character.isASCII, character.isLetter || character.isNumber {
                word.append(character)
            } else {
                result += general(word: word)
                word = ""
                result.append(character)
            }
        }
        return result + general(word: word)
    }

    private static func general(word: String) -> String {
        if word.count == 26, word.first?.isNumber == true, word.allSatisfy({ $0.isNumber || $0.isUppercase }) {
            let random = word.suffix(16)
            if !random.hasPrefix("000000000000") { return "RUN" }
            return "RUN\(random.drop { $0 == "0" })"
        }
        // The number of an unnamed file's inode, and of a process.
        return word.count > 4 && word.allSatisfy(\.isNumber) ? "N" : word
    }
}
#endif
