internal import Archives
internal import Linux
internal import TestSupport
internal import Testing
internal import Trees

/// How each format is made by the tools that people use.
private let makers: [(ArchiveFormat, String)] = [
    (.tar, "tar -cf ../archive"), (.tarGzip, "tar -czf ../archive"), (.tarZstandard, "tar --zstd -cf ../archive"),
    (.tarXZ, "tar -cJf ../archive"), (.tarBzip2, "tar -cjf ../archive"),
    (.zip, "rm -f ../archive; zip -qry ../archive.zip"),
]

private func make(_ scratch: Scratch, _ maker: (ArchiveFormat, String), _ what: String) {
    let rename = maker.0 == .zip ? "; mv ../archive.zip ../archive" : ""
    scratch.sh("cd in && \(maker.1) \(what)\(rename)")
}

@Suite struct FormatTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test(arguments: [
        ("tar", ArchiveFormat.tar), ("tar.gz", .tarGzip), ("tgz", .tarGzip), ("TAR.GZ", .tarGzip),
        ("tar.zst", .tarZstandard),
        ("tar.xz", .tarXZ), ("tar.bz2", .tarBzip2), ("zip", .zip),
    ])
    func endings(ending: String, format: ArchiveFormat) {
        #expect(ArchiveFormat(ending: ending) == format)
    }

    @Test(arguments: ["", "gz", "rar", "7z", "tar.lz4", ".zip"])
    func otherEndings(ending: String) {
        #expect(ArchiveFormat(ending: ending) == nil)
    }

    @Test(arguments: makers.indices)
    func realArchives(index: Int) throws {
        scratch.sh(
            """
            mkdir -p in/d/e; echo one > in/main.py; echo two > in/d/e/two; ln -s e/two in/d/l; chmod 700 in/main.py; : > in/empty
            printf x > "in/é \\"n"; chmod 000 in/empty; chmod 700 in/d
            """)
        for what in [".", "*"] {
            make(scratch, makers[index], what)
            let report = try scratch.unpack(makers[index].0)
            #expect(report.problems == [])
            #expect(report.entries == 7)
            #expect(report.bytes == 9)
            #expect(
                try scratch.listing("out") == [
                    "d 755 d", "d 755 d/e", "f 644 d/e/two", "f 644 empty", "f 644 é \"n", "f 755 main.py", "l 777 d/l",
                ])
            #expect(try scratch.content("out/d/l out/main.py") == "two\none\n")
        }
    }

    @Test(arguments: makers.indices)
    func oneTopDirectoryIsLifted(index: Int) throws {
        scratch.sh(
            "mkdir -p in/top/top/d; echo a > in/top/main.sh; echo b > in/top/top/d/f; ln -s ../main.sh in/top/top/l")
        make(scratch, makers[index], "top")
        let report = try scratch.unpack(makers[index].0)
        #expect(report.problems == [])
        #expect(report.entries == 5)
        #expect(
            try scratch.listing("out") == ["d 755 top", "d 755 top/d", "f 644 main.sh", "f 644 top/d/f", "l 777 top/l"])
    }

    @Test(arguments: makers.indices)
    func linkOutOfTheTopDirectory(index: Int) throws {
        scratch.sh("mkdir -p in/top; echo a > in/top/main.sh; ln -s ../top/main.sh in/top/l")
        make(scratch, makers[index], "top")
        #expect(try scratch.unpack(makers[index].0).problems.map(\.code) == [.linkLeaves])
    }

    /// Cut at any length, nothing that lacks a byte passes for whole: but for the zeros that tar writes behind its end mark.
    @Test(arguments: makers.indices)
    func truncated(index: Int) throws {
        scratch.sh("mkdir -p in/d; seq 300 > in/main.py; head -c 3000 /dev/urandom > in/d/x; ln in/main.py in/d/z")
        make(scratch, makers[index], "main.py d")
        let size = try Int(scratch.root.status(of: "archive").size)
        let end = makers[index].0 == .tar ? size - 10240 : size
        let whole = try scratch.unpack(makers[index].0)
        #expect(whole.isClean)
        var cuts = Set(stride(from: 1, to: size, by: 97)).union((size - 40)..<size)
        cuts.formUnion(stride(from: 512, to: size, by: 512))
        for cut in cuts.sorted() where cut > 0 {
            scratch.sh("head -c \(cut) archive > cut")
            let report = try scratch.unpack(makers[index].0, archive: "cut")
            if makers[index].0 == .tar, report.isClean {
                // All data and one block of the end mark are there.
                #expect(report == whole)
                #expect(cut > end, "cut at \(cut) of \(size)")
            } else {
                #expect(!report.isClean, "cut at \(cut) of \(size)")
                #expect(
                    report.problems.allSatisfy { [.archiveTruncated, .archiveDamaged].contains($0.code) },
                    "cut at \(cut): \(report.problems)")
                if cut > 1024 { #expect(report.problems.map(\.code) == [.archiveTruncated], "cut at \(cut)") }
            }
        }
    }

    @Test(arguments: makers.indices)
    func trailingRubbish(index: Int) throws {
        scratch.sh("mkdir in; echo a > in/main.sh")
        make(scratch, makers[index], "main.sh")
        scratch.sh("head -c 5000 /dev/urandom >> archive")
        let report = try scratch.unpack(makers[index].0)
        // Compressions other than gzip and bzip2 take what follows for a damaged next part.
        if report.isClean { #expect(try scratch.content("out/main.sh") == "a\n") }
    }

    @Test(arguments: makers.indices)
    func damaged(index: Int) throws {
        scratch.sh("mkdir in; head -c 20000 /dev/urandom | base64 > in/main.sh")
        make(scratch, makers[index], "main.sh")
        scratch.sh("printf XXXX | dd of=archive bs=1 seek=9000 conv=notrunc status=none")
        // A plain tar has no checksum of its data.
        if makers[index].0 != .tar {
            let report = try scratch.unpack(makers[index].0)
            #expect(report.problems.map(\.code) == [.archiveDamaged])
        }
    }

    @Test(arguments: makers.indices)
    func emptyAndOther(index: Int) throws {
        scratch.sh("mkdir in; : > archive")
        #expect(try scratch.unpack(makers[index].0).problems.map(\.code) == [.empty])
        scratch.sh("head -c 5000 /dev/urandom > archive")
        #expect(try scratch.unpack(makers[index].0).problems.map(\.code) == [.archiveDamaged])
        scratch.sh("cat /etc/passwd > archive")
        #expect(try scratch.unpack(makers[index].0).problems.map(\.code) == [.archiveDamaged])
        if makers[index].0 != .zip {
            make(scratch, makers[index], "-T /dev/null")
            #expect(try scratch.unpack(makers[index].0).problems.map(\.code) == [.empty])
        }
    }

    @Test(arguments: makers.indices)
    func formatMustMatchTheName(index: Int) throws {
        scratch.sh("mkdir in; echo a > in/main.sh")
        make(scratch, makers[index], "main.sh")
        for other in ArchiveFormat.allCases where other != makers[index].0 {
            #expect(
                try scratch.unpack(other).problems.map(\.code) == [.archiveDamaged], "\(makers[index].0) as \(other)")
        }
    }
}
