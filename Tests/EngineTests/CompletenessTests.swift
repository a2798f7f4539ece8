import Linux
import Runs
import SandboxProtocol
import Testing

@testable import Engine

@Suite("When a drop is complete")
struct CompletenessTests {
    static let start = SuspendingClock.now

    static func file(_ digest: UInt64 = 1, size: Int64 = 10, written: Bool = false) -> DropLook {
        DropLook(
            kind: .regular, owner: 0, size: size, digest: digest, entries: 0, isBeingWritten: written,
            hasTransferName: false)
    }

    static func directory(
        _ digest: UInt64 = 1, entries: Int64 = 2, written: Bool = false, transfer: Bool = false
    ) -> DropLook {
        DropLook(
            kind: .directory, owner: 0, size: 0, digest: digest, entries: entries, isBeingWritten: written,
            hasTransferName: transfer)
    }

    /// What happened, at which millisecond.
    enum Event {
        case event(Int64)
        case look(Int64, DropLook, Completeness.Decision)
    }

    struct Story: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let origin: Completeness.Origin
        let events: [Event]

        init(_ name: String, _ origin: Completeness.Origin, _ events: [Event]) {
            testDescription = name
            self.origin = origin
            self.events = events
        }
    }

    static let stories: [Story] = [
        Story("a file: quiet since its last event", .written, [.event(50), .look(250, file(), .take)]),
        Story(
            "a file: not quiet for long enough yet", .written,
            [.event(100), .look(200, file(), .lookAgain(after: 100)), .look(300, file(), .take)]),
        Story(
            "a file: open for writing, however quiet", .written,
            [
                .look(200, file(written: true), .lookAgain(after: 200)),
                .look(5000, file(written: true), .lookAgain(after: 500)),
                .look(30_000, file(written: true), .lookAgain(after: 3000)), .event(30_100),
                .look(30_300, file(), .take),
            ]),
        Story(
            "a file: changed by an event that came", .written,
            [.event(0), .look(150, file(1), .lookAgain(after: 50)), .event(160), .look(360, file(2), .take)]),
        Story(
            "a file: changed, and no event told of it", .written,
            [
                .look(200, file(1, written: true), .lookAgain(after: 200)), .look(400, file(2), .lookAgain(after: 200)),
                .look(600, file(2), .take),
            ]),
        Story(
            "an empty file: two looks, settle apart", .written,
            [
                .look(200, file(size: 0), .lookAgain(after: 2000)), .look(2199, file(size: 0), .lookAgain(after: 1)),
                .look(2200, file(size: 0), .take),
            ]),
        Story(
            "an empty file that is filled: as any file", .written,
            [.look(200, file(1, size: 0), .lookAgain(after: 2000)), .event(300), .look(500, file(2), .take)]),
        Story(
            "a file found by a scan: two looks", .found,
            [.look(0, file(), .lookAgain(after: 2000)), .look(2000, file(), .take)]),
        Story(
            "a directory: two equal looks, settle apart", .written,
            [
                .look(200, directory(), .lookAgain(after: 2000)), .look(1200, directory(), .lookAgain(after: 1000)),
                .look(2200, directory(), .take),
            ]),
        Story(
            "a directory that changes: from the change on", .written,
            [
                .look(200, directory(1), .lookAgain(after: 2000)), .look(2200, directory(2), .lookAgain(after: 2000)),
                .look(4199, directory(2), .lookAgain(after: 1)), .look(4200, directory(2), .take),
            ]),
        Story(
            "a directory with a file open for writing", .written,
            [
                .look(0, directory(written: true), .lookAgain(after: 2000)),
                .look(9000, directory(written: true), .lookAgain(after: 2000)),
                .look(11_000, directory(), .lookAgain(after: 2000)), .look(13_000, directory(), .take),
            ]),
        Story(
            "a directory with a transfer name in it", .written,
            [
                .look(0, directory(transfer: true), .lookAgain(after: 2000)),
                .look(90_000, directory(transfer: true), .lookAgain(after: 9000)),
            ]),
        Story(
            "an empty directory never", .found,
            [
                .look(0, directory(entries: 0), .lookAgain(after: 2000)),
                .look(50_000, directory(entries: 0), .lookAgain(after: 5000)),
                .look(80_000_000, directory(entries: 0), .lookAgain(after: 60_000)),
                .look(86_400_000, directory(entries: 0), .lookAgain(after: 60_000)),
                .look(86_400_001, directory(entries: 0), .giveUp("the directory is empty")),
            ]),
        Story(
            "what is written for a day is given up", .written,
            [
                .look(0, file(written: true), .lookAgain(after: 200)),
                .look(86_400_001, file(written: true), .giveUp("a file of it is open for writing")),
            ]),
        Story(
            "what changes for a day is given up", .found,
            [
                .look(0, directory(1), .lookAgain(after: 2000)),
                .look(86_400_001, directory(2), .giveUp("it keeps changing")),
            ]),
        Story(
            "what is complete after a day is taken", .found,
            [.look(86_390_000, directory(), .lookAgain(after: 2000)), .look(86_500_000, directory(), .take)]),
    ]

    @Test(arguments: stories)
    func decisions(story: Story) {
        var completeness = Completeness(origin: story.origin, now: Self.start)
        let settings = Settings.Intake()
        for event in story.events {
            switch event {
            case .event(let time): completeness.lastChange = Self.start + .milliseconds(time)
            case .look(let time, let look, let decision):
                #expect(
                    completeness.decide(look, now: Self.start + .milliseconds(time), settings) == decision, "at \(time)"
                )
            }
        }
    }
}
