internal import Runs

extension Manifest {
    /// The keys of how its script is called; which of them have a meaning depends on the others.
    func writeWays(to object: inout JSONWriter) {
        object.add("call", call.rawValue)
        if call != .script {
            object.add("mode", mode.rawValue)
            if mode == .rows { object.add("on_row_error", onRowError.rawValue) }
        }
        object.addObject("result") { object in
            switch result {
            case .file(let path): object.add("file", path)
            case .value(let variable, let format):
                if let variable { object.add("variable", variable) }
                object.add("format", format.rawValue)
            }
        }
        if let checkpoint {
            object.addObject("checkpoint") { object in
                if let column = checkpoint.column { object.add("column", column) }
                if let key = checkpoint.key { object.add("key", key) }
            }
        }
        if let imports {
            object.addObject("imports") { $0.addArray("allow") { for module in imports { $0.addElement(module) } } }
        }
        object.add("log_level", logLevel.rawValue)
        object.add("fail_on_error_log", failsOnErrorLog)
    }
}
