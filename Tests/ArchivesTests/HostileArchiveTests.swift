internal import Archives
internal import Glibc
internal import Linux
internal import TestSupport
internal import Testing
internal import Trees

@Suite struct HostileArchiveTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Writes `archive` with Python's tarfile: `add(name, data, **attributes)` adds an entry.
    private func tar(_ script: String, mode: String = "w") {
        scratch.sh(
            """
            cat > make.py <<'END'
            import io, tarfile
            t = tarfile.open("archive", "\(mode)", format=tarfile.GNU_FORMAT)
            def add(name, data=b"", **attributes):
                i = tarfile.TarInfo(); i.name = name; i.size = len(data)
                for key, value in attributes.items(): setattr(i, key, value)
                t.addfile(i, io.BytesIO(data))
            LNK, SYM, DIR, FIFO, CHR, BLK = tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE
            \(script)
            t.close()
            END
            python3 make.py
            """)
    }

    private func zip(_ script: String) {
        scratch.sh(
            "cat > make.py <<'END'\nimport zipfile, warnings\nwarnings.simplefilter('ignore')\n\(script)\nEND\npython3 make.py"
        )
    }

    private func codes(_ format: ArchiveFormat = .tar) throws -> [TreeProblem.Code] {
        try scratch.unpack(format).problems.map(\.code)
    }

    @Test(arguments: [
        ("add('../x', b'a')", TreeProblem.Code.badName), ("add('a/../x', b'a')", .badName),
        ("add('/tmp/x', b'a')", .badName),
        ("add('a/..', type=DIR)", .badName), ("add('a' * 256, b'a')", .badName),
        ("add('/'.join('a' * 200), b'')", .tooDeep),
        ("add('.', b'a')", .badName),
        ("add('x', b'a'); add('x', b'b')", .repeatedName), ("add('x', b'a'); add('./x', b'b')", .repeatedName),
        ("add('d', type=DIR); add('d/', type=DIR)", .repeatedName), ("add('d/x', b'a'); add('d', b'b')", .repeatedName),
        ("add('x', b'a'); add('x/y', b'b')", .badName),
        ("add('l', type=SYM, linkname='d'); add('l/y', b'b')", .badName),
        ("add('l', type=SYM, linkname='/etc')", .linkLeaves), ("add('l', type=SYM, linkname='..')", .linkLeaves),
        ("add('l', type=SYM, linkname='a/../../b')", .linkLeaves),
        ("add('l', type=LNK, linkname='/etc/passwd')", .linkLeaves), ("add('l', type=LNK, linkname='l')", .linkLeaves),
        ("add('l', type=LNK, linkname='../l')", .linkLeaves),
        ("add('s', type=SYM, linkname='t'); add('l', type=LNK, linkname='s')", .linkLeaves),
        ("add('p', type=FIFO)", .specialFile), ("add('c', type=CHR, devmajor=1, devminor=3)", .specialFile),
        ("add('b', type=BLK, devmajor=7, devminor=0)", .specialFile),
    ])
    func refused(script: String, code: TreeProblem.Code) throws {
        tar("\(script); add('other', b'ok')")
        #expect(try codes() == [code])
        scratch.sh("[ ! -e x ] && [ ! -e /tmp/x ]")
    }

    @Test func linkSwappedForAFile() throws {
        scratch.sh("echo mine > victim")
        tar(
            "add('l', type=SYM, linkname='../victim'); add('l', b'evil'); add('m', type=SYM, linkname='m2'); add('m', b'evil')"
        )
        #expect(try codes() == [.linkLeaves, .repeatedName, .repeatedName])
        #expect(try scratch.content("victim") == "mine\n")
    }

    @Test func hardLinksBecomeCopies() throws {
        tar("add('a/f', b'abc', mode=0o4755); add('g', type=LNK, linkname='a/f')")
        let report = try scratch.unpack(.tar)
        #expect(report.isClean)
        #expect(report.bytes == 6)
        #expect(try scratch.listing("out") == ["d 755 a", "f 755 a/f", "f 755 g"])
        scratch.sh("[ $(stat -c %h out/g) = 1 ]")
    }

    @Test func directoriesInAnyOrder() throws {
        tar(
            "add('a/b/f', b'x'); add('a/b', type=DIR, mode=0); add('a', type=DIR, mode=0o7777); add('./', type=DIR); add('z//y', b'')"
        )
        let report = try scratch.unpack(.tar)
        #expect(report.problems == [])
        #expect(try scratch.listing("out") == ["d 755 a", "d 755 a/b", "d 755 z", "f 644 a/b/f", "f 644 z/y"])
    }

    @Test func namesThatAreNotText() throws {
        tar(
            "import os; add(os.fsdecode(b'\\xff\\xfe'), b'x'); add('e\\u0301', b''); add('\\u00e9', b''); add('a\\nb', b'')"
        )
        #expect(try scratch.unpack(.tar).problems == [])
        scratch.sh(
            "[ $(ls -1qb out | wc -l) = 4 ] && python3 -c 'import os,sys; sys.exit(not os.path.exists(b\"out/\\xff\\xfe\"))'"
        )
    }

    @Test func allProblemsAtOnce() throws {
        tar("for i in range(150): add('../%d' % i, b'x')\nadd('/abs', b'')")
        let report = try scratch.unpack(.tar)
        #expect(report.problemCount == 151)
        #expect(report.problems.count == 100)
    }

    // MARK: Sizes

    @Test(arguments: [ArchiveFormat.tar, .tarGzip])
    func sparseTerabyte(format: ArchiveFormat) throws {
        scratch.sh("truncate -s 1T f; tar -S\(format == .tar ? "" : "z")cf archive f")
        #expect(try codes(format) == [.tooLarge])
        scratch.sh("[ $(du -sk out | cut -f1) -lt 2000 ]")
    }

    @Test func sparseWithinTheLimit() throws {
        scratch.sh(
            "mkdir in; cd in; truncate -s 300000 f; printf x | dd of=f bs=1 seek=100000 conv=notrunc status=none; tar -Scf ../archive f"
        )
        let report = try scratch.unpack(.tar)
        #expect(report.isClean)
        #expect(report.bytes == 300000)
        scratch.sh("cmp in/f out/f")
    }

    @Test(arguments: [
        (ArchiveFormat.tarGzip, "tar -czf"), (.tarXZ, "tar -cJf"), (.tarZstandard, "tar --zstd -cf"),
        (.tarBzip2, "tar -cjf"),
    ])
    func bomb(format: ArchiveFormat, maker: String) throws {
        scratch.sh("truncate -s 200M f; \(maker) archive f; rm f")
        #expect(try codes(format) == [.tooLarge])
        scratch.sh("[ $(du -sk out | cut -f1) -lt 3000 ]")
    }

    @Test func zerosWithoutEndBehindTheEnd() throws {
        scratch.sh("mkdir in; echo a > in/f; cd in; (tar -cf - f; head -c 300M /dev/zero) | gzip -1 > ../archive")
        #expect(try codes(.tarGzip) == [.tooLarge])
    }

    @Test(arguments: [9, 10, 11])
    func exactBytes(limit: Int64) throws {
        tar("add('a', b'01234'); add('b', b'56789')")
        #expect(try scratch.unpack(.tar, bytes: limit).isClean == (limit >= 10))
    }

    @Test func aMillionEntries() throws {
        tar(
            "i = tarfile.TarInfo('f'); b = i.tobuf(tarfile.USTAR_FORMAT)\nfor n in range(1000000):\n    if n < 11000: i.name = 'f%d' % n; b = i.tobuf(tarfile.USTAR_FORMAT)\n    t.fileobj.write(b)",
            mode: "w:gz")
        let report = try scratch.unpack(.tarGzip, entries: 10000)
        #expect(report.problems.map(\.code) == [.tooManyEntries])
        #expect(try scratch.listing("out").count <= 10000)
    }

    @Test func nestedArchivesAreFiles() throws {
        tar("add('inner.tar.gz', b'whatever'); add('inner.zip', b'PK')")
        #expect(try scratch.unpack(.tar).isClean)
        #expect(try scratch.content("out/inner.tar.gz") == "whatever")
    }

    // MARK: Zip

    @Test(arguments: [
        ("z.writestr('../x', 'a')", TreeProblem.Code.badName), ("z.writestr('/x', 'a')", .badName),
        ("z.writestr('x', 'a'); z.writestr('x', 'b')", .repeatedName),
        (
            "i = zipfile.ZipInfo('l'); i.create_system = 3; i.external_attr = 0o120777 << 16; z.writestr(i, '/etc/passwd')",
            .linkLeaves
        ),
        (
            "i = zipfile.ZipInfo('c'); i.create_system = 3; i.external_attr = 0o020644 << 16; z.writestr(i, '')",
            .specialFile
        ),
        ("z.writestr('f', bytes(200_000_000))", .tooLarge),
        ("[z.writestr(str(i), '') for i in range(2000)]", .tooManyEntries),
    ])
    func zipRefused(script: String, code: TreeProblem.Code) throws {
        zip("z = zipfile.ZipFile('archive', 'w', zipfile.ZIP_DEFLATED)\n\(script)\nz.close()")
        #expect(try codes(.zip) == [code])
    }

    /// Each directory entry points at the same data: small on disk, large when unpacked.
    @Test func overlappingZip() throws {
        zip(
            """
            import io, struct
            b = io.BytesIO(); z = zipfile.ZipFile(b, 'w', zipfile.ZIP_DEFLATED); z.writestr('0000', bytes(100_000)); z.close()
            d = b.getvalue(); end = d.rindex(b'PK\\5\\6'); start = struct.unpack('<I', d[end + 16:end + 20])[0]
            one = d[start:end]; many = b''.join(one[:46] + b'%04d' % i + one[50:] for i in range(500))
            open('archive', 'wb').write(d[:start] + many + struct.pack('<4s4H2IH', b'PK\\5\\6', 0, 0, 500, 500, len(many), start, 0))
            """)
        #expect(try codes(.zip) == [.archiveDamaged])
        scratch.sh("[ $(du -sk out | cut -f1) -lt 3000 ]")
    }

    @Test(arguments: [1, 10, 4_000_000_000])
    func lyingZipSizes(size: UInt32) throws {
        zip(
            """
            import struct
            z = zipfile.ZipFile('archive', 'w', zipfile.ZIP_DEFLATED); z.writestr('f', b'x' * 100); z.close()
            d = bytearray(open('archive', 'rb').read()); c = d.index(b'PK\\1\\2')
            d[22:26] = struct.pack('<I', \(size)); d[c + 24:c + 28] = struct.pack('<I', \(size)); open('archive', 'wb').write(d)
            """)
        let found = try codes(.zip)
        #expect(found == [.archiveDamaged] || found == [.tooLarge] || found == [.archiveTruncated], "\(found)")
    }

    @Test func encryptedZip() throws {
        scratch.sh("echo secret > f; zip -q -P password a.zip f; mv a.zip archive")
        #expect(try codes(.zip) == [.archiveEncrypted])
    }

    /// Single bytes changed all over an archive: whatever comes of it, it comes as a report and stays inside.
    @Test(arguments: [
        (ArchiveFormat.tar, "tar -cf archive -C in ."), (.zip, "(cd in; zip -qry ../a.zip .); mv a.zip archive"),
    ])
    func mutations(format: ArchiveFormat, maker: String) throws {
        scratch.sh("mkdir -p in/d; echo a > in/f; ln -s f in/l; ln in/f in/d/g; \(maker)")
        let good = try scratch.root.read("archive", limit: 1 << 20)
        var generator = SystemRandomNumberGenerator()
        let out = try scratch.root.makeOrOpenDirectory("mutants")
        for round in 0..<600 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<min(bytes.count, 3000), using: &generator)
                bytes[place] = UInt8.random(in: 0...255, using: &generator)
            }
            try scratch.root.replace("mutant", with: bytes)
            let target = try out.makeOrOpenDirectory(EntryName("\(round)"))
            let file = try scratch.root.open("mutant", O_RDONLY)
            _ = try Unpacker.unpack(
                archive: file.rawValue, format: format, into: target, limits: TreeLimits(bytes: 1 << 20, entries: 100))
        }
        #expect(try Set(scratch.root.entries().map(\.name)) == ["in", "archive", "mutants", "mutant"])
    }
}
