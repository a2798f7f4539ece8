import Linux
import Runs
import Spool
import SystemPackage
import TestSupport
import Testing
import Trees

@testable import Engine

@Suite("Ending a run")
struct SupervisionTests {
    @Test("TERM once, KILL after the grace, and the first reason by rank counts")
    func timeline() {
        var supervision = Supervision()
        #expect(supervision.handle(.graceOver) == nil)
        #expect(supervision.handle(.timeout) == .terminate)
        #expect(supervision.reason == .timedOut)
        #expect(supervision.handle(.end(.interrupted)) == nil)
        #expect(supervision.reason == .interrupted)
        #expect(supervision.handle(.end(.cancelled(by: "anna"))) == nil)
        #expect(supervision.handle(.end(.cancelled(by: "bert"))) == nil)
        #expect(supervision.handle(.timeout) == nil)
        #expect(supervision.reason == .cancelled(by: "anna"))
        #expect(supervision.handle(.graceOver) == .kill)
        #expect(supervision.handle(.ended) == .finish)
    }

    @Test("Who fills the disk is killed at once, even in its grace")
    func overOutput() {
        var supervision = Supervision()
        #expect(supervision.handle(.end(.overOutput(.output))) == .kill)
        #expect(supervision.reason == .overOutput(.output))
        supervision = Supervision()
        #expect(supervision.handle(.timeout) == .terminate)
        #expect(supervision.handle(.end(.overOutput(.output))) == .kill)
        #expect(supervision.reason == .timedOut)
    }

    @Test("What comes after the end is not why it ended")
    func late() {
        for event in [.timeout, .graceOver, .end(.cancelled(by: "anna")), .end(.interrupted), .ended]
            as [Supervision.Event]
        {
            var supervision = Supervision()
            #expect(supervision.handle(.ended) == .finish)
            #expect(supervision.handle(event) == nil)
            #expect(supervision.reason == nil)
        }
    }
}

@Suite("Which result a name shows")
struct LinkRegistryTests {
    let scratch: Scratch
    let outbox: Directory
    let registry = LinkRegistry()

    init() throws {
        scratch = try Scratch()
        outbox = scratch.root
    }

    private func claim(_ sequence: Int64, old: RunRecord.Claim? = nil) throws -> RunRecord.Claim {
        var claim = RunRecord.Claim(
            run: .new(), queue: try #require(QueueName("default")), name: try #require(BundleName("report")),
            entry: "report", sequence: sequence, submittedAt: .now(), owner: 0, group: 0)
        claim.oldLink = old.map { SpoolLayout.directory($0.name, $0.run).bytes }
        return claim
    }

    private func shown() throws -> RunID? {
        try ResultLinks(outbox: outbox).target(of: #require(BundleName("report"))).flatMap {
            BundleName.runSuffix(of: $0)
        }
    }

    @Test("Claimed, the old result is out of the way; published, the new one is shown")
    func life() throws {
        let first = try claim(1)
        try registry.claim(first, in: outbox)
        try registry.published(first, in: outbox)
        #expect(try shown() == first.run)
        let second = try claim(2, old: first)
        try registry.claim(second, in: outbox)
        #expect(try shown() == nil)
        try registry.published(second, in: outbox)
        #expect(try shown() == second.run)
    }

    @Test("An older drop that finishes later does not touch the link, before or after the newer one")
    func overtaken() throws {
        let claims = try [1, 2, 3].map { try claim($0) }
        for claim in claims { try registry.claim(claim, in: outbox) }
        try registry.published(claims[0], in: outbox)
        #expect(try shown() == nil)
        try registry.published(claims[2], in: outbox)
        #expect(try shown() == claims[2].run)
        try registry.published(claims[1], in: outbox)
        #expect(try shown() == claims[2].run)
    }

    @Test("A claim that comes to nothing puts the link back")
    func withdrawn() throws {
        let first = try claim(1)
        try registry.claim(first, in: outbox)
        try registry.published(first, in: outbox)
        let second = try claim(2, old: first)
        try registry.claim(second, in: outbox)
        registry.withdraw(second, in: outbox)
        #expect(try shown() == first.run)
    }

