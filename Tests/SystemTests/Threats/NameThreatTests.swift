import Foundation
import Glibc
import Linux
import Testing

/// THREATS, drops 3: names that mislead whoever joins, prints or compares them.
@Suite("drops 3: names", .sharedDaemon()) struct NameThreatTests {
    struct Entry: Sendable, CustomTestStringConvertible {
        let phrase: String
        let bytes: [UInt8]
        /// Under which it is rejected.
        let mended: String
        /// What the error's message holds of the original.
        let shown: String

        var testDescription: String { phrase }

        init(_ phrase: String, _ name: String, _ mended: String, shown: String? = nil) {
            self.init(phrase, Array(name.utf8), mended, shown: shown ?? name)
        }

        init(_ phrase: String, _ bytes: [UInt8], _ mended: String, shown: String) {
            self.phrase = phrase
            self.bytes = bytes
            self.mended = mended
            self.shown = shown
        }
    }

    static let entries = [
        Entry("blanks", "My report.py", "My_report"),
        Entry("'..' inside", "a..%2F..b c.sh", "a.._2F..b_c", shown: "a..%2F..b c.sh"),
        Entry("leading -", "-rf.sh", "xrf"),
        Entry("leading --", "--spool=x.sh", "x-spool_x"),
        Entry("newline", "new\nline.sh", "new_line", shown: "new\\x0aline.sh"),
        Entry("escape sequence", "\u{1B}[2Jclear.sh", "x_2Jclear", shown: "\\x1b[2Jclear.sh"),
        Entry("backslash", "back\\slash.sh", "back_slash", shown: "back\\x5cslash.sh"),
        Entry("quotes", "a'b\"c$(d)`e`.sh", "a_b_c__d__e_", shown: "$(d)"),
        Entry("255 bytes", String(repeating: "l", count: 252) + ".sh", String(repeating: "l", count: 128)),
        Entry("not UTF-8", Array("caf".utf8) + [0xE9] + Array(".sh".utf8), "caf_", shown: "caf\\xe9.sh"),
        Entry("overlong UTF-8", Array("o".utf8) + [0xC0, 0xAF] + Array(".sh".utf8), "o__", shown: "o\\xc0\\xaf.sh"),
        Entry("NFC", "nfc\u{E9}.sh", "nfc__", shown: "nfc"),
        Entry("NFD", "nfde\u{301}.sh", "nfde__", shown: "nfd"),
        Entry("right to left", "rtl\u{202E}.sh", "rtl___", shown: "rtl"),
        Entry(
            "a run id within", "n.01ARZ3NDEKTSV4RRFFQ69G5FAV.01ARZ3NDEKTSV4RRFFQ69G5FAV.sh",
            "n_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
    ]

    @Test("an entry's name that is no bundle's", arguments: entries)
    func entry(_ entry: Entry) async throws {
        let daemon = try Daemon.shared
        let spool = daemon.spool
        try spool.move(spool.makeFile(Array("echo no".utf8)), to: entry.bytes)
        let result = try await spool.result(named: entry.mended)
        #expect(result.state == "rejected")
        #expect(result.errorCodes.contains("bad_name"), "\(result)")
        let text = result.text("status.json") ?? ""
        #expect(result.messages.contains(entry.shown) || text.contains(entry.shown), "\(result.messages)")
        for message in result.errors.compactMap({ $0["message"] as? String }) {
            #expect(!message.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F || $0.value == 0x202E })
        }
        #expect(result.text("sent") == "echo no")
    }

    @Test(
        "'..' and '/' in the manifest",
        arguments: ["../x.sh", "/etc/passwd", "a/../../x.sh", "..", ".", "a//../x", "./"])
    func pathInManifest(_ path: String) async throws {
        let spool = try Daemon.shared.spool
        for (index, key) in ["entry: '\(path)'", "input: {file: '\(path)'}", "outputs: ['\(path)']"].enumerated() {
            let entry = spool.freshName("path\(index)-")
            try spool.drop(entry, files: ["main.sh": "cat", "manifest.yaml": key])
            let result = try await spool.result(of: entry)
            #expect(result.state == "rejected", "\(key): \(result)")
        }
    }

    @Test("'..', '/' and NUL in an archive", .needs("python3"), arguments: ["tar", "zip"])
    func namesInArchive(_ format: String) async throws {
        let daemon = try Daemon.shared
        let spool = daemon.spool
        let names = ["../leave", "/tmp/absolute", "a/../../leave", "..", "a/..", "nul\0next", "a//b", "./c"]
        try await spool.shell(
            #"""
            python3 - $FORMAT <<'END'
            import io, sys, tarfile, zipfile
            names = ["../leave", "/tmp/absolute", "a/../../leave", "..", "a/..", "nul\0next", "a//b", "./c"]
            for i, name in enumerate(names):
                path = f"named-{i}-{sys.argv[1]}.{sys.argv[1]}"
                if sys.argv[1] == "tar":
                    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as t:
                        for n, data in (("main.sh", b"echo ran"), (name, b"hostile")):
                            info = tarfile.TarInfo(n if "\0" not in n else "plain")
                            if "\0" in n: info.pax_headers = {"path": n}
                            info.size = len(data)
                            t.addfile(info, io.BytesIO(data))
                else:
                    with zipfile.ZipFile(path, "w") as z:
                        z.writestr("main.sh", b"echo ran")
                        info = zipfile.ZipInfo("x"); info.filename = name
                        z.writestr(info, b"hostile")
            END
            mv named-*-$FORMAT.$FORMAT $INBOX/
            """#, environment: ["FORMAT": format])
        for (index, name) in names.enumerated() {
            let result = try await spool.result(of: "named-\(index)-\(format).\(format)")
            let isHarmless = ["a//b", "./c", "nul\0next"].contains(name)
            #expect(result.state == "rejected" || (isHarmless && result.state == "succeeded"), "\(name): \(result)")
        }
        for place in ["/tmp/absolute", spool.path + "/leave", spool.path + "/state/leave", spool.base + "/leave"] {
            #expect(!spool.exists(place))
        }
        // What find cannot look at any more is gone already.
        let strays = try await Command.run(["sh", "-c", "find \(spool.path) -name leave 2>/dev/null"])
        #expect(strays.output == "")
        daemon.expectWell()
    }

    @Test("case twins") func caseTwins() async throws {
        let spool = try Daemon.shared.spool
        try spool.drop("Twin.sh", script: "echo upper")
        try spool.drop("twin.sh", script: "echo lower")
        try await spool.expect("Twin.sh", prints: "upper\n")
        try await spool.expect("twin.sh", prints: "lower\n")
        try spool.drop("case-inside", files: ["main.sh": "cat a A", "a": "1\n", "A": "2\n"])
        try await spool.expect("case-inside", prints: "1\n2\n")
    }

    @Test("NFC and NFD twins, and names that are no text, inside a bundle") func twinsInside() async throws {
        let spool = try Daemon.shared.spool
        try await spool.shell(
            #"""
            mkdir twins; cd twins
            echo composed > $'caf\xc3\xa9'; echo decomposed > $'cafe\xcc\x81'; echo latin > $'caf\xe9'
            echo line > $'a\nb'; echo dash > ./-rf; echo blank > ' '
            echo 'cat caf*; cat "a
            b" ./-rf " "; cp caf* "$(printf "out\351")" 2>/dev/null; echo x > "$(printf "out\351")"; find . -type f -printf x | wc -c' > main.sh
            cd ..; tar cf twins-tar.tar twins; mv twins twins-tar.tar $INBOX/
            """#)
        for entry in ["twins", "twins-tar.tar"] {
            let result = try await spool.result(of: entry)
            #expect(result.state == "succeeded", "\(result)")
            #expect(
                Set(result.stdout.split(separator: "\n")) == [
                    "composed", "decomposed", "latin", "line", "dash", "blank", "8",
                ], "\(result.stdout)")
        }
    }

    @Test("depth beyond PATH_MAX", .needs("python3"), arguments: ["directory", "archive"])
    func deep(_ form: String) async throws {
        let daemon = try Daemon.shared
        let spool = daemon.spool
        let entry = form == "directory" ? "deep" : "deep-tar.tar"
        try await spool.shell(
            #"""
            python3 - $FORM <<'END'
            import io, os, sys, tarfile
            if sys.argv[1] == "directory":
                os.mkdir("deep"); open("deep/main.sh", "w").write("echo ran"); os.chdir("deep")
                for level in range(3000):
                    os.mkdir("ten.bytes."); os.chdir("ten.bytes.")
                open("bottom", "w").write("x")
            else:
                with tarfile.open("deep-tar.tar", "w") as t:
                    for name in ("main.sh", "d/" * 3000 + "bottom"):
                        info = tarfile.TarInfo(name); info.size = 8
                        t.addfile(info, io.BytesIO(b"echo ran"))
            END
            mv $ENTRY $INBOX/
            """#, environment: ["FORM": form, "ENTRY": entry])
        let result = try await spool.result(of: entry)
        #expect(["rejected", "succeeded"].contains(result.state), "\(result)")
        if result.state == "rejected" { #expect(!result.errors.isEmpty) }
        daemon.expectWell()
    }
}
