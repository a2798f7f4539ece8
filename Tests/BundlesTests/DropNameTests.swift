import Bundles
import Linux
import Runs
import Testing

@Suite struct DropNameTests {
    static let run = "01ARZ3NDEKTSV4RRFFQ69G5FAV"

    @Test(arguments: [
        ("report", "report", DropName.Form.file), ("report.tar", "report", .archive(.tar)),
        ("report.tar.gz", "report", .archive(.tarGzip)),
        ("report.tgz", "report", .archive(.tarGzip)), ("report.tar.zst", "report", .archive(.tarZstandard)),
        ("report.tar.xz", "report", .archive(.tarXZ)), ("report.tar.bz2", "report", .archive(.tarBzip2)),
        ("report.zip", "report", .archive(.zip)),
        ("a.b.py", "a.b", .script(ending: ".py")), ("a.sh", "a", .script(ending: ".sh")),
        ("a.bash", "a", .script(ending: ".bash")),
        ("a.R", "a", .script(ending: ".R")), ("a.r", "a", .script(ending: ".r")), ("a.js", "a", .script(ending: ".js")),
        ("a.mjs", "a", .script(ending: ".mjs")), ("a.pl", "a", .script(ending: ".pl")),
        ("a.rb", "a", .script(ending: ".rb")),
        ("a.PY", "a.PY", .file), ("a.ZIP", "a.ZIP", .file), ("a.gz", "a.gz", .file),
        ("a.jl", "a", .script(ending: ".jl")),
    ])
    func files(_ entry: String, _ name: String, _ form: DropName.Form) {
        let drop = DropName(EntryName(entry), isDirectory: false, endings: [".jl"])
        #expect(drop.name.description == name)
        #expect(drop.form == form)
        #expect(drop.error == nil && drop.run == nil)
        let chosen = DropName(
            EntryName(name + "." + Self.run + entry.dropFirst(name.utf8.count)), isDirectory: false, endings: [".jl"])
        #expect(chosen.name.description == name)
        #expect(chosen.run?.description == Self.run)
        #expect(chosen.form == form)
    }

    @Test func directoriesKeepTheirDots() {
        let drop = DropName("a.tar.gz", isDirectory: true)
        #expect(drop.name.description == "a.tar.gz" && drop.form == .directory)
        let chosen = DropName(EntryName("a.py." + Self.run), isDirectory: true)
        #expect(chosen.name.description == "a.py" && chosen.run != nil)
        #expect(DropName(EntryName("a." + Self.run + ".py"), isDirectory: true).run == nil)
    }

    @Test(arguments: [
        ("My report.py", "My_report", "My report.py"), ("-rf", "xrf", "-rf"), ("a\nb.sh", "a_b", "a\\x0ab.sh"),
        ("é.py", "x_", "é.py"),
        ("_x", "xx", "_x"),
    ])
    func mended(_ entry: String, _ name: String, _ shown: String) {
        let drop = DropName(EntryName(entry), isDirectory: false)
        #expect(drop.name.description == name)
        #expect(drop.error?.code == "bad_name")
        #expect(drop.error?.message.hasPrefix("'\(shown)' is no name of a bundle") == true)
    }

    @Test func bytesThatAreNoText() {
        let drop = DropName(EntryName(bytes: [0x61, 0xFF, 0x2E, 0x70, 0x79]), isDirectory: false)
        #expect(drop.name.description == "a_")
        #expect(drop.error?.message.contains("a\\xff.py") == true)
        #expect(
            DropName(EntryName(bytes: [UInt8](repeating: 0x61, count: 255)), isDirectory: false).name.description.utf8
                .count == 128)
        let double = DropName(EntryName("a.\(Self.run).\(Self.run).py"), isDirectory: false)
        #expect(double.run?.description == Self.run && double.error != nil)
        #expect(DropName(EntryName(Self.run), isDirectory: true).run == nil)
        #expect(DropName(EntryName("." + Self.run), isDirectory: true).error != nil)
    }
}