    @Test("A run is shown though a later claim of its name came to nothing while it ran")
    func withdrawnWhileRunning() throws {
        let first = try claim(1)
        let second = try claim(2)
        try registry.claim(first, in: outbox)
        try registry.claim(second, in: outbox)
        registry.withdraw(second, in: outbox)
        try registry.published(first, in: outbox)
        #expect(try shown() == first.run)
    }

    @Test("So it is if it finished between that claim and its withdrawal")
    func withdrawnAfterwards() throws {
        let zeroth = try claim(0)
        let first = try claim(1, old: zeroth)
        let second = try claim(2, old: zeroth)
        try registry.claim(first, in: outbox)
        try registry.claim(second, in: outbox)
        try registry.published(first, in: outbox)
        #expect(try shown() == nil)
        registry.withdraw(second, in: outbox)
        #expect(try shown() == first.run)
    }

    @Test("While an earlier drop of the name is under way, no still older result comes back")
    func withdrawnBehindAnother() throws {
        let zeroth = try claim(0)
        try registry.claim(try claim(1, old: zeroth), in: outbox)
        let second = try claim(2, old: zeroth)
        try registry.claim(second, in: outbox)
        registry.withdraw(second, in: outbox)
        #expect(try shown() == nil)
    }

    @Test("After a restart, a drop older than what the history knows is not shown")
    func adopted() throws {
        let old = try claim(3)
        registry.adopt(old, newestKnown: 5)
        try registry.published(old, in: outbox)
        #expect(try shown() == nil)
        let new = try claim(7)
        registry.adopt(new, newestKnown: 5)
        try registry.published(new, in: outbox)
        #expect(try shown() == new.run)
    }

    @Test("Names and queues do not touch one another")
    func apart() throws {
        var other = try claim(2)
        other.queue = try #require(QueueName("other"))
        let first = try claim(1)
        try registry.claim(first, in: outbox)
        let elsewhere = try Scratch()
        try registry.claim(other, in: elsewhere.root)
        try registry.published(first, in: outbox)
        #expect(try shown() == first.run)
    }
}

@Suite("Choosing among what a script wrote")
struct OutputSelectionTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        for path in ["a.csv", "b.txt", "out/x.csv", "out/deep/y.csv", "other/z.txt"] {
            let parts = path.split(separator: "/").map(String.init)
            var directory = scratch.root
            for part in parts.dropLast() { directory = try directory.makeOrOpenDirectory(EntryName(part)) }
            try directory.create(EntryName(try #require(parts.last)), with: [])
        }
        try scratch.root.makeDirectory("empty")
    }

    private func files(_ directory: Directory, _ path: String = "") throws -> [String] {
        try directory.entries().flatMap { entry in
            let inner = path + entry.name.description
            return entry.kind == .directory
                ? [inner + "/"] + (try files(directory.directory(entry.name), inner + "/")) : [inner]
        }.sorted()
    }

    @Test(
        "Only what is named stays",
        arguments: [
            (["*.csv"], ["a.csv"]), (["**/*.csv"], ["a.csv", "out/", "out/deep/", "out/deep/y.csv", "out/x.csv"]),
            (["out"], ["out/", "out/deep/", "out/deep/y.csv", "out/x.csv"]),
            (["out/deep"], ["out/", "out/deep/", "out/deep/y.csv"]),
            (["empty"], ["empty/"]), (["nothing"], []), ([], []),
            (["b.txt", "other/*"], ["b.txt", "other/", "other/z.txt"]),
        ] as [([String], [String])])
    func selected(patterns: [String], kept: [String]) throws {
        let missing = try OutputSelection(patterns.map { Manifest.Output(path: $0, required: false) }).apply(
            to: scratch.root)
        #expect(missing.isEmpty)
        #expect(try files(scratch.root) == kept)
    }

    @Test("A required pattern that nothing matches is named, in the manifest's order")
    func required() throws {
        let outputs = [("z", true), ("a.csv", true), ("y", false), ("b/*", true)].map {
            Manifest.Output(path: $0, required: $1)
        }
        #expect(try OutputSelection(outputs).apply(to: scratch.root) == ["z", "b/*"])
    }
}
