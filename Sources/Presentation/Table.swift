/// Rows of text in aligned columns, two spaces between them.
public struct Table: Sendable {
    public struct Column: Sendable {
        let title: String
        let isRight: Bool
        /// A column that may be cut where the terminal is too narrow; never below its title or 8.
        let isFlexible: Bool

        public init(_ title: String, right: Bool = false, flexible: Bool = false) {
            self.title = title
            isRight = right
            isFlexible = flexible
        }
    }

    public struct Cell: Sendable, ExpressibleByStringInterpolation {
        let text: String
        let tint: Tint

        public init(_ text: String, _ tint: Tint = .plain) {
            self.text = text
            self.tint = tint
        }

        public init(stringLiteral value: String) { self.init(value) }
    }

    private let columns: [Column]
    private var rows: [[Cell]] = []

    public init(_ columns: [Column]) { self.columns = columns }

    public var isEmpty: Bool { rows.isEmpty }

    public mutating func add(_ cells: [Cell]) { rows.append(cells) }

    /// The finished lines, the title line first.
    ///
    /// - Parameter width: Columns of the terminal; nil: as wide as it gets.
    public func lines(width: Int?, tinted: Bool) -> [String] {
        let titles = columns.map { Cell($0.title, .dim) }
        let widths = fittedWidths(width)
        return ([titles] + rows).map { row in
            var line = ""
            // Spaces that follow the last text of a line are not printed: they would wrap in a narrow terminal.
            var gap = 0
            for (index, cell) in row.enumerated() where index < columns.count {
                let text = TextWidth.cut(cell.text, to: widths[index])
                let padding = widths[index] - TextWidth.of(text)
                if index > 0 { gap += 2 }
                if columns[index].isRight { gap += padding }
                if !text.isEmpty {
                    line += String(repeating: " ", count: gap) + (tinted ? cell.tint.around(text) : text)
                    gap = 0
                } else {
                    gap += TextWidth.of(text)
                }
                if !columns[index].isRight { gap += padding }
            }
            return line
        }
    }

    private func fittedWidths(_ width: Int?) -> [Int] {
        var widths = columns.map { TextWidth.of($0.title) }
        for row in rows {
            for (index, cell) in row.enumerated() where index < columns.count {
                widths[index] = max(widths[index], TextWidth.of(cell.text))
            }
        }
        guard let width else { return widths }
        var excess = widths.reduce(0, +) + 2 * (columns.count - 1) - width
        // The widest flexible column gives first, so that several of them end up alike.
        while excess > 0 {
            let candidates = columns.indices.filter {
                columns[$0].isFlexible && widths[$0] > max(8, TextWidth.of(columns[$0].title))
            }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }
}
