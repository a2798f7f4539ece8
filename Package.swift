// swift-tools-version: 6.1
import PackageDescription

/// What every Swift target is compiled with: the Swift 6 language mode comes from the tools version.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// The launcher and the unpacker run inside or beside a sandbox, where no Swift runtime can be found: they carry their own.
let fullyStatic: [SwiftSetting] = [.unsafeFlags(["-static-executable"])]
let fullyStaticLink: [LinkerSetting] = [.unsafeFlags(["-static-executable", "-use-ld=lld"])]

/// In a release the daemon and the command carry the Swift runtime and what they use of Foundation: they start in half the time,
/// take less memory, and run where there is no toolchain. Only the link differs, so that no other build has to begin anew, and
/// so what else Foundation is made of has to be named. Relocations are packed since all of them are read at every start;
/// nobody looks up a program's symbols, and what is not exported can be left out.
let carriesRuntime: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-static-stdlib", "-use-ld=lld", "-lCoreFoundation", "-l_FoundationICU", "-l_FoundationCShims",
            "-l_FoundationCollections", "-lFoundationInternationalization", "-lFoundationEssentials",
            "-Xlinker", "--no-export-dynamic", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
        ], .when(configuration: .release))
]

let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "bobbin",
    products: [
        .executable(name: "bobbind", targets: ["bobbind"]),
        .executable(name: "bobbin", targets: ["bobbin"]),
        .executable(name: "bobbin-launcher", targets: ["bobbin-launcher"]),
        .executable(name: "bobbin-unpack", targets: ["bobbin-unpack"]),
        .executable(name: "bobbin-validate", targets: ["bobbin-validate"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The kernel and C libraries.
        .target(name: "CLinux"),
        // The scripts' side of Bobbin in Python, R and JavaScript, as bytes.
        .target(name: "Harnesses", exclude: ["Files"]),
        .systemLibrary(name: "CInotifyTools", providers: [.apt(["libinotifytools0-dev"])]),
        .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
        .systemLibrary(name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),

        // Values and the kernel's Swift face.
        .target(name: "Linux", dependencies: ["CLinux", system], swiftSettings: strict),
        .target(name: "Trees", dependencies: ["Linux", "CLinux", system], swiftSettings: strict),
        .target(name: "Runs", swiftSettings: strict),

        // The threads of a program that has tasks.
        .target(
            name: "Threads",
            dependencies: [
                "Linux", "CLinux", system, .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strict),

        // Bundles.
        .target(name: "Archives", dependencies: ["Linux", "Trees", "CArchive", system], swiftSettings: strict),
        .target(
            name: "Bundles",
            dependencies: [
                "Runs", "Linux", "CYAML", system, .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),

        // The spool on disk.
        .target(name: "Watch", dependencies: ["Linux", "CInotifyTools", system], swiftSettings: strict),
        .target(name: "Spool", dependencies: ["Runs", "Bundles", "Linux", system], swiftSettings: strict),

        // The sandbox: the contract, the privileged side, the daemon's side.
        .target(name: "SandboxProtocol", dependencies: ["Linux", system], swiftSettings: strict),
        .target(
            name: "LauncherCore",
            dependencies: ["SandboxProtocol", "Linux", "Trees", "CSeccomp", "CLinux", "Harnesses", system],
            swiftSettings: strict),
        .target(
            name: "Sandbox", dependencies: ["Runs", "SandboxProtocol", "Trees", "Linux", "CLinux", system],
            swiftSettings: strict),

        // From manifest to command; the memory; the services.
        .target(
            name: "Runtimes", dependencies: ["Runs", "Bundles", "Sandbox", "SandboxProtocol", "Linux", system],
            swiftSettings: strict),
        .target(
            name: "History",
            dependencies: [
                "Runs", "Linux", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .target(
            name: "Engine",
            dependencies: [
                "Runs", "Linux", "Threads", "Trees", "Watch", "Bundles", "Spool", "Sandbox", "SandboxProtocol",
                "Runtimes", "History",
                logging, lifecycle, system,
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strict),

        // What the commands parse and print.
        .target(name: "Presentation", dependencies: ["Runs", "Bundles", "Linux"], swiftSettings: strict),

        // The programs.
        .executableTarget(
            name: "bobbind",
            dependencies: [
                "Engine", "Runs", "Bundles", "Spool", "Sandbox", "SandboxProtocol", "History", "Threads", "Linux",
                arguments, logging,
                lifecycle, signals, system,
            ],
            swiftSettings: strict,
            linkerSettings: carriesRuntime),
        .executableTarget(
            name: "bobbin",
            dependencies: [
                "Presentation", "Runs", "Bundles", "Trees", "Spool", "Sandbox", "SandboxProtocol", "Runtimes",
                "History",
                "Linux", "CLinux", arguments, logging, system,
            ],
            swiftSettings: strict,
            linkerSettings: carriesRuntime),
        .executableTarget(
            name: "bobbin-launcher", dependencies: ["LauncherCore", "SandboxProtocol", "Linux"],
            swiftSettings: strict + fullyStatic,
            linkerSettings: fullyStaticLink),
        .executableTarget(
            name: "bobbin-unpack", dependencies: ["Archives", "Trees", "Linux", system], swiftSettings: strict,
            linkerSettings: [.unsafeFlags(["-static-stdlib"])]),
        // In C++, as the library that it is made of, and which is slow where it is not optimised.
        .executableTarget(
            name: "bobbin-validate",
            cxxSettings: [.unsafeFlags(["-O2"])],
            linkerSettings: [.linkedLibrary("pcre2-8"), .unsafeFlags(["-static-executable", "-use-ld=lld"])]),

        // What `make bench-history` fills and asks a history with; no product.
        .executableTarget(
            name: "bobbin-bench-history", dependencies: ["History", "Runs"], path: "Tests/bench/history",
            swiftSettings: strict),

        // Tests: one target a module; Structure reads the sources, System starts the built programs.
        .target(
            name: "TestSupport", dependencies: ["Linux", "Trees", system], path: "Tests/TestSupport",
            swiftSettings: strict),
        // The readers that `make fuzz` feeds, for it and for the tests that read again what it found.
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Archives", "Bundles", "Linux", "Runs", "Runtimes", "SandboxProtocol", "Spool", "Trees", system,
            ],
            path: "Tests/fuzz/Targets", swiftSettings: strict),
        .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets", "TestSupport", "Linux"], swiftSettings: strict),
        .testTarget(
            name: "LinuxTests", dependencies: ["TestSupport", "Linux", "CLinux", system], swiftSettings: strict),
        .testTarget(
            name: "TreesTests", dependencies: ["TestSupport", "Trees", "Linux", system], swiftSettings: strict),
        .testTarget(name: "WatchTests", dependencies: ["Watch", "Linux", system], swiftSettings: strict),
        .testTarget(name: "ThreadsTests", dependencies: ["Threads"], swiftSettings: strict),
        .testTarget(name: "RunsTests", dependencies: ["Runs"], swiftSettings: strict),
        .testTarget(name: "RuntimesTests", dependencies: ["Runtimes"], swiftSettings: strict),
        .testTarget(
            name: "BundlesTests", dependencies: ["TestSupport", "Bundles", "Runs", "Linux", system],
            swiftSettings: strict),
        .testTarget(
            name: "ArchivesTests", dependencies: ["TestSupport", "Archives", "Trees", "Linux", system],
            swiftSettings: strict),
        .testTarget(
            name: "SpoolTests", dependencies: ["TestSupport", "Spool", "Runs", "Bundles", "Linux", system],
            swiftSettings: strict),
        .testTarget(
            name: "SandboxTests",
            dependencies: [
                "TestSupport", "LauncherCore", "Sandbox", "SandboxProtocol", "Trees", "Runs", "Linux", "CLinux", system,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "HistoryTests",
            dependencies: ["History", "Runs", .product(name: "GRDB", package: "GRDB.swift")],
            // Read where it lies: histories of earlier versions.
            exclude: ["Old"], swiftSettings: strict),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "TestSupport", "Engine", "Trees", "Runs", "SandboxProtocol", "History", "Spool", "Linux", logging,
                system,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "PresentationTests", dependencies: ["Presentation", "Runs", "Linux"], swiftSettings: strict),
        // Needs the built program beside the test bundle, hence the dependency.
        .testTarget(
            name: "CommandTests", dependencies: ["bobbin", "Runs", "History"],
            swiftSettings: strict),
        .testTarget(name: "StructureTests", swiftSettings: strict),
        .testTarget(name: "SystemTests", dependencies: ["Runs", "Linux", "CLinux", system], swiftSettings: strict),
    ],
    cxxLanguageStandard: .cxx17
)

/// Only what `make fuzz` builds is instrumented and has libFuzzer in it.
if Context.environment["BOBBIN_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "bobbin-fuzz", dependencies: ["FuzzTargets", "Linux"], path: "Tests/fuzz/Program",
            swiftSettings: strict,
            linkerSettings: [.unsafeFlags(["-use-ld=lld"])]))
}
