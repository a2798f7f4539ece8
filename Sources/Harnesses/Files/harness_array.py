"""The items of a JSON list, read in pieces: a file of 100 MB needs the memory of its largest item."""

from io import TextIOWrapper

PIECE = 1 << 20  # characters


def items(file, path):
    window = _Window(TextIOWrapper(file, "utf-8-sig", newline=""))
    json = harness.part("json")
    try:
        if window.next_character() != "[":
            raise harness.Complaint("the input is not a list; 'mode: rows' calls once for each item of one", path)
        window.at += 1
        separator = window.next_character()
        while separator != "]":
            yield window.value(json)
            separator = window.next_character()
            if separator not in (",", "]"):
                raise json.NotJSON("',' or ']' is missing", *window.place())
            if separator == ",":
                window.at += 1
                window.next_character()
        window.at += 1
        if window.next_character():
            raise json.NotJSON("more after the list's end", *window.place())
    except UnicodeDecodeError:
        raise
    except json.WRONG as error:
        found = json.explained(error, window.text, window.at)
        line = window.lines + found.line if found.line else None
        raise harness.Complaint(f"the input is not JSON: {found.message}", path, line)


class _Window:
    """The piece of text that is being looked at, from `at` on."""

    def __init__(self, file):
        self.file = file
        self.text = ""
        self.at = 0
        self.lines = 0  # before the text

    def more(self):
        """Reads on; whether there was more. What has been passed is dropped. A large item is not copied too often."""
        piece = self.file.read(max(PIECE, len(self.text) - self.at))
        self.lines += self.text.count("\n", 0, self.at)
        self.text = self.text[self.at:] + piece
        self.at = 0
        return bool(piece)

    def next_character(self):
        """The next one that is not space, which `at` then is at; empty at the end."""
        character = self.text[self.at : self.at + 1]
        while character <= " ":
            self.at = harness.part("json").skip_space(self.text, self.at)
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""
        return character

    def value(self, json):
        """The value at `at`. Without a character after it, more of it may follow, for 12 may be the start of 123."""
        is_all = False
        while True:
            try:
                value, end = json.scan(self.text, self.at)
            except (json.NotJSON, RecursionError):
                raise
            except json.WRONG:  # or it breaks off here
                if is_all:
                    raise
                is_all = not self.more()
                continue
            if end < len(self.text) or not self.more():
                self.at = end
                return value

    def place(self):
        return harness.part("json").place(self.text, self.at)
