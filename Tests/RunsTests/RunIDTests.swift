import Runs
import Testing

@Suite("Run ids")
struct RunIDTests {
    /// Gives the same bits every time.
    struct Counting: RandomNumberGenerator {
        var value: UInt64
        mutating func next() -> UInt64 {
            value &+= 0x9E37_79B9_7F4A_7C15
            return value
        }
    }

    @Test(
        "The specification's example and the bounds spell themselves",
        arguments: [
            ("01ARZ3NDEKTSV4RRFFQ69G5FAV", 1_469_922_850_259), ("00000000000000000000000000", 0),
            ("7ZZZZZZZZZZZZZZZZZZZZZZZZZ", 281_474_976_710_655), ("01BX5ZZKBKACTAV9WEVGEMMVRZ", 1_508_808_576_371),
        ] as [(String, Int64)])
    func vectors(text: String, milliseconds: Int64) throws {
        let run = try #require(RunID(text))
        #expect(run.description == text)
        #expect(run.time.milliseconds == milliseconds)
    }

    @Test(
        "Nothing else is a run id",
        arguments: [
            "", "01ARZ3NDEKTSV4RRFFQ69G5FA", "01ARZ3NDEKTSV4RRFFQ69G5FAVV", "81ARZ3NDEKTSV4RRFFQ69G5FAV",
            "Z1ARZ3NDEKTSV4RRFFQ69G5FAV", "01arz3ndektsv4rrffq69g5fav", "01ARZ3NDEKTSV4RRFFQ69G5FAv",
            "01ARZ3NDEKTSV4RRFFQ69G5FAI", "01ARZ3NDEKTSV4RRFFQ69G5FAL", "01ARZ3NDEKTSV4RRFFQ69G5FAO",
            "01ARZ3NDEKTSV4RRFFQ69G5FAU", "01ARZ3NDEKTSV4RRFFQ69G5FA-", "01ARZ3NDEKTSV4RRFFQ69G5F/.",
            "01ARZ3NDEKTSV4RRFFQ69G5FA\u{E9}", " 1ARZ3NDEKTSV4RRFFQ69G5FAV",
        ])
    func refused(text: String) { #expect(RunID(text) == nil) }

    @Test("The order of text, of values and of time is one")
    func order() {
        var generator = Counting(value: 1)
        var last: RunID?
        for milliseconds in [0, 1, 31, 32, 1023, 1_469_922_850_259, 1_469_922_850_260, 281_474_976_710_655] as [Int64] {
            let run = RunID(at: Timestamp(milliseconds: milliseconds), using: &generator)
            #expect(run.time.milliseconds == milliseconds)
            #expect(RunID(run.description) == run)
            if let last {
                #expect(last < run)
                #expect(last.description < run.description)
            }
            last = run
        }
    }

    @Test("Random ids come back from their text, and are in its order")
    func roundTrip() throws {
        var generator = Counting(value: 42)
        var runs: [RunID] = []
        for _ in 0..<2000 {
            let time = Timestamp(milliseconds: Int64(generator.next() >> 17))
            let run = RunID(at: time, using: &generator)
            #expect(RunID(run.description) == run)
            #expect(run.time == time)
            runs.append(run)
        }
        #expect(runs.sorted().map(\.description) == runs.map(\.description).sorted())
    }

    @Test("A time before 1970 counts as 1970", arguments: [-1, Int64.min])
    func clamped(milliseconds: Int64) {
        var generator = Counting(value: 7)
        #expect(RunID(at: Timestamp(milliseconds: milliseconds), using: &generator).time.milliseconds == 0)
    }

    @Test("New ids differ and are of now")
    func new() {
        let before = Timestamp.now()
        let runs = (0..<100).map { _ in RunID.new() }
        #expect(Set(runs).count == 100)
        #expect(runs.allSatisfy { $0.time >= before && $0.time <= Timestamp.now() })
    }
}
