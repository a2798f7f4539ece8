internal import Linux

extension SandboxPlan {
    /// Bytes of an encoded plan at most. The kernel takes about 2 MiB of arguments and environment.
    public static let longest = 4 << 20

    /// The plan as it travels, in sealed memory.
    public func encoded() -> [UInt8] {
        var writer = WireWriter(reserving: 1024)
        place.encode(to: &writer)
        writer.put(slot)
        switch program {
        case .path(let candidates):
            writer.put(UInt8(0))
            writer.put(candidates)
        case .descriptor:
            writer.put(UInt8(1))
        }
        writer.put(arguments)
        writer.put(environment)
        switch workspace {
        case .overlay:
            writer.put(UInt8(0))
        case .direct(let name):
            writer.put(UInt8(1))
            writer.put(name.bytes)
        case .empty:
            writer.put(UInt8(2))
        case .building: writer.put(UInt8(3))
        }
        writer.put(packages != nil)
        if let packages { writer.put(packages.bytes) }
        for file in ShownFile.allCases { writer.put(shown.contains(file)) }
        writer.put(hostNetwork)
        for limit in limits.all { writer.put(limit) }
        writer.put(required.map { Array($0.utf8) })
        return writer.bytes
    }

    /// Reads a plan, trusting nothing in it.
    public init(decoding bytes: [UInt8]) throws(WireError) {
        var reader = WireReader(bytes)
        place = try Place(from: &reader)
        slot = try reader.number()
        switch try reader.number(UInt8.self) {
        case 0:
            let candidates = try reader.terminables("program")
            if candidates.isEmpty || candidates.contains(where: { $0.first != 0x2F }) { throw .invalid("program") }
            program = .path(candidates)
        case 1: program = .descriptor
        default: throw .invalid("program")
        }
        arguments = try reader.terminables("arguments")
        if arguments.isEmpty { throw .invalid("arguments") }
        environment = try reader.terminables("environment")
        switch try reader.number(UInt8.self) {
        case 0: workspace = .overlay
        case 1: workspace = .direct(try EntryName(from: &reader))
        case 2: workspace = .empty
        case 3: workspace = .building
        default: throw .invalid("workspace")
        }
        if try reader.flag("packages") { packages = try EntryName(from: &reader) }
        // Both would be at one place.
        if packages != nil, workspace == .building { throw .invalid("packages") }
        for file in ShownFile.allCases where try reader.flag("shown") { shown.insert(file) }
        hostNetwork = try reader.flag("network")
        limits = SandboxLimits()
        limits.memory = try reader.number()
        limits.millicpus = try reader.number()
        limits.processes = try reader.number()
        limits.openFiles = try reader.number()
        limits.fileSize = try reader.number()
        limits.tmp = try reader.number()
        // None of them may mean 'no limit', nor wrap when the launcher adds its own process.
        for limit in limits.all {
            if limit == 0 || limit > UInt64(Int64.max) / 2 { throw .invalid("limit") }
        }
        required = try reader.texts("required")
        try reader.end()
    }
}

extension SandboxLimits {
    /// In the order in which they travel.
    fileprivate var all: [UInt64] { [memory, millicpus, processes, openFiles, fileSize, tmp] }
}
