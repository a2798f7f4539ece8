@testable import Bundles
import Testing

@Suite struct QuantityTests {
    @Test(arguments: [
        ("500ms", 500 as Int64?), ("90s", 90_000), ("15m", 900_000), ("1h30m", 5_400_000), ("2d", 172_800_000),
        ("90", 90_000),
        ("1.5", 1500), ("1.5h", 5_400_000), ("1d1h1m1s1ms", 90_061_001), ("0.001", 1), ("1.500000000000", 1500),
        ("", nil), ("-", nil), ("0", nil), ("0s", nil), ("-1s", nil), ("1h1h", nil), ("1m1h", nil), ("1h30", nil),
        ("s", nil),
        ("1.s", nil), (".5", nil), ("1 s", nil), ("1S", nil), ("1.5h30m", nil), ("0.0001", nil), ("1..5", nil),
        ("+1", nil),
        ("9223372036854775807", nil), ("9223372036854775ms", 9_223_372_036_854_775), ("106751991167d24h", nil),
        ("99999999999999999999d", nil), ("1e3", nil), ("0x10", nil), ("nan", nil), ("1m\u{0}", nil), ("١s", nil),
    ])
    func durations(_ text: String, _ value: Int64?) { #expect(DurationText.parse(text) == value) }

    @Test(arguments: [
        ("512KiB", 524_288 as Int64?), ("64MiB", 67_108_864), ("1GB", 1_000_000_000), ("100", 100), ("1.5KiB", 1536),
        ("0.25KiB", 256),
        ("1B", 1), ("1kB", 1000), ("1TiB", 1 << 40), ("1K", nil), ("1gib", nil), ("0", nil), ("-1", nil), ("1.5", nil),
        ("0.1KiB", nil),
        ("9223372036854775807", .max), ("9223372036854775808", nil), ("8388608TiB", nil), ("1KiB1B", nil),
    ])
    func sizes(_ text: String, _ value: Int64?) { #expect(SizeText.parse(text) == value) }

    @Test(arguments: [0, 1, 500, 1000, 61_000, 5_400_000, 90_061_001, .max] as [Int64])
    func durationsComeBack(_ value: Int64) {
        let text = DurationText.text(value)
        #expect(DurationText.parse(text) == (value == 0 ? nil : value), "\(text)")
    }

    @Test(arguments: [
        ("timout", "timeout" as String?), ("TIMEOUT", "timeout"), ("stop-grace", "stop_grace"), ("tiemout", "timeout"),
        ("envs", "env"),
        ("en", "env"), ("arg", "args"), ("xyz", nil), ("", nil), ("timeouts12", nil), ("inputs", "input"),
        ("output", "outputs"),
        ("labels ", "labels"), ("net", nil),
    ])
    func suggestions(_ wrong: String, _ meant: String?) {
        #expect(Suggestion.closest(to: wrong, among: ManifestReader.keys) == meant)
    }

    @Test(arguments: [
        ("", "", 0), ("abc", "", 3), ("abc", "acb", 1), ("abc", "abd", 1), ("abc", "ab", 1), ("kitten", "sitting", 3),
    ])
    func distances(_ left: String, _ right: String, _ distance: Int) {
        #expect(Suggestion.distance(Array(left.utf8), Array(right.utf8)) == distance)
        #expect(Suggestion.distance(Array(right.utf8), Array(left.utf8)) == distance)
    }
}
