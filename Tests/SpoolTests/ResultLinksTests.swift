import Linux
import Runs
import Spool
import SystemPackage
import TestSupport
import Testing

@Suite("The link to the newest result of a name")
struct ResultLinksTests {
    let scratch: Scratch
    let links: ResultLinks
    let name: BundleName
    let entry: EntryName = "report"

    init() throws {
        scratch = try Scratch()
        links = ResultLinks(outbox: scratch.root)
        name = try #require(BundleName("report"))
    }

    private func target() -> [UInt8] { SpoolLayout.directory(name, .new()).bytes }

    private func aside() throws -> [EntryName] {
        try scratch.root.entries().map(\.name).filter { $0.hasSuffix(".aside") }
    }

    @Test("It is set, set anew and removed; nothing else is left")
    func life() throws {
        #expect(links.target(of: name) == nil)
        for _ in 0..<3 {
            let target = target()
            try links.set(name, to: target)
            #expect(links.target(of: name) == target)
            #expect(try scratch.root.target(ofLink: entry) == target)
        }
        try links.remove(name)
        #expect(try scratch.root.entries().isEmpty)
        try links.remove(name)
    }

    enum Stranger: CaseIterable {
        case file, directory, link, linkToOther
    }

    private func place(_ stranger: Stranger, as entry: EntryName) throws {
        switch stranger {
        case .file: try scratch.root.create(entry, with: [1, 2])
        case .directory:
            try scratch.root.makeDirectory(entry)
            try scratch.root.directory(entry).create("kept", with: [])
        case .link: try scratch.root.makeLink(entry, to: Array("/etc/passwd".utf8))
        case .linkToOther: try scratch.root.makeLink(entry, to: Array("other.\(RunID.new())".utf8))
        }
    }

    @Test("A stranger's entry in its place is moved aside, whole", arguments: Stranger.allCases)
    func strangers(stranger: Stranger) throws {
        try place(stranger, as: entry)
        let before = try scratch.root.status(of: entry)
        #expect(links.target(of: name) == nil)
        let target = target()
        try links.set(name, to: target)
        #expect(links.target(of: name) == target)
        let aside = try aside()
        #expect(aside.count == 1)
        #expect(try scratch.root.status(of: #require(aside.first)).isSameFile(as: before))
    }

    @Test("So it is before a drop leaves the inbox", arguments: Stranger.allCases)
    func strangersBeforeClaim(stranger: Stranger) throws {
        try place(stranger, as: entry)
        try links.remove(name)
        #expect(!scratch.root.has(entry))
        #expect(try aside().count == 1)
    }

    @Test("What is in the way of making it is no obstacle", arguments: Stranger.allCases)
    func temporary(stranger: Stranger) throws {
        try place(stranger, as: ".report.link")
        // With a former link to replace, or nothing would have to be made first.
        try links.set(name, to: self.target())
        let target = target()
        try links.set(name, to: target)
        #expect(links.target(of: name) == target)
        #expect(!scratch.root.has(".report.link"))
    }

    @Test("The longest name has room for all of it")
    func longest() throws {
        let name = try #require(BundleName(String(repeating: "n", count: 128)))
        try scratch.root.create(EntryName(name.description), with: [])
        try links.set(name, to: SpoolLayout.directory(name, .new()).bytes)
        #expect(links.target(of: name) != nil)
    }
}
