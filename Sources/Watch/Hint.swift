public import Linux

/// What an event suggests: a reason to look, never the truth. Every hint may be missing, late or repeated.
public enum Hint: Sendable, Hashable {
    /// An entry was renamed to this name: it was made elsewhere and is whole.
    case renamedIn(WatchedDirectory, EntryName)
    /// An entry was made, written, closed after writing, had its mode changed, or, where that is watched, was removed.
    case changed(WatchedDirectory, EntryName)
    /// The directory itself was deleted, renamed or unmounted; it is watched no more.
    case gone(WatchedDirectory)
    /// The kernel's queue ran over: anything may have happened anywhere.
    case overflow
}

/// Stands for one watched directory; the caller chooses the number.
public struct WatchedDirectory: Sendable, Hashable {
    public let number: Int

    public init(number: Int) { self.number = number }
}
