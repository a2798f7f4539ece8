/// What a control group can hold a run to. The raw value is what plans require and status.json names.
public enum RunController: String, Sendable, Hashable, CaseIterable {
    case memory, processes, cpu

    /// The kernel's name.
    public var kernelName: String { self == .processes ? "pids" : rawValue }

    /// Whether nothing else holds a run as a whole to it. The kernel counts the processes of a user namespace, which is one run's,
    /// but memory for each process alone, and that holds no run.
    public var needsGroup: Bool { self != .processes }
}

/// Below which control group runs are placed, and what it can hold.
public struct ControlGroupReport: Hashable, Sendable {
    /// On the host; empty: there is none.
    public var path: String
    public var controllers: Set<RunController>
    /// Why some are missing, as part of a sentence; empty if none is.
    public var problem: String

    public init(path: String, controllers: Set<RunController>, problem: String) {
        self.path = path
        self.controllers = controllers
        self.problem = problem
    }

    func encode(to writer: inout WireWriter) {
        writer.put(path)
        for controller in RunController.allCases { writer.put(controllers.contains(controller)) }
        writer.put(problem)
    }

    init(from reader: inout WireReader) throws(WireError) {
        path = try reader.text("path")
        controllers = []
        for controller in RunController.allCases where try reader.flag("controller") { controllers.insert(controller) }
        problem = try reader.text("problem")
    }
}
