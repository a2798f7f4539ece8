internal import Bundles
internal import Glibc
public import Runs

/// Moments as people write and read them.
public enum MomentText {
    /// What may be written, for messages.
    public static let forms =
        "a date 2026-11-01, a local time '2026-11-01 14:30', RFC 3339 as 2026-11-01T14:30:00Z, a time ago as 2h or "
        + "'3d ago', now, today, yesterday, or a weekday as monday or 'last monday'"

    /// A date, a day's name or a time of the caller's time zone, RFC 3339, or a duration before now; nil for anything else.
    public static func parse(_ text: String, now: Timestamp) -> Timestamp? {
        if let moment = MomentWords.parse(text, now: now) { return moment }
        if text.hasSuffix(" ago") { return ago(String(text.dropLast(4)), now) }
        // A duration's bare number is seconds; here it would more likely be a year.
        if let moment = ago(text, now) { return moment }
        var reader = Reader(rest: Array(text.utf8)[...])
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), year >= 1970, (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        var time = (hour: 0, minute: 0, second: 0, millisecond: 0)
        if !reader.isAtEnd {
            guard reader.skip("T") || reader.skip("t") || reader.skip(" "), let hour = reader.number(2), hour < 24,
                reader.skip(":"), let minute = reader.number(2), minute < 60
            else { return nil }
            time.hour = hour
            time.minute = minute
            if reader.skip(":") {
                guard let second = reader.number(2), second < 61 else { return nil }
                time.second = second
                if reader.skip(".") {
                    guard let fraction = reader.fraction() else { return nil }
                    time.millisecond = fraction
                }
            }
        }
        var offset: Int?
        if !reader.isAtEnd {
            guard let found = reader.offset() else { return nil }
            offset = found
        }
        if !reader.isAtEnd { return nil }
        var fields = tm()
        fields.tm_year = Int32(year - 1900)
        fields.tm_mon = Int32(month - 1)
        fields.tm_mday = Int32(day)
        fields.tm_hour = Int32(time.hour)
        fields.tm_min = Int32(time.minute)
        fields.tm_sec = Int32(time.second)
        // Which of two equal local times in autumn, or whether it is summer at all, is the C library's to find out.
        fields.tm_isdst = -1
        let seconds = offset.map { timegm(&fields) - $0 } ?? mktime(&fields)
        // The 31st of a short month would become the first of the next one.
        if fields.tm_mday != Int32(day) { return nil }
        return Timestamp(milliseconds: Int64(seconds) * 1000 + Int64(time.millisecond))
    }

    private static func ago(_ text: String, _ now: Timestamp) -> Timestamp? {
        guard let last = text.utf8.last, !(0x30...0x39).contains(last), let ago = DurationText.parse(text) else {
            return nil
        }
        let (moment, overflow) = now.milliseconds.subtractingReportingOverflow(ago)
        return overflow ? nil : Timestamp(milliseconds: moment)
    }

    /// In the caller's time zone to the second, as `2026-11-01 14:30:00`.
    public static func local(_ moment: Timestamp) -> String {
        var seconds = time_t(moment.milliseconds / 1000)
        var fields = tm()
        guard localtime_r(&seconds, &fields) != nil else { return moment.description }
        var buffer = [CChar](repeating: 0, count: 64)
        let length = strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M:%S", &fields)
        return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// For a table: local time for a person at a terminal, UTC for what reads a pipe.
    public static func text(_ moment: Timestamp, local isLocal: Bool) -> String {
        isLocal ? local(moment) : moment.description
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        var isAtEnd: Bool { rest.isEmpty }

        mutating func number(_ width: Int) -> Int? {
            let digits = rest.prefix(width)
            guard digits.count == width, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            rest = rest.dropFirst(width)
            return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard let first = rest.first, UInt32(first) == character.value else { return false }
            rest = rest.dropFirst()
            return true
        }

        /// Milliseconds of one to nine decimals.
        mutating func fraction() -> Int? {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard (1...9).contains(digits.count) else { return nil }
            rest = rest.dropFirst(digits.count)
            let three = digits.prefix(3) + Array(repeating: 0x30, count: max(0, 3 - digits.count))
            return three.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }

        /// Seconds east of Greenwich.
        mutating func offset() -> Int? {
            if skip("Z") || skip("z") { return 0 }
            let isEast = skip("+")
            guard isEast || skip("-"), let hours = number(2), hours < 24, skip(":"), let minutes = number(2),
                minutes < 60
            else { return nil }
            return (isEast ? 1 : -1) * (hours * 3600 + minutes * 60)
        }
    }
}
