import Foundation
import Testing

/// What R and Node have of packages.
@Suite(.inTurn, .sharedDaemon(settings: Brisk.settings)) struct OtherLanguageTests {
    @Test(.needs("Rscript")) func rPackagesAreTheMachines() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop("there", files: ["main.R": "cat(nchar(\"abc\"))", "manifest.yaml": "packages: [stats, utils]"])
        let there = try await spool.result(of: "there")
        #expect(there.state == "succeeded" && there.stdout == "3", "\(there)")
        let environment = there.status["environment"] as? [String: Any]
        let packages = environment?["packages"] as? [String: String]
        #expect(packages.map { Set($0.keys) } == ["stats", "utils"], "\(there.status)")
        try spool.drop("missing", files: ["main.R": "", "manifest.yaml": "packages: [stats, noSuch.Package]"])
        let missing = try await spool.result(of: "missing")
        #expect(
            missing.state == "errored" && missing.reason.contains("apt-get install r-cran-nosuch.package"), "\(missing)"
        )
        let lock = #"{"R": {"Version": "4.2.2"}, "Packages": {"notHere": {"Package": "notHere", "Version": "1.0"}}}"#
        try spool.drop("locked", files: ["main.R": "", "renv.lock": lock])
        let locked = try await spool.result(of: "locked")
        #expect(locked.state == "errored" && locked.reason.contains("r-cran-nothere"), "\(locked)")
        try spool.drop("torn", files: ["main.R": "", "renv.lock": "{"])
        let torn = try await spool.result(of: "torn")
        #expect(
            torn.state == "rejected" && torn.messages.contains("renv.lock") || torn.reason.contains("renv.lock"),
            "\(torn)")
    }

    @Test(.needs("node")) func nodeFindsWhatCameWithTheBundle() async throws {
        let spool = try Daemon.shared.spool
        let files = [
            "main.js": "console.log(require('tiny').word)", "node_modules/tiny/index.js": "exports.word = 'tiny'",
            "node_modules/tiny/package.json": #"{"name": "tiny", "version": "1.0.0", "main": "index.js"}"#,
        ]
        try spool.drop("node", files: files)
        try await spool.expect("node", prints: "tiny\n")
    }
}
