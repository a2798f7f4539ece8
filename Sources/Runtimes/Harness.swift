internal import Bundles
internal import Runs
internal import SandboxProtocol

/// The file of Bobbin's own that calls a script of one runtime, and what the runtime needs to find the helper module.
struct Harness {
    /// As the sandbox sees it.
    let file: String
    /// Variables that every script of the runtime gets, harnessed or not.
    let variables: [Label]

    /// nil for a runtime that has none.
    init?(runtime: String) {
        let directory = ShownHarness.directory
        switch runtime {
        case "python":
            file = "\(directory)/harness.py"
            variables = [Label(key: "PYTHONPATH", value: "\(directory)/python")]
        case "r":
            file = "\(directory)/harness.R"
            variables = [Label(key: "R_PROFILE_USER", value: "\(directory)/bobbin.R")]
        case "node":
            file = "\(directory)/harness.mjs"
            variables = []
        default: return nil
        }
    }

    /// `BOBBIN_HARNESS`: what it is to do, as one JSON object.
    static func task(_ manifest: Manifest) -> String {
        var object = JSONWriter()
        object.add("call", manifest.call.rawValue)
        object.add("mode", manifest.mode.rawValue)
        object.add("on_row_error", manifest.onRowError.rawValue)
        switch manifest.input {
        case .json:
            object.addObject("input") { object in
                object.add("kind", InputKind.json.rawValue)
                object.add("path", Command.inputFile)
            }
        case .file(let path):
            if let kind = InputKind(ofFile: path) {
                object.addObject("input") { object in
                    object.add("kind", kind.rawValue)
                    object.add("path", "\(Command.workspace)/\(path)")
                }
            }
        case nil: break
        }
        if case .value(let variable, let format) = manifest.result {
            object.addObject("result") { object in
                if let variable { object.add("variable", variable) }
                object.add("format", format.rawValue)
            }
        }
        if let column = manifest.checkpoint?.column { object.addObject("checkpoint") { $0.add("column", column) } }
        if let imports = manifest.imports {
            object.addArray("imports") { for module in imports { $0.addElement(module) } }
        }
        return object.finished()
    }
}
