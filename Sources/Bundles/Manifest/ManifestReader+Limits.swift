internal import Runs

/// How the contract names each limit.
enum LimitKey: String, CaseIterable {
    case memory, cpus, processes
    case openFiles = "open_files"
    case fileSize = "file_size"
    case output
    case outputFiles = "output_files"
    case log, tmp

    enum Unit { case bytes, thousandths, count }

    var unit: Unit {
        switch self {
        case .memory, .fileSize, .output, .log, .tmp: .bytes
        case .cpus: .thousandths
        case .processes, .openFiles, .outputFiles: .count
        }
    }

    var field: WritableKeyPath<Limits, Int64> {
        switch self {
        case .memory: \.memory
        case .cpus: \.millicpus
        case .processes: \.processes
        case .openFiles: \.openFiles
        case .fileSize: \.fileSize
        case .output: \.output
        case .outputFiles: \.outputFiles
        case .log: \.log
        case .tmp: \.tmp
        }
    }

    /// What no setting may exceed: a pebibyte, ten thousand processors, the kernel's own largest counts.
    var absoluteMaximum: Int64 {
        switch unit {
        case .bytes: 1 << 50
        case .thousandths: 10_000_000
        case .count: 1 << 30
        }
    }

    /// The value as people write it.
    func text(_ value: Int64) -> String {
        switch unit {
        case .bytes: SizeText.text(value)
        case .thousandths: DurationText.decimal(value)
        case .count: String(value)
        }
    }
}

extension Findings {
    /// The keys of `limits` or `max_limits`; `limits` keeps what is not said.
    func limits(_ node: Node?, _ subject: String, into limits: inout Limits, _ ceiling: (LimitKey) -> Ceiling) {
        let fields = Fields(node, of: subject, known: LimitKey.allCases.map(\.rawValue), self)
        for key in LimitKey.allCases {
            let name = key.rawValue
            let value = fields.read(name) { node in
                switch key.unit {
                case .bytes: size(node, name, ceiling(key))
                case .thousandths: thousandths(node, name, ceiling(key))
                case .count: count(node, name, ceiling(key))
                }
            }
            if let value { limits[keyPath: key.field] = value }
        }
    }
}

extension ManifestReader {
    func limits(_ node: Node?) -> Limits {
        var limits = Limits()
        if let maximum = queue?.settings.maxLimits {
            // A queue that allows less than the default gives what it allows.
            for key in LimitKey.allCases {
                limits[keyPath: key.field] = min(limits[keyPath: key.field], maximum[keyPath: key.field])
            }
        }
        findings.limits(node, "limits", into: &limits) { key in
            ceiling(queue?.settings.maxLimits[keyPath: key.field] ?? .max)
        }
        return limits
    }
}
