import Bundles
import Glibc
import Linux
import Runs
import Spool
import SystemPackage

extension SubmitOptions {
    /// Renames them in, on disk; nothing if there is nothing to say.
    func write(for run: RunID, in inbox: Directory) throws(Errno) {
        if name == nil && input == nil { return }
        let final = SpoolLayout.submitOptions(of: run)
        let written = EntryName(bytes: final.bytes + Array(".new".utf8))
        try inbox.create(written, with: Array((json() + "\n").utf8))
        let file = try inbox.open(written, O_RDONLY)
        try flush(file.rawValue)
        try inbox.rename(written, to: final)
    }

    /// Takes back what was written for a bundle that was not dropped.
    func remove(for run: RunID, from inbox: Directory) {
        let final = SpoolLayout.submitOptions(of: run)
        for name in [final, EntryName(bytes: final.bytes + Array(".new".utf8))] {
            do { try inbox.unlinkIfPresent(name) } catch {
                Console.note("cannot remove \(name) from the inbox: \(error)")
            }
        }
    }
}
