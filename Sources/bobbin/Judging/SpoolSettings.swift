import Bundles
import Linux
import Spool
import SystemPackage

extension SpoolView {
    /// What bobbin.yaml says; nil if there is none.
    func settingsText() throws(Failure) -> [UInt8]? {
        do {
            return try root.read(SpoolLayout.settings, limit: 1 << 20)
        } catch {
            if error == .noSuchFileOrDirectory { return nil }
            throw Failure(.badData, "cannot read \(path)/bobbin.yaml: \(error)")
        }
    }

    /// The spool's settings. Where they cannot be read or are wrong the daemon has others, so that is said, and the defaults
    /// count.
    func settingsForJudging() -> SettingsFile {
        do {
            guard let text = try settingsText() else { return .builtIn }
            return try SettingsFile.reading(text).get()
        } catch let error as InvalidFile {
            Console.note("\(path)/bobbin.yaml is wrong, judging by the defaults:\n\(error)")
        } catch {
            Console.note((error as? Failure)?.message ?? "\(error)")
        }
        return .builtIn
    }
}
