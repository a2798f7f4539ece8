/// What a run may use at most. The kernel holds what it can; status.json's `enforced` says by what.
public struct Limits: Hashable, Sendable {
    /// Bytes of memory, swap not counted.
    public var memory: Int64 = 1 << 30
    /// Processors, in thousandths of one: 1500 is one and a half.
    public var millicpus: Int64 = 1000
    /// Processes and threads at one time.
    public var processes: Int64 = 64
    /// Open files of one process.
    public var openFiles: Int64 = 1024
    /// Bytes of one file.
    public var fileSize: Int64 = 100 << 20
    /// Bytes of everything that comes back in `files/`.
    public var output: Int64 = 100 << 20
    /// Entries of everything that comes back in `files/`.
    public var outputFiles: Int64 = 10_000
    /// Bytes kept of stdout, and of stderr.
    public var log: Int64 = 1 << 20
    /// Bytes of `/tmp` and `/dev/shm` together.
    public var tmp: Int64 = 100 << 20

    public init() {}
}
