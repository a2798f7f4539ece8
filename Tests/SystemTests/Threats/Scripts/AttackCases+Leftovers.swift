import Foundation
import Glibc

extension AttackCases {
    /// What a result must be, whatever its script left: regular files and directories of its owner's, without set-id bits, and
    /// links that stay; nothing else, no deeper than a reader can go.
    private static func isClean(_ result: ResultDirectory) -> String? {
        let root = result.path + "/files"
        for path in [""] + ((try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []) {
            var status = stat()
            if lstat("\(root)/\(path)", &status) < 0 { continue }
            switch status.st_mode & S_IFMT {
            case S_IFREG, S_IFDIR:
                if status.st_mode & 0o7000 != 0 { return "\(path) has mode \(String(status.st_mode, radix: 8))" }
            case S_IFLNK:
                let target = (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(root)/\(path)")) ?? "/"
                if target.hasPrefix("/") || target.contains("..") { return "\(path) leads to \(target)" }
            default: return "\(path) is of kind \(String(status.st_mode & S_IFMT, radix: 8))"
            }
        }
        return nil
    }

    private static func dropped(_ result: ResultDirectory) -> Set<String> {
        Set((result.status["dropped_files"] as? [[String: Any]] ?? []).compactMap { $0["path"] as? String })
    }

    private static func left(
        _ phrase: String, _ script: String, drops: Set<String> = [], keeps: [String] = [],
        by heldBy: String = "cleaning",
        _ judge: @escaping @Sendable (ResultDirectory) -> String? = { _ in nil }
    ) -> Attack {
        Attack(
            threat: 22, phrase: phrase, script: script, heldBy: heldBy,
            judge: { result in
                if let problem = isClean(result) { return problem }
                let missing = drops.subtracting(dropped(result))
                if !missing.isEmpty {
                    return "not named as dropped: \(missing.sorted()), but \(dropped(result).sorted())"
                }
                for file in drops where result.has("files/\(file)") { return "\(file) came back" }
                for file in keeps where !result.has("files/\(file)") { return "\(file) is missing" }
                return judge(result)
            })
    }

    /// THREATS 22 and 23.
    static let leftovers: [Attack] = [
        left(
            "output as symlink",
            """
            #!/bin/sh
            ln -s /etc/passwd absolute; ln -s ../../../history/history.sqlite leaving; ln -s given staying; ln -s .. up; ln -s / root
            mkdir d; ln -s ../../x d/out; ln -s /proc/self/root/etc/shadow magic; ln -s dangling dangling; echo held
            """, drops: ["absolute", "leaving", "up", "root", "d/out", "magic"], keeps: ["staying", "dangling"]),
        left(
            "output as hard link",
            """
            for path in ("/usr/bin/env", "/etc/passwd", "/run/input", "/dev/null", "/proc/self/status"):
                refused(path, "EXDEV|EPERM|EROFS", lambda: os.link(path, "hard"))
            open("one", "w").write("x"); os.link("one", "two"); os.link("given", "three")
            end()
            """, keeps: ["one", "two"], by: "mounts of their own"),
        left(
            "output as FIFO, socket",
            """
            os.mkfifo("fifo"); socket.socket(socket.AF_UNIX).bind("socket"); os.mkdir("d"); os.mkfifo("d/fifo")
            end()
            """, drops: ["fifo", "socket", "d/fifo"]),
        left(
            "output as device",
            """
            import stat
            for kind, major, minor in ((stat.S_IFCHR, 1, 3), (stat.S_IFCHR, 1, 1), (stat.S_IFBLK, 8, 0), (stat.S_IFBLK, 254, 0)):
                refused(f"{major}:{minor}", "EPERM", lambda: os.mknod("device", kind | 0o666, os.makedev(major, minor)))
            end()
            """, by: "no capabilities"),
        left(
            "a directory where a file is meant",
            """
            #!/bin/sh
            mkdir stdout stderr state status.json exit_code manifest.json; echo x >files; echo held
            """, keeps: ["stdout", "files"]),
        left(
            "swapped while it is collected",
            """
            pid = os.fork()
            if pid == 0:
                os.setsid()
                os.mkdir("dir"); open("dir/file", "w").write("x")
                while True:
                    os.rename("dir", "kept"); os.symlink("/etc", "dir"); os.unlink("dir"); os.rename("kept", "dir")
            while not os.path.exists("dir"): pass
            end()
            """, by: "collected when all are dead"),
        left(
            "10,000 levels",
            """
            for _ in range(10_000):
                os.mkdir("d"); os.chdir("d")
            open("deep", "w").write("x")
            end()
            """, by: "cleaning",
            { dropped($0).contains { $0.hasPrefix("d/d/d") } ? nil : "not named: \(dropped($0))" }),
        left(
            "directories of mode 0",
            """
            #!/bin/sh
            mkdir -p closed/in; echo x >closed/in/file; chmod 0 closed/in/file closed/in closed; mkdir empty; chmod 0 empty; echo held
            """, keeps: ["closed/in/file", "empty"]),
        left(
            "overlay whiteouts",
            """
            import stat
            os.unlink("given")
            os.mkdir("d")
            try: os.mknod("whiteout", stat.S_IFCHR, 0)
            except OSError: pass
            for name in ("user.overlay.opaque", "user.overlay.redirect", "user.overlay.whiteout", "user.overlay.metacopy"):
                for path in ("d", "main.py"):
                    try: os.setxattr(path, name, b"/etc")
                    except OSError: pass
            end()
            """,
            { $0.has("files/given") || $0.has("files/whiteout") ? "a whiteout came back" : nil }),
        left(
            "names as in 3",
            #"""
            for name in (b"new\nline", b"-rf", b"\xff\xfe", b"x" * 255, "e\u0301".encode(), "\u00e9".encode(), b"Case", b"case", b" ",
                    b"\x1b[2J", b"a\\b", b"...", "\u202e".encode()):
                os.close(os.open(name, os.O_CREAT | os.O_WRONLY))
            end()
            """#, keeps: ["new\nline", "-rf", "Case", "case", "...", "\u{1B}[2J", "e\u{301}"],
            { result in
                let status = result.bytes("status.json") ?? [0]
                return status.contains { $0 < 0x20 && $0 != 0x0A } ? "raw control characters" : nil
            }),
        left(
            "a set-id program for a reader to run",
            """
            #!/bin/sh
            cp /usr/bin/env tool; chmod 6755 tool; mkdir d; chmod 7777 d; cp tool d; chmod 4777 d/tool; cp tool closed; chmod 4000 closed
            echo held
            """, keeps: ["tool", "d/tool"]),
        Attack(
            threat: 23, phrase: "its own state, status.json, exit_code, result.json in the working directory",
            script: """
                for file, text in (("state", "succeeded\\n"), ("exit_code", "0\\n"), ("status.json", '{"state":"succeeded"}'),
                        ("result.json", "{}"), ("stdout", "forged"), ("manifest.json", "{}")): open(file, "w").write(text)
                os.mkdir("files"); os.mkdir("attempts")
                end()
                sys.exit(9)
                """, state: "failed", heldBy: "files/ apart",
            judge: { result in
                if result.exitCode != "9" || result.status["exit_code"] as? Int != 9 {
                    return "exit code \(result.exitCode ?? "none")"
                }
                if result.text("files/state") != "succeeded\n" || result.text("files/stdout") != "forged" {
                    return "not kept"
                }
                return result.has("result.json") || result.has("attempts") ? "its result.json was believed" : nil
            }),
    ]
}
