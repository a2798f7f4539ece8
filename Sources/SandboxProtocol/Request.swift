public import Linux

/// What the daemon asks of the launcher. Each is answered with one `Reply` under the request's number; a run with two.
public enum Request: Hashable, Sendable {
    /// Starts a process in a sandbox. Beside it travel the sealed plan, standard input, output and error, and then the
    /// program, if the flag says so.
    case run(sendsProgram: Bool)
    /// Sends TERM to every process of the run that was asked for under that number. Not answered.
    case terminate(run: UInt64)
    /// Kills everything of that run. Not answered: its end is.
    case kill(run: UInt64)
    /// Renames a dropped entry to `newName` in the run's directory.
    case claim(queue: Place, name: EntryName, run: Place, newName: EntryName)
    /// Looks at an entry of an inbox, to tell whether somebody still works on it.
    case look(queue: Place, name: EntryName)
    /// Copies `sent` to `name` in the run's directory, which becomes the daemon's own.
    case take(run: Place, name: EntryName, form: TakenForm, bytes: Int64, entries: Int64)
    /// Cleans `upper` and moves it into the result as `files`; `work` and `sent` go to the trash, or at once without one.
    case collect(
        run: Place, result: Place, trash: Place?, ownership: FileOwnership, bytes: Int64, entries: Int64)
    /// Moves `sent` into the result, for its owner.
    case sendBack(run: Place, result: Place, ownership: FileOwnership)
    /// Gives a result to its reader and renames it into the outbox.
    case publish(active: Place, outbox: Place, name: EntryName, ownership: FileOwnership)
    /// Removes an entry and all below it.
    case remove(place: Place, name: EntryName)
    /// Moves an entry to the trash under another name, as one step, and then deletes it there if asked to: what cannot be
    /// deleted stays in the trash.
    case discard(place: Place, name: EntryName, trash: Place, newName: EntryName, deletes: Bool)
    /// Copies a tree or a file that is Bobbin's own to `newName`, which appears whole, closed to everybody but its new owner.
    case copy(place: Place, name: EntryName, target: Place, newName: EntryName, ownership: FileOwnership)
    /// Measures what an entry takes on disk.
    case measure(place: Place, name: EntryName)
    /// Counts what an entry holds that a script is still writing to, only until it is over one of the two limits.
    case sample(place: Place, name: EntryName, bytes: Int64, entries: Int64)
    /// Makes what a builder left in `env` of a directory in which an environment is built into something that runs may see, and
    /// the daemon's own.
    case seal(place: Place, bytes: Int64, entries: Int64)
    /// Makes a directory, the daemon's own with the group of `model`, or mends the one that is there.
    case makeDirectory(place: Place, name: EntryName, mode: UInt32, model: Place)
    /// Kills the init that a former launcher left, and answers when it is dead.
    case reap(ProcessIdentity)
    /// Tries each protection in a throw-away process.
    case probe
    /// Says below which control group runs are placed, and what it can hold.
    case controlGroup
}

/// How a dropped entry is taken over.
public enum TakenForm: Hashable, Sendable {
    /// A directory, whole.
    case directory
    /// A script: `name` becomes a directory with that one file in it.
    case script(EntryName)
    /// An archive: `name` becomes a file.
    case archive
}

/// Who gets a file.
public struct FileOwnership: Hashable, Sendable {
    public let owner: UInt32
    public let group: UInt32

    public init(owner: UInt32, group: UInt32) {
        self.owner = owner
        self.group = group
    }
}

/// One process for all time: pids are used again, a start time in clock ticks since boot is not.
public struct ProcessIdentity: Hashable, Sendable {
    public let pid: Int32
    /// Clock ticks since boot: field 22 of /proc/PID/stat, proc(5).
    public let startTime: UInt64

    public init(pid: Int32, startTime: UInt64) {
        self.pid = pid
        self.startTime = startTime
    }
}
