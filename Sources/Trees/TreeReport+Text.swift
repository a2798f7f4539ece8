internal import Linux

/// A report as text, for the pipe between the unpacker or the launcher and the daemon: a line an item, its parts separated by
/// tabs, names escaped, the last line `end`, without which it was cut off.
extension TreeReport {
    /// No report is longer, whatever the tree.
    public static let maximumText = 1 << 20

    public var text: String {
        var text = "tree 1\nentries\t\(entries)\nbytes\t\(bytes)\nproblems\t\(problemCount)\n"
        for limit in exceeded { text += "exceeded\t\(limit.rawValue)\n" }
        for problem in problems {
            let path = escaped(problem.path)
            let detail = escaped(problem.detail.utf8)
            text += "problem\t\(problem.code.rawValue)\t\(problem.kind.word)\t\(path)\t\(detail)\n"
        }
        return text + "end\n"
    }

    /// Reads `text` back; nil for anything that it would not have written. The writer may have been taken over by a stranger.
    public init?(text bytes: [UInt8]) {
        guard bytes.count <= TreeReport.maximumText, bytes.last == 0x0A else { return nil }
        let lines = bytes.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false)
        guard lines.count >= 5, lines[0].elementsEqual("tree 1".utf8), lines[lines.count - 1].elementsEqual("end".utf8),
            let entries = TreeReport.number(in: lines[1], after: "entries"),
            let total = TreeReport.number(in: lines[2], after: "bytes"),
            let count = TreeReport.number(in: lines[3], after: "problems")
        else { return nil }
        self.init()
        self.entries = Int(entries)
        self.bytes = total
        for line in lines[4..<(lines.count - 1)] {
            let parts = line.split(separator: 0x09, omittingEmptySubsequences: false)
            switch String(validating: parts[0], as: UTF8.self) {
            case "exceeded":
                guard parts.count == 2, let word = String(validating: parts[1], as: UTF8.self),
                    let limit = Exceeded(rawValue: word), !exceeded.contains(limit)
                else { return nil }
                note(exceeded: limit)
            case "problem":
                guard parts.count == 5, problems.count < TreeReport.maximumProblems,
                    let problem = TreeProblem(code: parts[1], kind: parts[2], path: parts[3], detail: parts[4])
                else { return nil }
                note(problem)
            default: return nil
            }
        }
        // More are counted than listed only when the list is full.
        guard count == problems.count || (count > problems.count && problems.count == TreeReport.maximumProblems) else {
            return nil
        }
        setProblemCount(Int(count))
        // The same could be escaped in other ways; one that is not the writer's says that it was not the writer.
        guard text.utf8.elementsEqual(bytes) else { return nil }
    }

    /// A number that is not negative, written in the one shortest way.
    private static func number(in line: some Collection<UInt8>, after word: String) -> Int64? {
        let start = Array("\(word)\t".utf8)
        guard line.starts(with: start), line.count <= start.count + 19 else { return nil }
        let digits = line.dropFirst(start.count)
        guard let first = digits.first, digits.allSatisfy({ (0x30...0x39).contains($0) }),
            first != 0x30 || digits.count == 1
        else { return nil }
        return Int64(String(decoding: digits, as: UTF8.self))
    }
}

extension TreeProblem {
    fileprivate init?<Bytes: Collection<UInt8>>(code: Bytes, kind: Bytes, path: Bytes, detail: Bytes) {
        guard let codeText = String(validating: code, as: UTF8.self), let code = Code(rawValue: codeText),
            let kind = FileKind(word: String(decoding: kind, as: UTF8.self)),
            let path = unescaped(path), path.count <= TreeProblem.maximumPath,
            let detailBytes = unescaped(detail), detailBytes.count <= TreeProblem.maximumDetail,
            let detail = String(validating: detailBytes, as: UTF8.self)
        else { return nil }
        self.init(code, kind: kind, path: path, detail: detail)
    }
}

extension FileKind {
    fileprivate init?(word: String) {
        let all: [FileKind] = [.regular, .directory, .link, .fifo, .socket, .characterDevice, .unknown]
        guard let kind = all.first(where: { $0.word == word }) else { return nil }
        self = kind
    }
}

/// What `escaped` made of bytes, turned back; nil if it is not of its making.
private func unescaped(_ text: some Collection<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = text[...]
    while let byte = rest.popFirst() {
        if byte < 0x20 || byte == 0x7F { return nil }
        if byte != 0x5C {
            bytes.append(byte)
            continue
        }
        guard rest.popFirst() == 0x78, let high = rest.popFirst().flatMap(hexDigit),
            let low = rest.popFirst().flatMap(hexDigit)
        else { return nil }
        bytes.append(high << 4 | low)
    }
    return bytes
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
}
