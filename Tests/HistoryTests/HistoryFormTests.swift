import Foundation
import History
import Runs
import Testing

@Suite struct HistoryFormTests {
    @Test func csvHasTheKeysOfStatusJSONInItsOrder() throws {
        let text = try Sample.full().status.json(pretty: false)
        var rest = Substring(text)
        for column in HistoryColumn.ofStatus.map(\.rawValue) {
            let found = try #require(rest.range(of: "\"\(column)\":"), "\(column)")
            rest = rest[found.upperBound...]
        }
        #expect(HistoryCSV.header() == HistoryColumn.ofStatus.map(\.rawValue).joined(separator: ",") + "\r\n")
    }

    @Test func csvGivesWhatStatusJSONGives() throws {
        let status = try Sample.full().status
        let line = HistoryCSV.line(HistoryRecord(status: status, claim: 1))
        #expect(line.unicodeScalars.suffix(2).elementsEqual("\r\n".unicodeScalars))
        let fields = parsed(line)
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(status.json(pretty: false).utf8)) as? [String: Any])
        try #require(fields.count == HistoryColumn.ofStatus.map(\.rawValue).count)
        for (column, field) in zip(HistoryColumn.ofStatus.map(\.rawValue), fields) {
            switch object[column] {
            case let text as String: #expect(field == text, "\(column)")
            // Numbers, lists and objects as status.json writes them.
            default: #expect(status.json(pretty: false).contains("\"\(column)\":\(field)"), "\(column)")
            }
        }
    }

    @Test func csvLeavesOutWhatIsAbsent() throws {
        let status = try Sample.minimal().status
        let expected =
            "\(status.run),report,default,succeeded,,,,,,ann,,,\(status.submittedAt)"
            + String(repeating: ",", count: 22)
        #expect(HistoryCSV.line(HistoryRecord(status: status, claim: 1)) == expected + "\r\n")
    }

    @Test(arguments: [
        ("=1+1", "=1+1"), ("a,b", "\"a,b\""), ("a\"\u{301}b", "\"a\"\"\u{301}b\""), ("a\r\nb", "\"a\r\nb\""),
        (" x ", " x "),
    ]) func csvQuotesWhatRFC4180Asks(text: String, field: String) throws {
        var status = try Sample.minimal().status
        status.title = text
        #expect(HistoryCSV.line(HistoryRecord(status: status, claim: 1)).contains(",\(field),ann,"))
    }

    @Test func jsonIsOneLine() throws {
        let status = try Sample.full().status
        let line = HistoryJSONLines.line(status)
        #expect(line.utf8.filter { $0 == 0x0A }.count == 1 && line.utf8.last == 0x0A)
        #expect(line == status.json(pretty: false) + "\n")
    }

    @Test(arguments: HistoryError.Code.allCases) func errorsAreOneSentenceThatNamesTheFile(code: HistoryError.Code) {
        let text = HistoryError(code: code, subject: "/spool/history.sqlite", cause: "disk I/O error").description
        #expect(text.contains("/spool/history.sqlite") && text.hasSuffix("(disk I/O error)") && !text.contains("\n"))
    }

    /// One record of RFC 4180.
    private func parsed(_ line: String) -> [String] {
        var fields = [""]
        var isQuoted = false
        for scalar in line.unicodeScalars.dropLast(2) {
            switch scalar {
            case "\"":
                // The second of a doubled quote opens again, and stands for itself.
                if !isQuoted, fields[fields.count - 1].unicodeScalars.isEmpty == false {
                    fields[fields.count - 1] += "\""
                }
                isQuoted.toggle()
            case "," where !isQuoted: fields.append("")
            default: fields[fields.count - 1].unicodeScalars.append(scalar)
            }
        }
        return fields
    }
}
