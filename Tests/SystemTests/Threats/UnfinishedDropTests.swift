import Foundation
import Glibc
import Testing

/// THREATS, drops 1: what is not complete yet waits, and is taken whole later or never.
@Suite("drops 1: unfinished", .sharedDaemon()) struct UnfinishedDropTests {
    @Test("manifest before payload") func manifestFirst() async throws {
        let spool = try Daemon.shared.spool
        try await spool.shell(
            """
            d=$INBOX/manifest-first; mkdir $d; echo 'entry: bin/job.sh' > $d/manifest.yaml; sleep 1
            mkdir $d/bin; sleep 1; echo 'cat ../data' > $d/bin/job.sh; sleep 1; echo payload > $d/data
            """)
        let result = try await spool.result(of: "manifest-first")
        #expect(result.state == "failed" || result.state == "succeeded", "\(result)")
        #expect(spool.exists(result.path + "/manifest.json"), "\(result)")
        #expect(result.errors.isEmpty, "taken early: \(result)")
    }

    @Test("payload never arrives") func payloadNeverArrives() async throws {
        let spool = try Daemon.shared.spool
        try await spool.shell("mkdir $INBOX/no-payload; echo 'entry: job.sh' > $INBOX/no-payload/manifest.yaml")
        let result = try await spool.result(of: "no-payload")
        #expect(result.state == "rejected")
        #expect(result.errorCodes == ["missing_file"], "\(result)")
        #expect(result.text("sent/manifest.yaml") == "entry: job.sh\n")
    }

    @Test("an empty directory waits for ever") func emptyDirectory() async throws {
        let spool = try Daemon.shared.spool
        try await spool.shell("mkdir $INBOX/empty-directory")
        try await settled()
        #expect(spool.exists(spool.inbox() + "/empty-directory"))
        try await spool.shell("echo 'echo filled' > $INBOX/empty-directory/main.sh")
        try await spool.expect("empty-directory", prints: "filled\n")
    }

    @Test(
        "rsync's .x.AbC123, *.part, *.TMP: never taken from the inbox",
        arguments: [
            ".x.sh.AbC123", "x.sh.part", "x.sh.PARTIAL", "x.sh.TMP", "x.sh~", ".x.sh.swp", "x.sh.crdownload",
            "x.sh.filepart", ".hidden.sh",
        ])
    func transferNames(_ name: String) async throws {
        let spool = try Daemon.shared.spool
        let final = spool.freshName("transferred") + ".sh"
        let variables = ["NAME": name, "FINAL": final]
        try await spool.shell(#"echo 'echo part' > "$INBOX/$NAME""#, environment: variables)
        try spool.drop("dir-\(name)", script: "echo part")
        try spool.move(spool.makeDirectory(["main.sh": "echo part"]), to: ".d\(name)")
        try await settled()
        #expect(spool.exists("\(spool.inbox())/\(name)"))
        #expect(spool.exists("\(spool.inbox())/.d\(name)"))
        #expect(spool.exists("\(spool.inbox())/dir-\(name)") == (name.first != "." || name.hasSuffix(".swp")))
        try await spool.shell(
            #"echo 'echo all' >> "$INBOX/$NAME"; mv "$INBOX/$NAME" "$INBOX/$FINAL""#, environment: variables)
        try await spool.expect(final, prints: "part\nall\n")
    }

    @Test(
        "rsync's .x.AbC123 and .~tmp~/, *.part in a directory",
        arguments: [".data.AbC123", ".~tmp~/data", "data.part", "deep/data.FILEPART", "deep/.data.zzzzzz"])
    func transferNameInside(_ name: String) async throws {
        let spool = try Daemon.shared.spool
        let entry = spool.freshName("inside")
        try await spool.shell(
            #"""
            d=$INBOX/$ENTRY; mkdir -p $d/deep $d/.~tmp~; [ "${NAME#.~}" != "$NAME" ] || rmdir $d/.~tmp~
            echo whole > "$d/$NAME"; echo 'cat data' > $d/main.sh
            """#, environment: ["ENTRY": entry, "NAME": name])
        try await settled()
        try await settled()
        #expect(spool.exists("\(spool.inbox())/\(entry)"), "taken early")
        try await spool.shell(
            #"cd $INBOX/$ENTRY; mv "$NAME" data; [ ! -e .~tmp~ ] || rmdir .~tmp~"#,
            environment: ["ENTRY": entry, "NAME": name])
        try await spool.expect(entry, prints: "whole\n")
    }

    @Test("what people call their files is no obstacle", arguments: ["notes~", "old.tmp", ".config", ".x.conf"])
    func ordinaryNames(_ name: String) async throws {
        let spool = try Daemon.shared.spool
        let entry = spool.freshName("ordinary")
        try await spool.shell(
            #"mkdir $INBOX/$ENTRY; echo kept > "$INBOX/$ENTRY/$NAME"; echo 'cat "'"$NAME"'"' > $INBOX/$ENTRY/main.sh"#,
            environment: ["ENTRY": entry, "NAME": name])
        try await spool.expect(entry, prints: "kept\n")
    }

    @Test("a writer that pauses 30 s in an open file", arguments: ["file", "directory"])
    func pausingWriter(_ kind: String) async throws {
        let spool = try Daemon.shared.spool
        let entry = kind == "file" ? "pausing.sh" : "pausing"
        let file = kind == "file" ? "$INBOX/pausing.sh" : "$INBOX/pausing/main.sh"
        try await spool.shell(
            """
            [ \(kind) = file ] || mkdir $INBOX/pausing
            { echo 'echo begun'; sleep 30; echo 'echo whole'; } > \(file)
            """)
        try await spool.expect(entry, prints: "begun\nwhole\n")
    }

    @Test("an rsync cut off and sent again: of a file", .needs("rsync")) func rsyncFileCutOff() async throws {
        let spool = try Daemon.shared.spool
        try await spool.shell(
            """
            mkdir rf; head -c 3000000 /dev/urandom > rf/data; (cd rf; sha256sum data > sums)
            echo 'sha256sum --quiet -c sums && echo whole' > rf/main.sh; tar cf cut-file.tar rf
            for signal in TERM KILL KILL; do
                rsync --bwlimit=1000 cut-file.tar $INBOX/ & sleep 0.7
                pkill -$signal -P $$ rsync || true; wait $! || true
            done
            """)
        try await settled()
        #expect(spool.results(named: "cut-file").isEmpty, "taken early")
        try await spool.shell("rsync cut-file.tar $INBOX/")
        let result = try await spool.result(of: "cut-file.tar")
        #expect(result.stdout == "whole\n", "\(result)")
        #expect(spool.results(named: "cut-file").count == 1)
    }

    @Test("an rsync cut off and sent again: of a directory under a dot name", .needs("rsync"))
    func rsyncDirectoryCutOff() async throws {
        let spool = try Daemon.shared.spool
        try await spool.shell(
            """
            mkdir rd; for n in $(seq 20); do head -c 100000 /dev/urandom > rd/$n; done; (cd rd; sha256sum [0-9]* > sums)
            echo 'sha256sum --quiet -c sums && echo whole' > rd/main.sh
            rsync -a --bwlimit=500 rd/ $INBOX/.cut-directory & sleep 1.5; pkill -KILL -P $$ rsync || true; wait $! || true
            sleep 3
            rsync -a --delete rd/ $INBOX/.cut-directory; mv $INBOX/.cut-directory $INBOX/cut-directory
            """)
        try await spool.expect("cut-directory", prints: "whole\n")
        #expect(spool.results(named: "cut-directory").count == 1)
    }

    @Test("an rsync of a directory cut off by a kill leaves a temporary file: it waits", .needs("rsync"))
    func rsyncDirectoryInPlaceCutOff() async throws {
        let spool = try Daemon.shared.spool
        try await spool.shell(
            """
            mkdir rp; head -c 3000000 /dev/urandom > rp/data; (cd rp; sha256sum data > sums)
            echo 'sha256sum --quiet -c sums && echo whole' > rp/main.sh
            rsync -a --bwlimit=500 rp/ $INBOX/cut-in-place & sleep 1.5; pkill -KILL -x rsync -U $(id -u) -P $$ || true
            for p in $(pgrep -x rsync -U $(id -u) -f cut-in-place); do kill -KILL $p || true; done; wait || true
            """)
        try await settled()
        #expect(spool.exists(spool.inbox() + "/cut-in-place"), "taken early")
        try await spool.shell("rsync -a --delete rp/ $INBOX/cut-in-place")
        try await spool.expect("cut-in-place", prints: "whole\n")
    }

    @Test("an entry removed while it is being read") func removedWhileRead() async throws {
        let daemon = try Daemon.shared
        let spool = daemon.spool
        try await spool.shell(
            """
            mkdir many; echo 'echo ran' > many/main.sh; for n in $(seq 100); do echo $n > many/$n; done
            for n in $(seq 20); do
                cp -r many removed-$n; mv removed-$n $INBOX/; rm -rf $INBOX/removed-$n || true
            done
            # By a descriptor that came along, the tree can be reached even after it was taken.
            for n in $(seq 20); do
                cp -r many held-$n; ( cd held-$n; mv ../held-$n $INBOX/; rm -rf ./* ) || true
            done
            """)
        for number in 1...20 { try await spool.taken("removed-\(number)") }
        for number in 1...20 { _ = try await spool.result(of: "held-\(number)") }
        try await eventually("none of them is left in active") {
            let live = (try? FileManager.default.contentsOfDirectory(atPath: spool.active())) ?? []
            return !live.contains { $0.hasPrefix("removed-") || $0.hasPrefix("held-") }
        }
        daemon.expectWell()
    }

    /// Lets a drop made by a rename pass through, and the time of two looks at what is there before it.
    private func settled() async throws {
        let spool = try Daemon.shared.spool
        let entry = spool.freshName("settled")
        try await spool.shell(
            "mkdir $INBOX/$ENTRY; echo 'echo settled' > $INBOX/$ENTRY/main.sh", environment: ["ENTRY": entry])
        _ = try await spool.result(of: entry)
    }
}
