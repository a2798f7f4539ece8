internal import Linux
internal import Runs
internal import SystemPackage

/// The manifest of a bundle as a file of its root.
struct ManifestFile {
    let name: String
    let bytes: [UInt8]

    var format: Document.Format { name.hasSuffix(".json") ? .json : .yaml }

    static let names = ["manifest.yaml", "manifest.yml", "manifest.json"]

    enum Outcome {
        case none
        case found(ManifestFile)
        case failed(BundleError)
    }

    static func find(in root: Directory) throws(Errno) -> Outcome {
        var found: [(name: String, status: FileStatus)] = []
        for name in names {
            do throws(Errno) {
                found.append((name, try root.status(of: EntryName(name))))
            } catch {
                if error != .noSuchFileOrDirectory { throw error }
            }
        }
        guard let (name, status) = found.first else { return .none }
        func failed(_ code: ErrorCode, _ message: String) -> Outcome {
            .failed(BundleError(code: code.rawValue, message: message, file: name))
        }
        if found.count > 1 {
            let list = found.map(\.name).joined(separator: " and ")
            return failed(.twoManifests, "a bundle has one manifest; this one has \(list)")
        }
        if status.kind != .regular {
            return failed(.badManifest, "must be a regular file; this is a \(status.kind.word)")
        }
        let limit = Document.Bounds.manifest.size
        do throws(Errno) {
            return .found(ManifestFile(name: name, bytes: try root.read(EntryName(name), limit: limit)))
        } catch {
            switch error {
            case .fileTooLarge:
                return failed(.tooLarge, "is \(status.size) bytes; at most \(SizeText.text(Int64(limit))) is allowed")
            // It was replaced after the look above.
            case .tooManySymbolicLinkLevels, .invalidArgument: return failed(.badManifest, "must be a regular file")
            case .permissionDenied: return failed(.unreadable, "cannot be read: permission denied")
            default: throw error
            }
        }
    }
}
