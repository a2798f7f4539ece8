internal import CYAML

/// Reads YAML through libyaml's events.
///
/// Events, not documents: the composer builds aliases before anybody can refuse them and stops at the first repeated key.
/// The event parser keeps its own stacks on the heap, so depth costs it no recursion.
enum YAMLReader {
    /// - Parameter text: UTF-8 without a byte order mark.
    static func read(_ text: [UInt8], levels: Int, findings: Findings) throws(SyntaxFailure) -> Node? {
        let escapes = SurrogateEscapes(text)
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        defer { parser.deallocate() }
        if yaml_parser_initialize(parser) == 0 { throw SyntaxFailure(.syntax, "there is no memory to read it") }
        defer { yaml_parser_delete(parser) }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        var builder = TreeBuilder(levels: levels, findings: findings)
        try escapes.text.withUnsafeBufferPointer { buffer throws(SyntaxFailure) in
            yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
            var documents = 0
            while true {
                var event = yaml_event_t()
                if yaml_parser_parse(parser, &event) == 0 { throw failure(of: parser.pointee, in: buffer) }
                defer { yaml_event_delete(&event) }
                switch event.type {
                case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return
                case YAML_DOCUMENT_START_EVENT:
                    documents += 1
                    if documents > 1 {
                        throw SyntaxFailure(
                            .syntax, "a second document begins here; only one is allowed", event.position)
                    }
                default: try take(event, escapes, &builder, findings)
                }
            }
        }
        return builder.root
    }

    private static func take(
        _ event: yaml_event_t, _ escapes: SurrogateEscapes, _ builder: inout TreeBuilder, _ findings: Findings
    ) throws(SyntaxFailure) {
        switch event.type {
        case YAML_ALIAS_EVENT:
            findings.add(.syntax, "aliases are not allowed; write the value again", at: event.position)
            builder.add(Node(content: .unreadable, position: event.position))
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            refuse(anchor: scalar.anchor, tag: scalar.tag, at: event.position, findings)
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isEscaped = scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE
            guard let text = escapes.restored(Array(bytes), wasEscaped: isEscaped) else {
                findings.add(.badValue, "half of a surrogate pair is no character", at: event.position)
                builder.add(Node(content: .unreadable, position: event.position))
                return
            }
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
            builder.add(Node(content: .scalar(.init(text: text, isPlain: isPlain)), position: event.position))
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            refuse(anchor: start.anchor, tag: start.tag, at: event.position, findings)
            try builder.open(isMapping: false, at: event.position)
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            refuse(anchor: start.anchor, tag: start.tag, at: event.position, findings)
            try builder.open(isMapping: true, at: event.position)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: builder.close()
        default: break
        }
    }

    private static func refuse(
        anchor: UnsafeMutablePointer<yaml_char_t>?, tag: UnsafeMutablePointer<yaml_char_t>?, at position: Position,
        _ findings: Findings
    ) {
        if anchor != nil { findings.add(.syntax, "anchors are not allowed", at: position) }
        if tag != nil { findings.add(.syntax, "tags are not allowed", at: position) }
    }

    private static func failure(of parser: yaml_parser_t, in text: UnsafeBufferPointer<UInt8>) -> SyntaxFailure {
        let problem = parser.problem.map { String(cString: $0) } ?? "cannot be read"
        let context = parser.context.map { " " + String(cString: $0) } ?? ""
        if parser.error == YAML_READER_ERROR {
            // The reader, ahead of the scanner, says a byte and no line.
            return SyntaxFailure(.syntax, problem, position(ofByte: parser.problem_offset, in: text))
        }
        return SyntaxFailure(.syntax, problem + context, Position(parser.problem_mark))
    }

    private static func position(ofByte offset: Int, in text: UnsafeBufferPointer<UInt8>) -> Position {
        var line = 1
        var column = 1
        for byte in text.prefix(offset) {
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return Position(line: line, column: column)
    }
}

extension Position {
    fileprivate init(_ mark: yaml_mark_t) { self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1) }
}

extension yaml_event_t {
    fileprivate var position: Position { Position(start_mark) }
}
