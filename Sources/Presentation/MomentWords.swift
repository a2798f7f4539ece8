internal import Glibc
internal import Runs

/// Moments in words: days begin at midnight of the caller's time zone.
enum MomentWords {
    private static let weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]

    /// What `today`, `last monday` or `now` says; nil for anything else.
    static func parse(_ text: String, now: Timestamp) -> Timestamp? {
        let words = text.lowercased().split(separator: " ").map(String.init)
        switch words {
        case ["now"]: return now
        case ["today"]: return midnight(daysBefore: 0, now)
        case ["yesterday"]: return midnight(daysBefore: 1, now)
        default: break
        }
        guard let name = words.last, let day = weekdays.firstIndex(of: name), let today = weekday(now) else {
            return nil
        }
        let since = (today - day + 7) % 7
        switch words.dropLast() {
        case []: return midnight(daysBefore: since, now)
        // On a Monday, the one before.
        case ["last"]: return midnight(daysBefore: since == 0 ? 7 : since, now)
        default: return nil
        }
    }

    private static func fields(_ now: Timestamp) -> tm? {
        var seconds = time_t(now.milliseconds / 1000)
        var fields = tm()
        return localtime_r(&seconds, &fields) == nil ? nil : fields
    }

    private static func weekday(_ now: Timestamp) -> Int? { fields(now).map { Int($0.tm_wday) } }

    private static func midnight(daysBefore days: Int, _ now: Timestamp) -> Timestamp? {
        guard var fields = fields(now) else { return nil }
        fields.tm_mday -= Int32(days)
        fields.tm_hour = 0
        fields.tm_min = 0
        fields.tm_sec = 0
        // Whether it was summer then is the C library's to find out.
        fields.tm_isdst = -1
        return Timestamp(milliseconds: Int64(mktime(&fields)) * 1000)
    }
}
