public import Linux

/// Everything the launcher must know to start one process in a sandbox. It has no defaults of its own.
public struct SandboxPlan: Hashable, Sendable {
    /// What is executed.
    public enum Program: Hashable, Sendable {
        /// The first of these absolute paths, inside the sandbox, that exists.
        case path([[UInt8]])
        /// A program that the daemon has open and sends along; it need not be visible inside.
        case descriptor
    }

    /// What `/bundle` is.
    public enum Workspace: Hashable, Sendable {
        /// The run directory's `bundle`, copy-on-write: what is written comes to lie in its `upper`.
        case overlay
        /// That directory of the run directory itself, writable.
        case direct(EntryName)
        /// An empty directory, read-only: nothing is needed but what is shown.
        case empty
        /// The place's `bundle`, read-only, and as `/env` its `env`, writable: the place is where an environment is built.
        case building
    }

    /// The directory whose `bundle`, `upper`, `work` and shown files it uses.
    public var place: Place
    /// Which uid of the pool; no two runs may have the same at one time.
    public var slot: UInt32
    public var program: Program
    /// With the program's own name first.
    public var arguments: [[UInt8]]
    /// `NAME=value`; all that the process gets.
    public var environment: [[UInt8]]
    public var workspace: Workspace
    /// The directory of `state/environments` whose `env` is `/env`, read-only; nil: `/env` is empty.
    public var packages: EntryName?
    /// Files of the run directory that are visible in `/run`.
    public var shown: Set<ShownFile> = []
    /// The host's network instead of a loopback device of its own.
    public var hostNetwork = false
    public var limits: SandboxLimits
    /// Names of `Enforcement.what` without which it must not run.
    public var required: [String] = []

    public init(
        place: Place, slot: UInt32, program: Program, arguments: [[UInt8]], environment: [[UInt8]],
        workspace: Workspace = .overlay, limits: SandboxLimits = SandboxLimits()
    ) {
        self.place = place
        self.slot = slot
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.workspace = workspace
        self.limits = limits
    }
}

/// A file of the run directory that its process may see as `/run/NAME`.
public enum ShownFile: String, Hashable, Sendable, CaseIterable {
    /// The run's input.
    case input
    /// The name servers, for a run with the host's network.
    case resolver = "resolv.conf"
    /// What the script writes there is its result.
    case result
    /// A FIFO, for what the script says while it runs.
    case events
    /// What the text on standard input is checked against.
    case schema

    package var name: EntryName { EntryName(rawValue) }

    /// Whether the process may write to it. A FIFO can be written to wherever it lies.
    package var isWritable: Bool { self == .result }

    package var isFIFO: Bool { self == .events }
}

/// Where a sandbox has Bobbin's own files for scripts: the harnesses and the helper modules.
public enum ShownHarness {
    /// The same in every sandbox, read-only.
    public static let directory = "/run/bobbin"
}

/// Where a sandbox has the packages that a script needs, and, while they are installed, what they are taken from.
public enum ShownEnvironment {
    /// Read-only, except for who builds it.
    public static let directory = "/env"
    /// Directories of the host with packages, each by its number; for builders alone.
    public static let links = "/run/links"

    /// What the tree is called in its directory in `state/environments`.
    public static let tree: EntryName = "env"
    /// Ends the name of a directory in which one is being built.
    public static let unfinished = ".tmp"

    /// Whether a name is that of an environment that was built: 32 hexadecimal digits.
    public static func isKey(_ name: EntryName) -> Bool {
        name.bytes.count == 32 && name.bytes.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

/// What the kernel holds one sandbox to.
public struct SandboxLimits: Hashable, Sendable {
    /// Bytes of all memory of the run in its control group; of data of one process, where there is none.
    public var memory: UInt64 = 1 << 30
    /// Thousandths of a processor, where there is a control group.
    public var millicpus: UInt64 = 1000
    /// Processes and threads.
    public var processes: UInt64 = 64
    public var openFiles: UInt64 = 1024
    /// Bytes of one file.
    public var fileSize: UInt64 = 100 << 20
    /// Bytes of `/tmp`.
    public var tmp: UInt64 = 100 << 20

    public init() {}
}
