internal import Watch

/// The numbers of the directories that are watched besides the queues' inboxes.
enum EngineWatch {
    static let inbox = WatchedDirectory(number: 0)
    static let control = WatchedDirectory(number: 1)
    static let cancel = WatchedDirectory(number: 2)
    static let pause = WatchedDirectory(number: 3)
    static let requests = WatchedDirectory(number: 4)
    /// What the control desk reads.
    static let ofControl = [control, cancel, pause]
    /// Queues' inboxes have numbers from here on.
    static let firstQueue = 16
}
