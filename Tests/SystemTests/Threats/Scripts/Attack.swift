/// One phrase of THREATS as a bundle that does it, and what must come of it.
///
/// A script tries, and prints `held` alone if nothing of what it tried came about; whatever did it names. All tries are bounded: where
/// the protection is missing the case fails, and the machine it runs on is none the worse.
struct Attack: Sendable {
    let threat: Int
    /// As THREATS has it, and what tells apart several cases of one phrase.
    let phrase: String
    /// The entry: Python's, or a shell's if it begins with `#!`.
    let script: String
    /// Further lines of the manifest.
    var manifest = ""
    /// Nil: `judge` says.
    var state: String? = "succeeded"
    var prints: String? = "held\n"
    /// What has held it, for the table.
    let heldBy: String
    /// What else must be so of the result; a sentence if it is not.
    var judge: @Sendable (ResultDirectory) async throws -> String? = { _ in nil }

    /// What all Python scripts of attacks have beside them, as `attack.py`.
    static let library = #"""
        import ctypes, errno, os, socket, sys
        libc = ctypes.CDLL(None, use_errno=True)
        bad = []

        def name(number): return errno.errorcode.get(number, str(number))

        def call(what, wanted, *arguments):
            """A system call by number, which must end with that error."""
            ctypes.set_errno(0)
            result = libc.syscall(*[ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments])
            found = name(ctypes.get_errno()) if result == -1 else f"result {result}"
            if found not in wanted.split("|"): bad.append(f"{what}: {found}")

        def refused(what, wanted, body):
            """Something that must raise an OSError of that kind."""
            try: found = f"result {body()!r}"
            except OSError as error: found = name(error.errno) if error.errno else str(error)
            if found not in wanted.split("|"): bad.append(f"{what}: {found}")

        def expect(what, holds):
            if not holds: bad.append(what)

        def end():
            print("\n".join(bad) if bad else "held", flush=True)

        daemon, launcher, keeper, spool, base, port = sys.argv[2:8] if len(sys.argv) > 7 else [""] * 6
        """#

    var files: [String: String] {
        let isShell = script.hasPrefix("#!")
        return [
            isShell ? "main.sh" : "main.py": isShell ? script : "from attack import *\n" + script,
            "attack.py": Self.library, "given": "as sent\n",
            "manifest.yaml": "entry: \(isShell ? "main.sh" : "main.py")\n" + manifest,
        ]
    }

    static let all =
        AttackCases.processes + AttackCases.resources + AttackCases.surroundings + AttackCases.calls
        + AttackCases.places
        + AttackCases.leftovers
}

/// The phrases, by what they are about.
enum AttackCases {}
