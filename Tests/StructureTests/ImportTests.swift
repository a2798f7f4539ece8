import Foundation
import Testing

@Suite("Who may import whom")
struct ImportTests {
    /// DESIGN's table, plus what belongs to the language (below).
    static let allowed: [String: Set<String>] = [
        "Linux": ["CLinux", "SystemPackage"],
        "Trees": ["Linux", "CLinux", "SystemPackage"],
        "Threads": ["Linux", "CLinux", "HeapModule", "DequeModule", "SystemPackage", "_Concurrency"],
        "Watch": ["Linux", "CInotifyTools", "SystemPackage"],
        "Runs": ["FoundationEssentials"],
        "Archives": ["Linux", "Trees", "CArchive", "SystemPackage"],
        "Bundles": [
            "Runs", "Linux", "CYAML", "CArchive", "Crypto", "SystemPackage", "FoundationEssentials",
        ],
        "Spool": ["Runs", "Bundles", "Linux", "CLinux", "SystemPackage", "FoundationEssentials"],
        "SandboxProtocol": ["Linux", "SystemPackage"],
        "LauncherCore": ["SandboxProtocol", "Linux", "CLinux", "Trees", "CSeccomp", "Harnesses", "SystemPackage"],
        "Sandbox": ["Runs", "SandboxProtocol", "Linux", "CLinux", "Trees", "SystemPackage"],
        "Runtimes": [
            "Runs", "Bundles", "Sandbox", "SandboxProtocol", "Linux", "SystemPackage", "FoundationEssentials",
        ],
        "Presentation": [
            "Runs", "Bundles", "Spool", "Sandbox", "SandboxProtocol", "Runtimes", "History", "Linux", "SystemPackage",
            "Foundation", "FoundationEssentials",
        ],
        "History": [
            "Runs", "Linux", "GRDB", "GRDBSQLite", "SystemPackage", "Dispatch", "Foundation", "FoundationEssentials",
        ],
        "Engine": [
            "Runs", "Linux", "Threads", "Trees", "Watch", "Bundles", "Spool", "Sandbox", "SandboxProtocol", "Runtimes",
            "History", "Logging", "ServiceLifecycle", "HeapModule", "DequeModule", "SystemPackage",
        ],
        "bobbind": [
            "Engine", "Runs", "Bundles", "Spool", "Sandbox", "SandboxProtocol", "History", "Threads", "Linux",
            "Presentation", "ArgumentParser", "Logging", "ServiceLifecycle", "UnixSignals", "SystemPackage",
            "Foundation",
            "FoundationEssentials",
        ],
        "bobbin": [
            "Runs", "Bundles", "Spool", "Sandbox", "SandboxProtocol", "Runtimes", "History", "Linux", "CLinux", "Trees",
            "Presentation", "ArgumentParser", "Logging", "SystemPackage", "Dispatch", "Foundation",
            "FoundationEssentials",
        ],
        "bobbin-launcher": ["LauncherCore", "SandboxProtocol", "Linux", "CLinux", "SystemPackage"],
        "bobbin-unpack": ["Archives", "Trees", "Linux", "SystemPackage"],
    ]

    /// What every module may use: the C library and the standard library's own modules.
    static let language: Set<String> = ["Glibc", "Synchronization"]

    /// Modules that run beside or inside a sandbox: one thread, no runtime that starts others.
    static let synchronous: Set<String> = [
        "LauncherCore", "SandboxProtocol", "Trees", "Archives", "Linux", "bobbin-launcher", "bobbin-unpack",
    ]

    @Test("The sources are there")
    func found() {
        #expect(Sources.files.count > 100)
        #expect(Set(Sources.files.map(\.module)).isSuperset(of: ["Linux", "Runs", "Spool", "Engine", "LauncherCore"]))
    }

    @Test("No module imports what the design does not give it")
    func table() {
        for file in Sources.files {
            guard let allowed = Self.allowed[file.module] else {
                Issue.record("\(file): the module is not in the table of imports")
                continue
            }
            let more = file.imports.subtracting(allowed).subtracting(Self.language)
            #expect(more.isEmpty, "\(file) imports \(more.sorted())")
        }
    }

    @Test("A module has one owner: the database, the watches, the archive and the filter library")
    func owners() {
        let owners = [
            "GRDB": "History", "GRDBSQLite": "History", "CInotifyTools": "Watch", "CArchive": "Archives",
            "CYAML": "Bundles",
            "CSeccomp": "LauncherCore", "Crypto": "Bundles",
        ]
        for file in Sources.files {
            for name in file.imports {
                if let owner = owners[name] { #expect(file.module == owner, "\(file) imports \(name)") }
            }
        }
        #expect(Sources.files.filter { $0.imports.contains("CInotifyTools") }.count == 1)
    }

    @Test("What runs beside a sandbox knows no Foundation, no Dispatch and no concurrency")
    func synchronousModules() {
        let words = [/\basync\b/, /\bawait\b/, /\bactor\b/, /\bTask\b/]
        for file in Sources.files where Self.synchronous.contains(file.module) {
            let heavy = file.imports.filter { $0.hasPrefix("Foundation") || $0 == "Dispatch" || $0 == "_Concurrency" }
            #expect(heavy.isEmpty, "\(file) imports \(heavy)")
            for line in file.code {
                #expect(!words.contains { line.text.contains($0) }, "\(file):\(line.number): \(line.text)")
            }
        }
    }

    @Test("Every import is a declared dependency of its target, or the target itself would build by luck")
    func declared() throws {
        let manifest = try String(contentsOf: Sources.root.appending(path: "Package.swift"), encoding: .utf8)
        // Names that the manifest gives to products, and where a module's name is not its target's.
        let products = [
            "system": "SystemPackage", "logging": "Logging", "lifecycle": "ServiceLifecycle", "signals": "UnixSignals",
            "arguments": "ArgumentParser",
        ]
        let open = Self.language.union(["Foundation", "FoundationEssentials", "Dispatch", "_Concurrency"])
        let targets = manifest.matches(
            of: /arget\(\s*name: "([A-Za-z-]+)"(?:, dependencies|,\s*dependencies): \[([^\]]*)\]/)
        #expect(targets.count > 15)
        let declared = Dictionary(
            targets.map { match in
                var names = Set(match.2.matches(of: /"([A-Za-z0-9.-]+)"/).map { String($0.1) })
                for word in match.2.matches(of: /\b[a-z]+\b/) {
                    if let name = products[String(word.0)] { names.insert(name) }
                }
                return (String(match.1), names)
            }, uniquingKeysWith: { $0.union($1) })
        for file in Sources.files {
            let missing = file.imports.subtracting(declared[file.module] ?? []).subtracting(open)
            #expect(missing.isEmpty, "\(file): Package.swift does not give \(file.module) \(missing.sorted())")
        }
    }
}
