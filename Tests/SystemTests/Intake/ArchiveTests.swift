import Testing

/// Bundles in archives of each listed format.
@Suite("archives", .sharedDaemon()) struct ArchiveTests {
    enum Packing: String, CaseIterable {
        case atRoot = "."
        case inOneDirectory = "top"
    }

    static let formats: [(ending: String, command: String, program: String)] = [
        (".tar", "tar cf", "tar"),
        (".tar.gz", "tar czf", "gzip"),
        (".tgz", "tar czf", "gzip"),
        (".tar.zst", "tar --zstd -cf", "zstd"),
        (".tar.xz", "tar cJf", "xz"),
        (".tar.bz2", "tar cjf", "bzip2"),
        (".zip", "zip -qr", "zip"),
    ]

    @Test("each format, files at the root or in one directory", arguments: formats.indices, Packing.allCases)
    func format(_ index: Int, _ packing: Packing) async throws {
        let format = Self.formats[index]
        guard Command.exists(format.program) else { try Test.cancel("\(format.program) is missing") }
        let spool = try Daemon.shared.spool
        let name = "archive-\(packing)\(index)"
        let sum = try await spool.shell(
            """
            mkdir -p \(name)/top/data; cd \(name)
            printf 'cat data/part "$1"' > top/main.sh; printf 'args: [two]\\n' > top/manifest.yaml
            echo one > top/data/part; echo two > top/two; ln -s data/part top/link
            [ \(packing.rawValue) = top ] || { mv top/* .; rmdir top; }
            \(format.command) ../\(name)\(format.ending) \(packing.rawValue)
            cd ..; sha256sum < \(name)\(format.ending) | cut -d' ' -f1; mv \(name)\(format.ending) $INBOX/
            """)
        let result = try await spool.result(of: name + format.ending)
        #expect(result.state == "succeeded", "\(result)")
        #expect(result.stdout == "one\ntwo\n", "\(result)")
        #expect(result.status["bundle_sha256"] as? String == String(sum.dropLast()))
    }

    @Test("a truncated archive is rejected and kept", arguments: formats.indices)
    func truncated(_ index: Int) async throws {
        let format = Self.formats[index]
        guard Command.exists(format.program) else { try Test.cancel("\(format.program) is missing") }
        let spool = try Daemon.shared.spool
        let name = "truncated\(index)"
        try await spool.shell(
            """
            mkdir \(name); cd \(name); echo 'echo early' > main.sh; head -c 100000 /dev/urandom > data
            \(format.command) whole\(format.ending) main.sh data
            head -c 60000 whole\(format.ending) > \(name)\(format.ending); cp \(name)\(format.ending) ../\(name).kept
            mv \(name)\(format.ending) $INBOX/
            """)
        let result = try await spool.result(of: name + format.ending)
        #expect(result.state == "rejected", "\(result)")
        #expect(result.stdout == "")
        try await spool.shell("cmp \(name).kept '\(result.path)/sent'")
    }

    @Test("an archive without a script is rejected")
    func withoutScript() async throws {
        let spool = try Daemon.shared.spool
        try await spool.shell("mkdir only; echo x > only/data.csv; tar cf only.tar only; mv only.tar $INBOX/")
        let result = try await spool.result(of: "only.tar")
        #expect(result.state == "rejected")
        #expect(result.errorCodes == ["no_entry"], "\(result)")
    }
}
