import Runs
import Testing

@Suite("Moments")
struct TimestampTests {
    // The values are date(1)'s.
    @Test(
        "Known moments",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (951_868_800_001, "2000-03-01T00:00:00.001Z"),
            (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"), (-2_203_977_600_000, "1900-02-28T00:00:00.000Z"),
            (1_795_229_640_123, "2026-11-21T02:54:00.123Z"), (2_147_483_648_000, "2038-01-19T03:14:08.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"), (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func known(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test("Each day of 1600 to 2401 follows the one before, as a calendar counts them")
    func everyDay() {
        func length(_ year: Int, _ month: Int) -> Int {
            if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
            return [4, 6, 9, 11].contains(month) ? 30 : 31
        }
        func padded(_ value: Int, _ width: Int) -> String {
            String(repeating: "0", count: width - String(value).count) + String(value)
        }
        var moment: Int64 = -11_676_096_000_000
        var wrong: [String] = []
        for year in 1600...2401 {
            for month in 1...12 {
                for day in 1...length(year, month) {
                    let text = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T12:34:56.789Z"
                    let stamp = Timestamp(milliseconds: moment + 45_296_789)
                    if stamp.description != text || Timestamp(text) != stamp { wrong.append(text) }
                    moment += 86_400_000
                }
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test(
        "Nothing else is a moment",
        arguments: [
            "", "2026-11-21T02:54:00Z", "2026-11-21 02:54:00.123Z", "2026-11-21T02:54:00.123+00:00",
            "2026-13-21T02:54:00.123Z", "2026-00-21T02:54:00.123Z", "2026-11-00T02:54:00.123Z",
            "2026-11-32T02:54:00.123Z", "2026-11-31T02:54:00.123Z", "2026-02-29T02:54:00.123Z",
            "1900-02-29T02:54:00.123Z", "2026-11-21T24:00:00.000Z", "2026-11-21T02:60:00.000Z",
            "2026-11-21T02:54:61.000Z", "-026-11-21T02:54:00.123Z", "+026-11-21T02:54:00.123Z",
            "2026-11-21T02:54:00.12\u{663}", "2026-11-21T02:54:00.123z", "2026-11-21t02:54:00.123Z",
        ])
    func refused(text: String) { #expect(Timestamp(text) == nil) }

    @Test("The ends of the range can be shown", arguments: [Int64.min, .max])
    func extremes(milliseconds: Int64) { #expect(!Timestamp(milliseconds: milliseconds).description.isEmpty) }
}
