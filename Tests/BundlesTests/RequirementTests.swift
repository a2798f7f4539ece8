@testable import Bundles
import Runs
import Testing

/// What of a line of requirements is taken, and what is said of the others.
@Suite struct RequirementTests {
    @Test(
        "a line has one form",
        arguments: [
            ("numpy", "numpy"), ("NumPy", "numpy"), ("zope.interface", "zope-interface"), ("a__b-._c", "a-b-c"),
            ("requests[socks, Security] >= 2.8.1 , == 2.8.*", "requests[security,socks]==2.8.*,>=2.8.1"),
            ("a (>=1,<2)", "a<2,>=1"), ("a~=1.4.2", "a~=1.4.2"), ("a===1.0+local", "a===1.0+local"),
            ("a>1!2.0", "a>1!2.0"),
            ("a;python_version<'3.12'", #"a ; python_version < "3.12""#),
            (
                "a ; (os_name=='posix' or 'x' not in platform_version) and extra == 'b'",
                #"a ; (os_name == "posix" or "x" not in platform_version) and extra == "b""#
            ),
            (
                "a==1 --hash=sha256:\(String(repeating: "AB", count: 32))",
                "a==1 --hash=sha256:\(String(repeating: "ab", count: 32))"
            ),
        ])
    func taken(_ line: String, _ text: String) throws {
        let requirement = try Requirement(line)
        #expect(requirement.text == text)
        #expect(try Requirement(text) == requirement, "its own form is a line like any other")
    }

    @Test(
        "a line that is none says what to do instead",
        arguments: [
            ("a @ https://h/a.whl", "is a URL"), ("a@file:///x", "is a URL"), ("a @ x", "names a URL"),
            ("a[b] @ git+ssh://h/x", "URL"), ("https://h/a.whl", "is a URL"), ("git+https://h/x", "is a URL"),
            ("git+ssh@h:x", "is a URL"),
            ("./x", "is a path"), ("../x", "is a path"), ("/etc/passwd", "is a path"), ("~/x", "is a path"),
            ("x/y", "is a path"), ("file:x", "is a path"), ("a-1-py3-none-any.whl", "is a path"),
            ("-r other.txt", "'-r' reads a further file"), ("-rother.txt", "'-r' reads a further file"),
            ("--requirement=x", "reads a further file"), ("-c x", "'-c' reads a further file"),
            ("-e .", "'-e' installs what lies elsewhere"), ("--index-url https://h", "bobbin.yaml"),
            ("--extra-index-url=https://h", "bobbin.yaml"), ("-f /x", "'wheels: DIRECTORY'"),
            ("--target /etc", "would write elsewhere"), ("--target=/etc", "would write elsewhere"),
            ("--prefix /usr", "would write elsewhere"), ("--root /", "would write elsewhere"),
            ("--log /x", "would write elsewhere"), ("--cache-dir /x", "would write elsewhere"),
            ("--user", "would write elsewhere"), ("--global-option=x", "cannot be used here"),
            ("--pre", "cannot be used here"), ("--hash=sha256:00", "comes after the requirement"),
            ("a --target=/etc", "would write elsewhere"), ("a --index-url https://h", "bobbin.yaml"),
            ("a==1 -r x", "'-r' reads a further file"), ("a --config-settings=x=y", "cannot be used here"),
            ("a ; os_name == \"x\" --target=/etc", "would write elsewhere"),
            ("a ; os_name == \"x --target=/etc\"", "cannot be in a marker"),
            ("a ; os_name == '${HOME}'", "cannot be in a marker"), ("a ; os == 'x'", "is neither"),
            ("a ; os_name", "a marker compares"), ("a ; (os_name == 'x'", "')' is missing"),
            ("a ; os_name == 'x", "does not end"), ("${A}", "a package's name is wanted where '${A}' is"),
            ("a b", "is wanted where 'b' is"), ("a==", "a version after '=='"), ("a=1", "one of =="),
            ("a==1 2", "is wanted where '2' is"), ("-", "cannot be used here"), ("a[b", "',' or ']'"),
            ("[a]", "a package's name"), ("a-", "a package's name"), ("é", "ASCII"), ("a\u{1}", "ASCII"),
            ("a --hash=md5:00", "sha256, sha384 or sha512"), ("a --hash=sha256:00", "64 hexadecimal digits"),
        ])
    func refused(_ line: String, _ words: String) {
        do {
            let requirement = try Requirement(line)
            Issue.record("\(requirement)")
        } catch { #expect(error.message.contains(words), "\(error.message)") }
    }

    @Test func aFile() throws {
        let text = """
            # tools
            numpy>=1.20   # fast
            pandas \\
                ==2.0 \\
                --hash=sha256:\(String(repeating: "0", count: 64))

            NumPy>=1.20
            a#b
            """
        let lines = RequirementsFile.lines(of: "\u{FEFF}" + text)
        #expect(lines.map(\.position.line) == [2, 3, 7, 8])
        let findings = Findings(file: "requirements.txt")
        let found = findings.requirements(lines)
        #expect(found == ["numpy>=1.20", "pandas==2.0 --hash=sha256:" + String(repeating: "0", count: 64)])
        #expect(findings.errors.map(\.line) == [8])
    }

    @Test("all that is wrong is said at once, with its line") func everyError() throws {
        let judgement = try judge([
            ("main.py", ""), ("requirements.txt", "ok\n-r other.txt\r\nx @ https://h/x.whl\n\n./here\n"),
        ])
        #expect(
            judgement.messages.map { $0.prefix(20) } == [
                "requirements.txt:2:1", "requirements.txt:3:1", "requirements.txt:5:1",
            ])
    }

    @Test func whatTheManifestSaysCounts() throws {
        let files = [("main.py", ""), ("requirements.txt", "b\na\n")]
        #expect(try judge(files).manifest?.requirements == ["a", "b"])
        #expect(try judge(files + [("manifest.yaml", "requirements: []")]).manifest?.requirements == [])
        #expect(try judge(files + [("manifest.yaml", "requirements: [c]")]).manifest?.requirements == ["c"])
        #expect(try judge([("main.sh", ""), ("requirements.txt", "-r x")]).manifest?.requirements == [])
    }

    @Test(
        "manifest keys that are wrong",
        arguments: [
            ("requirements: [-r x, a@http://h/x]", "manifest.yaml:1:16: '-r'"),
            ("requirements: a", "manifest.yaml:1:15: 'requirements' must be a list"),
            ("python: 3.11", "say '==3.11.*' or '>=3.11'"), ("python: \"~=3\"", "'python' must be versions"),
            ("python: \">=3.11 or\"", "'python' must be versions"), ("wheels: ../x", "must not have '..'"),
            ("wheels: none", "is no directory of the bundle"), ("wheels: main.py", "is no directory of the bundle"),
            ("packages: [dplyr]", "'packages' works with r alone"),
            ("runtime: bash\nrequirements: [a]", "'requirements' works with python alone"),
        ])
    func wrongKeys(_ text: String, _ message: String) throws {
        let judgement = try judge([("manifest.yaml", text), ("main.py", "")])
        #expect(judgement.messages.contains { $0.contains(message) }, "\(judgement.messages)")
    }

    @Test func keysSurvive() throws {
        let text = "python: \">= 3.11, <4\"\nrequirements: [b, A>1]\nwheels: w/"
        #expect(try judge([("manifest.yaml", text), ("main.py", ""), ("w/x", "")]).messages.count == 1)
        let judged = try judge([
            ("manifest.yaml", text.replacing("w/", with: "w")), ("main.py", ""), ("w/x", ""),
        ])
        let manifest = try #require(judged.manifest, "\(judged.messages)")
        #expect(manifest.python == ">=3.11,<4" && manifest.requirements == ["a>1", "b"] && manifest.wheels == "w")
        #expect(try Manifest.reading(applied: Array(manifest.json().utf8)).get() == manifest)
    }

    @Test func aQueueCanForbidThem() throws {
        let settings = try SettingsFile.reading(Array("queues: {default: {environments: false}}".utf8)).get().settings
        let queue = settings.queue(try #require(QueueName("default")))
        for files in [
            [("main.py", ""), ("requirements.txt", "a")], [("main.py", ""), ("manifest.yaml", "requirements: [a]")],
        ] {
            let messages = try judge(files, queue: queue).messages
            #expect(messages.count == 1 && messages[0].contains("allows no requirements"), "\(messages)")
        }
    }
}

@Suite struct VersionTests {
    @Test(arguments: [
        (">=3.11", "3.11.2", true), (">=3.11", "3.9.18", false), (">3.11", "3.11.2", true), (">3.11", "3.11", false),
        ("<3.12", "3.11.9", true), ("<3.12", "3.12.0rc1", false), ("<=3.11", "3.11.2", false),
        ("==3.11.*", "3.11.2", true), ("==3.11.*", "3.1.1", false), ("==3.11", "3.11.0", true),
        ("!=3.11.*", "3.11.2", false), ("!=3.11.2", "3.11.3", true), ("~=3.11", "3.12.1", true),
        ("~=3.11.1", "3.12.1", false), ("~=3.11", "4.0", false), (">=3.9,<3.12", "3.12.0", false),
        ("===3.11.2", "3.11.2", true), (">=3.13", "3.13.0rc1", false), (">=3.13.0rc1", "3.13.0", true),
        (">3.11", "3.11.0.post1", false), ("<3.13.0rc2", "3.13.0rc1", true),
    ])
    func specifier(_ text: String, _ version: String, _ fits: Bool) throws {
        let specifier = try #require(VersionSpecifier(text))
        #expect(specifier.contains(try #require(PythonVersion(version))) == fits)
    }

    @Test(arguments: ["", "3.11", ">=", ">=3.11,", "=>3", "~=3", ">=3.*", "==3.x", ">=3 or <2", "==1..2"])
    func none(_ text: String) { #expect(VersionSpecifier(text) == nil) }

    @Test func order() {
        let texts = ["1.dev1", "1a1", "1b2", "1rc1", "1", "1.post1", "1.0.1", "1.2", "1.10", "1!0.1"]
        let versions = texts.compactMap { PythonVersion($0) }
        #expect(versions.count == texts.count && versions.sorted().map(\.description) == texts)
        #expect(PythonVersion("1.0") == PythonVersion("1.0.0"))
    }
}
