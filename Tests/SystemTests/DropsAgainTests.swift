import Foundation
import Runs
import Testing

/// THREATS 9: the same name again while it runs; the same run id again, before, during and after. And whose result a link shows.
@Suite(.inTurn, .sharedDaemon(settings: Brisk.settings(slots: 2)))
struct DropsAgainTests {
    @Test func theSameNameAgainWhileItRunsIsAnotherRun() async throws {
        let daemon = try Daemon.shared
        let spool = daemon.spool
        try spool.drop("twin.sh", script: "\(Held.here); echo first")
        let first = try await spool.run(of: "twin", in: "running")
        try spool.drop("twin.sh", script: "echo second")
        let second = try await spool.result(of: "twin.sh")
        #expect(second.stdout == "second\n", "the link shows the newest drop: \(second)")
        try await daemon.letGo("twin")
        let older = try await spool.result(ofRun: first, named: "twin")
        #expect(older.stdout == "first\n")
        // The older one, which finished later, did not touch the link.
        #expect(try await spool.result(named: "twin").run == second.run)
    }

    @Test func whenTheEntryIsGoneNoOlderResultIsInTheWay() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop("next.sh", script: "echo old")
        _ = try await spool.result(of: "next.sh")
        for number in 0..<20 {
            try spool.drop("next.sh", script: "echo \(number)")
            try await spool.taken("next.sh")
            // At once, without any wait: there is no link, or it is the new one's.
            let link = "\(spool.outbox())/next"
            if spool.exists(link) { #expect(ResultDirectory(path: link).stdout == "\(number)\n") }
            #expect(try await spool.result(named: "next").stdout == "\(number)\n")
        }
    }

    @Test func aRunIDIsRunOnceWheneverItComesAgain() async throws {
        let daemon = try Daemon.shared
        let spool = daemon.spool
        let run = RunID.new().description
        let script = "\(Held.here); echo once"
        // Before: two of them lie in the inbox before either is taken, the second under another ending.
        let one = try spool.makeFile(Array(script.utf8))
        let other = try spool.makeFile(Array(script.utf8))
        try spool.move(one, to: "again.\(run).sh")
        try spool.move(other, to: "again.\(run).bash")
        try await spool.run(of: "again", in: "running")
        // During.
        try spool.drop("again.\(run).sh", script: script)
        try await spool.taken("again.\(run).sh")
        try await daemon.letGo("again")
        let result = try await spool.result(ofRun: run, named: "again")
        #expect(result.stdout == "once\n", "\(result)")
        // After.
        try spool.drop("again.\(run).sh", script: script)
        try await spool.taken("again.\(run).sh")
        try await eventually("the log says so for each") {
            daemon.log.components(separatedBy: "run \(run) is known with the same content").count == 4
        }
        #expect(spool.results(named: "again").count == 1)
        #expect(try await spool.result(named: "again").run == run, "a refused duplicate leaves the link as it was")
    }

    @Test(arguments: ["during", "after"]) func anotherContentUnderAUsedIDIsRejectedUnderAFreshOne(_ when: String)
        async throws
    {
        let daemon = try Daemon.shared
        let spool = daemon.spool
        let run = RunID.new().description
        let name = "used-\(when)"
        try spool.drop("\(name).\(run).sh", script: "\(Held.here); echo first")
        if when == "during" {
            try await spool.run(of: name, in: "running")
        } else {
            try await daemon.letGo(name)
            _ = try await spool.result(ofRun: run, named: name)
        }
        try spool.drop("\(name).\(run).sh", script: "echo other")
        if when == "during" {
            try await eventually("the other is refused") { spool.results(named: name).count == 1 }
            try await daemon.letGo(name)
        }
        try await eventually("two results") { spool.results(named: name).count == 2 }
        let rejected = try #require(spool.results(named: name).first { $0.run != run })
        #expect(rejected.state == "rejected", "\(rejected)")
        #expect(rejected.messages.contains(run))
        #expect(rejected.text("sent") == "echo other")
        #expect(try await spool.result(ofRun: run, named: name).stdout == "first\n")
    }

    @Test(arguments: [(-90, "old"), (3, "ahead")]) func anIDFromAnotherTimeIsRejected(_ days: Int, _ word: String)
        async throws
    {
        let spool = try Daemon.shared.spool
        let time = UInt64(Int64(Date().timeIntervalSince1970 * 1000) + Int64(days) * 86_400_000)
        let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        let head = String((0..<10).reversed().map { digits[Int(time >> (5 * UInt64($0)) & 31)] })
        let run = head + "ABCDEFGH12345678"
        try spool.drop("then-\(word).\(run).sh", script: "echo never")
        let result = try await spool.result(of: "then-\(word).\(run).sh", name: "then-\(word)")
        #expect(result.state == "rejected", "\(result)")
        #expect(result.run != run && result.messages.contains(word), "\(result)")
    }

    @Test func aStrangersEntryInTheLinksPlaceIsMovedAside() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop("squatted.sh", script: "echo one")
        _ = try await spool.result(of: "squatted.sh")
        try await spool.shell(
            "cd outbox/default; rm squatted; mkdir squatted; echo mine >squatted/keep".inSpool, as: spool.owner)
        try spool.drop("squatted.sh", script: "echo two")
        try await eventually("the link is there") {
            ResultDirectory(path: "\(spool.outbox())/squatted").stdout == "two\n"
        }
        let aside = try await spool.shell("cat outbox/default/squatted.*/keep".inSpool, as: spool.owner)
        #expect(aside == "mine\n", "nothing of it is lost")
    }
}
