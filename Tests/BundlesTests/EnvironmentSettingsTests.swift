import Bundles
import Runs
import Testing

/// `environments` in bobbin.yaml.
@Suite struct EnvironmentSettingsTests {
    private static func read(_ text: String) -> Result<SettingsFile, InvalidFile> {
        SettingsFile.reading(Array(text.utf8))
    }

    @Test func everyKey() throws {
        let file = try Self.read(
            """
            environments:
              index: https://me:s3cret@pypi.example/simple
              extra_indexes: [http://tok3n@h/x]
              find_links: [/srv/wheels, https://a:b@h/links]
              offline: false
              build_from_source: true
              builder: pip
              max_size: 1GiB
              timeout: 1h
              retry_failed_after: 30s
              pythons: [/usr/bin/python3.11, /usr/local/bin/python3.12]
            """
        ).get()
        let made = file.settings.environments
        #expect(made.enabled && made.buildFromSource && made.builder == .pip && made.needsNetwork)
        #expect(made.index == .url("https://me:s3cret@pypi.example/simple"))
        #expect(made.maxSize == 1 << 30 && made.timeout == 3_600_000 && made.retryFailedAfter == 30_000)
        #expect(made.linkDirectories == ["/srv/wheels"] && made.pythons?.count == 2)
        let shown = file.entries().map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
        #expect(!shown.contains("s3cret") && !shown.contains("tok3n") && !shown.contains("a:b"), "\(shown)")
        #expect(shown.contains("environments.index=https://****@pypi.example/simple"))
        #expect(file.origin(of: "environments.index").description == "bobbin.yaml:2")
        #expect(IndexURL.secrets(in: "https://me:s3cret@h/") == ["me:s3cret", "s3cret"])
        #expect(IndexURL.secrets(in: "https://h/me@x") == [])
    }

    @Test func whatNeedsTheNetwork() throws {
        for (text, needs) in [
            ("{}", true), ("{offline: true}", false), ("{index: none}", false), ("{enabled: false}", false),
            ("{index: none, find_links: [/srv]}", false), ("{index: none, find_links: [http://h/]}", true),
            ("{index: none, extra_indexes: [http://h/]}", true),
        ] {
            let settings = try Self.read("environments: \(text)").get().settings
            #expect(settings.environments.needsNetwork == needs, "\(text)")
        }
    }

    @Test(arguments: [
        ("index: ftp://h/", "'index' must be a URL"), ("index: https://u:secret h/", "'index' must be a URL"),
        ("find_links: [wheels]", "'find_links' must be an absolute path or a URL"),
        ("find_links: [/a/../b]", "without blanks and '..'"), ("pythons: [/opt/python]", "must be below /usr"),
        ("pythons: [python3]", "must be an absolute path"), ("builder: conda", "must be one of auto, uv, pip"),
        ("max_size: 0", "must be more than zero"), ("ofline: true", "did you mean 'offline'?"),
        ("extra_indexes: https://h/", "must be a list"),
    ])
    func wrong(_ text: String, _ message: String) {
        guard case .failure(let invalid) = Self.read("environments: {\(text)}") else {
            Issue.record("it was taken")
            return
        }
        let said = invalid.errors.map(\.description).joined(separator: "\n")
        #expect(said.contains(message) && !said.contains("secret@"), "\(said)")
    }
}
