import Glibc
import Linux
import Runs
import Spool
import TestSupport
import SystemPackage
import Testing

@Suite("What readers see of a run")
struct ResultDirectoryTests {
    private let scratch: Scratch
    private let result: ResultDirectory

    init() throws {
        scratch = try Scratch()
        let spool = try Spool(preparing: scratch.path)
        result = try spool.resultDirectory(try #require(BundleName("report")), .new(), in: spool.active)
    }

    private func manifest() throws -> (text: String, inode: UInt64) {
        let bytes = try result.directory.read("manifest.json", limit: 1 << 10)
        return (String(decoding: bytes, as: UTF8.self), try result.directory.status(of: "manifest.json").inode)
    }

    @Test("A manifest that is there as it is to be stays; whatever else is there is replaced by it")
    func manifestAgain() throws {
        try result.write(manifest: "{}")
        let first = try manifest()
        #expect(first.text == "{}\n")
        try result.write(manifest: "{}")
        #expect(try manifest() == first)

        let spoilers: [(String, () throws -> Void)] = [
            ("other content", { try result.directory.replace("manifest.json", with: Array("[]\n".utf8), mode: 0o640) }),
            ("other mode", { try result.directory.replace("manifest.json", with: Array("{}\n".utf8), mode: 0o666) }),
            ("another name", { try result.directory.makeHardLink("manifest.json", as: "other", in: result.parent) }),
            (
                "a link",
                {
                    try result.directory.rename("manifest.json", to: "real")
                    try result.directory.makeLink("manifest.json", to: Array("real".utf8))
                }
            ),
            ("nothing", { try result.directory.unlink("manifest.json") }),
        ]
        for (name, spoil) in spoilers {
            try spoil()
            try result.write(manifest: "{}")
            #expect(try manifest().text == "{}\n", "\(name)")
            let status = try result.directory.status(of: "manifest.json")
            #expect(status.permissions == 0o640, "\(name)")
            #expect(status.links == 1, "\(name)")
            #expect(status.kind == .regular, "\(name)")
        }
    }

    @Test("A log that is there is emptied, under a new inode: who holds the old one does not see the new output")
    func logAgain() throws {
        let first = try result.makeLog("stdout")
        try writeAll(first.rawValue, Array("old".utf8))
        let old = try result.directory.status(of: "stdout").inode
        _ = try result.makeLog("stdout")
        let status = try result.directory.status(of: "stdout")
        #expect(status.size == 0)
        #expect(status.inode != old)
    }
}
