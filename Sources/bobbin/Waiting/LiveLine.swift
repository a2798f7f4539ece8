import Presentation

/// One line on the terminal that says what a command waits for, and is gone afterwards. Nothing where there is no terminal.
struct LiveLine {
    private var shown = ""

    mutating func show(_ text: String) {
        guard let width = Console.width(of: 2) else { return }
        // One column stays free: a terminal wraps after the last one, and then the line could not be erased.
        let line = TextWidth.cut(text, to: width - 1)
        if line == shown { return }
        shown = line
        Console.show("\r\u{1B}[K" + line)
    }

    mutating func erase() {
        if shown.isEmpty { return }
        shown = ""
        Console.show("\r\u{1B}[K")
    }
}
