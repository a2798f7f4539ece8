import Runs
import Testing

@testable import Presentation

@Suite struct MomentTextTests {
    private let now = Timestamp(milliseconds: 1_800_000_000_000)

    @Test(arguments: [
        ("2026-11-01T14:30:00Z", "2026-11-01T14:30:00.000Z"),
        ("2026-11-01T14:30:00.123456Z", "2026-11-01T14:30:00.123Z"),
        ("2026-11-01t14:30:00.5z", "2026-11-01T14:30:00.500Z"),
        ("2026-11-01T14:30:00+02:00", "2026-11-01T12:30:00.000Z"),
        ("2026-11-01 14:30-00:30", "2026-11-01T15:00:00.000Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"),
    ])
    func momentsWithAnOffset(text: String, moment: String) {
        #expect(MomentText.parse(text, now: now)?.description == moment)
    }

    @Test(arguments: [("2h", 7_200_000), ("1h30m", 5_400_000), ("3d", 259_200_000), ("90s", 90_000)])
    func timesAgo(text: String, milliseconds: Int64) {
        #expect(MomentText.parse(text, now: now)?.milliseconds == now.milliseconds - milliseconds)
    }

    /// Friday the 15th of January 2027, 08:00 in UTC; midnights are the caller's.
    @Test(arguments: [
        ("today", 0), ("Yesterday", 1), ("friday", 0), ("last friday", 7), ("thursday", 1), ("Last  Thursday", 1),
        ("saturday", 6), ("sunday", 5),
    ])
    func days(text: String, before: Int) throws {
        let moment = try #require(MomentText.parse(text, now: now))
        let local = MomentText.local(moment)
        #expect(local.hasSuffix(" 00:00:00"))
        let here = try #require(MomentText.parse(String(MomentText.local(now).prefix(10)), now: now))
        // A day of summer time's change is an hour longer or shorter.
        let days = (Double(here.milliseconds - moment.milliseconds) / 86_400_000).rounded()
        let isFriday = MomentText.local(now).hasPrefix("2027-01-15")
        if isFriday { #expect(Int(days) == before) }
    }

    @Test func wordsOfNow() {
        #expect(MomentText.parse("now", now: now) == now)
        #expect(MomentText.parse("2h ago", now: now) == MomentText.parse("2h", now: now))
    }

    @Test(arguments: [
        ("report", ["report", "state"], "; did you mean 'report'?"),
        ("stat", ["report", "state"], "; did you mean 'state'?"),
        ("wall", ["wall_seconds", "wait_seconds"], "; did you mean 'wall_seconds'?"), ("x", ["report"], ""),
        ("onwer", ["day", "owner"], "; did you mean 'owner'?"),
        ("", ["a"], ""),
        (String(repeating: "a", count: 100), ["a"], ""),
    ])
    func closestWords(wrong: String, words: [String], hint: String) {
        #expect(ClosestWord.hint(for: wrong, among: words) == hint)
    }

    @Test(arguments: [
        (0, 10, ""), (10, 10, "████"), (5, 10, "██"), (1, 1000, "▏"), (3, 32, "▍"), (99, 10, "████"), (-1, 10, ""),
        (1, 0, ""),
    ])
    func bars(value: Int64, greatest: Int64, bar: String) {
        #expect(Bar.text(value, of: greatest, width: 4) == bar)
    }

    @Test func localTimesComeBackAsTheyWere() {
        for text in ["2026-11-01 14:30:00", "2026-07-01 00:00:00"] {
            let moment = MomentText.parse(text, now: now)
            #expect(moment.map(MomentText.local) == text)
        }
        #expect(MomentText.parse("2026-11-01", now: now) == MomentText.parse("2026-11-01T00:00", now: now))
    }

    @Test(arguments: [
        "", "yesterdy", "ago", "2 ago", " ago", "next monday", "last", "last today", "mon", "yesterday ago", "2026",
        "90", "2026-11", "2026-13-01", "2026-00-10", "2026-02-30T00:00:00Z", "2025-02-29",
        "2026-11-01T",
        "2026-11-01T25:00", "2026-11-01T10:60", "2026-11-01T10:00:00+2:00", "2026-11-01T10:00:00Zx", "-2h", "0",
        "99999999999999999999",
        "2026-11-01T10:00:00.", "1969-12-31", "nan", "٢٠٢٦-11-01",
    ])
    func nonsenseIsNoMoment(text: String) { #expect(MomentText.parse(text, now: now) == nil) }

    @Test(arguments: [
        (0, "0 ms"), (999, "999 ms"), (1000, "1.0 s"), (59_999, "59.9 s"), (60_000, "1m 00s"), (3_599_999, "59m 59s"),
        (3_600_000, "1h 00m"), (90_000_000, "1d 01h"), (-5, "0 ms"),
    ])
    func elapsed(milliseconds: Int64, text: String) { #expect(ElapsedText.text(milliseconds) == text) }

    @Test(arguments: [
        (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (1_048_575, "1023 KiB"),
        (1_048_576, "1.0 MiB"),
        (1 << 30, "1.0 GiB"), (Int64.max, "8388607 TiB"), (-1, "0 B"),
    ])
    func bytes(bytes: Int64, text: String) { #expect(BytesText.text(bytes) == text) }
}
