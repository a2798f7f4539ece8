extension AttackCases {
    /// THREATS 21: the host's paths are not there, whatever their modes; what is there is read-only or the run's own copy.
    static let places: [Attack] = [
        Attack(
            threat: 21, phrase: "writes to its own bundle as archived",
            script: """
                for file in ("main.py", "given", "attack.py"):
                    open(file, "w").write("changed")
                    os.chmod(file, 0o777)
                os.unlink("manifest.yaml")
                os.rename("given", "taken")
                open("added", "w").write("new")
                end()
                """, heldBy: "overlay",
            judge: { result in
                // OUTBOX/QUEUE/NAME.RUN: the archive is beside the outbox, and only root and the spool's owner may look.
                let spool = result.path.split(separator: "/").dropLast(3).joined(separator: "/")
                let bundle = ResultDirectory(path: "/\(spool)/state/archive/\(result.run)/bundle")
                // It is put there after the result is to be seen.
                try await eventually("the bundle of \(result.run) is archived") { !bundle.entries.isEmpty }
                let entries = bundle.entries
                if entries != ["attack.py", "given", "main.py", "manifest.yaml"] { return "archived: \(entries)" }
                return bundle.text("given") == "as sent\n" && bundle.text("attack.py") == Attack.library
                    ? nil : "it was changed"
            }),
        Attack(
            threat: 21, phrase: "other bundles, the inbox (submitting itself), the history",
            script: """
                for path in (spool, f"{spool}/inbox/default", f"{spool}/history/history.sqlite", f"{spool}/bobbin.yaml",
                        f"{spool}/state/runs", f"{spool}/active/default", f"{spool}/outbox/default", f"{spool}/control/cancel", base):
                    refused(path, "ENOENT", lambda: os.stat(path))
                    refused(path, "ENOENT", lambda: os.open(path, os.O_RDONLY))
                for path in (f"{spool}/inbox/default/again.py", f"{base}/outside/marker", "/var/spool/bobbin/inbox/default/again.py"):
                    refused(path, "ENOENT|EROFS", lambda: os.open(path, os.O_CREAT | os.O_WRONLY))
                    refused(path, "ENOENT|EROFS", lambda: os.rename("given", path))
                found = [line.split()[4] for line in open("/proc/self/mountinfo") if base in line.split()[4]]
                expect(f"mounted: {found}", not found)
                end()
                """, heldBy: "private root"),
        Attack(
            threat: 21, phrase: "Bobbin's programs, and the host's",
            script: """
                for path in ("/usr/bin/bobbin", "/usr/bin/python3", "/usr/bin/env", "/etc/passwd", "/etc/ld.so.cache", "/dev/null"):
                    if path != "/dev/null" and os.path.exists(path):
                        refused(path, "EROFS|EACCES|ETXTBSY", lambda: os.open(path, os.O_WRONLY))
                        refused(path, "EROFS|EACCES|EPERM", lambda: os.chmod(path, 0o777))
                    if os.path.exists(path): refused(path, "EROFS|EACCES|EPERM|EBUSY", lambda: os.unlink(path))
                for path in ("/usr/bin", "/usr/lib", "/etc", "/", "/dev", "/run", "/var", "/proc", "/proc/sys/kernel"):
                    refused(path, "EROFS|EACCES|ENOENT|EPERM",
                        lambda: os.open(f"{path}/bobbin-attack-marker", os.O_CREAT | os.O_WRONLY))
                for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/sys/vm/drop_caches"):
                    refused(path, "EROFS|EACCES|EPERM|ENOENT", lambda: os.open(path, os.O_WRONLY))
                end()
                """, heldBy: "read-only root, its own user"),
    ]
}
