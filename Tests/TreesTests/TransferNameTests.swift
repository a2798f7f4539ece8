import Linux
import Testing
import Trees

@Suite struct TransferNameTests {
    @Test(arguments: [
        (".x", true), (".x.py.AbC123", true), ("a~", true), ("a.part", true), ("a.PARTIAL", true), ("a.TMP", true),
        ("a.swp", true),
        ("a.CrDownload", true), ("a.filepart", true), ("part", false), ("a.parts", false), ("a.py", false),
        ("tmp", false),
    ])
    func inInbox(_ name: String, _ isTransfer: Bool) { #expect(TransferName.isInInbox(EntryName(name)) == isTransfer) }

    @Test(arguments: [
        (".x.py.AbC123", true), (".~tmp~", true), ("a.part", true), ("a.Partial", true), ("a.filepart", true),
        ("a.crdownload", true),
        ("notes~", false), ("a.tmp", false), (".hidden", false), (".gitignore", false), (".x.AbC12", false),
        (".x.AbC1234", false),
        (".x.AbC-23", false), ("x.AbC123", false), ("..AbC123", false), (".AbC123", false), ("a.swp", false),
    ])
    func insideDirectory(_ name: String, _ isTransfer: Bool) {
        #expect(TransferName.isInsideDirectory(EntryName(name)) == isTransfer)
    }
}
