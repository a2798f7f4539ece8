import Runs
import Testing

@testable import Presentation

@Suite struct RunSelectorTests {
    private let run = "01KAEZ0000000000000000000A"

    @Test func aWholeIdIsTheRun() throws {
        let selector = try #require(RunSelector(run))
        #expect(selector.run?.description == run)
        #expect(selector.name == nil)
        #expect(selector.beginning == nil)
    }

    @Test func aResultsDirectoryNamesBoth() throws {
        let selector = try #require(RunSelector("spool/outbox/nightly/report.v2.\(run)/"))
        #expect(selector.run?.description == run)
        #expect(selector.name?.description == "report.v2")
        #expect(selector.queue?.description == "nightly")
    }

    @Test(arguments: [
        ("report", nil), ("nightly/report", "nightly"), ("./report", nil), ("outbox/nightly/report", "nightly"),
    ])
    func names(text: String, queue: String?) throws {
        let selector = try #require(RunSelector(text))
        #expect(selector.name?.description == "report")
        #expect(selector.queue?.description == queue)
    }

    @Test(arguments: [
        ("01KAEZ", true), ("0", true), ("8", false), ("01kaez", false), ("01KAEU", false), ("report", false),
    ])
    func beginnings(text: String, isOne: Bool) { #expect((RunSelector(text)?.beginning != nil) == isOne) }

    @Test(arguments: ["", "/", "a b", "..", "\u{1B}", "-x"])
    func whatNamesNothing(text: String) { #expect(RunSelector(text) == nil) }
}
