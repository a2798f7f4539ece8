import Foundation
import Glibc
import Testing

/// A package whose own code does what it can while it is built, where an operator lets sources be built.
@Suite(.inTurn, .needs("python3")) struct HostileBuildTests {
    /// Says what it could do, a word a line, on lines that begin with `could`.
    private static let attack = #"""
        import os, socket, subprocess, sys, time
        def attempt(word, action):
            try: action()
            except BaseException: return
            print("\ncould " + word, flush=True)
        for path in ["/etc/shadow", "/root/.profile", "/spool/bobbin.yaml", "/environments", "/proc/1/environ", "SPOOL/bobbin.yaml"]:
            attempt("read " + path, lambda: open(path).read() if not os.path.isdir(path) else os.listdir(path))
        for path in ["/usr/bin/evil", "/etc/evil", "/bundle/evil", "/bundle/requirements.txt", "/run/evil", "/evil", "/base",
                     "/run/links/0/evil", "SPOOL/inbox/default/evil"]:
            attempt("write " + path, lambda: open(path, "a"))
        attempt("mount", lambda: subprocess.run(["mount", "-t", "tmpfs", "x", "/tmp"], check=True, stderr=subprocess.DEVNULL))
        attempt("become root", lambda: os.setuid(0))
        attempt("signal", lambda: os.kill(DAEMON, 0))
        attempt("connect", lambda: socket.create_connection(("127.0.0.1", 22), 1))
        # What it leaves, in the one place where it may write.
        open("/env/setuid", "w").write("#!/bin/sh\n"); os.chmod("/env/setuid", 0o6777)
        os.mkfifo("/env/fifo"); s = socket.socket(socket.AF_UNIX); s.bind("/env/socket")
        for name, target in [("shadow", "/etc/shadow"), ("up", "../../../.."), ("spool", "SPOOL"), ("usr", "/usr/../etc/shadow"),
                             ("ok", "/usr/bin/env")]:
            os.symlink(target, "/env/link-" + name)
        os.mkdir("/env/open", 0o777); os.chmod("/env/open", 0o1777)
        # And who stays behind.
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for number in range(1, 64):
                    try: os.close(number)
                    except OSError: pass
                open("/env/alive", "w").close()
                while True:
                    time.sleep(0.05); open("/env/still-" + str(time.time()), "w").close()
            os._exit(0)
        time.sleep(1)
        """#

    @Test(arguments: EnvironmentTests.Case.all) func itHasItsSandboxAndNothingElse(_ what: EnvironmentTests.Case)
        async throws
    {
        try await EnvironmentTests.withPackages(what.mode, what.builder, "build_from_source: true") { daemon in
            let spool = daemon.spool
            let pid = try #require(daemon.process?.pid)
            let code = Self.attack.replacing("SPOOL", with: spool.path).replacing("DAEMON", with: "\(pid)")
            // Its output is shown only of a build that failed.
            try await spool.makeSources("failing", before: code + "\nraise SystemExit('on purpose')")
            try spool.drop("failing", files: ["main.py": "", "requirements.txt": "failing"])
            let failing = try await spool.result(of: "failing")
            #expect(failing.state == "errored" && failing.stderr.contains("on purpose"), "\(failing)")
            let done = failing.stderr.split(separator: "\n").filter {
                $0.contains("could ") && !$0.contains("could not")
            }
            #expect(done.isEmpty, "\(done)")

            try await spool.makeSources("hostile", before: code)
            try spool.drop(
                "hostile",
                files: [
                    "main.py": "import hostile, os; print(hostile.version, *sorted(os.listdir('/env')))",
                    "requirements.txt": "hostile",
                ])
            let result = try await spool.result(of: "hostile")
            #expect(result.state == "succeeded", "\(result)")
            let key = try #require((result.status["environment"] as? [String: Any])?["key"] as? String)
            let tree = "\(spool.path)/state/environments/\(key)/env"
            let found = try await spool.shell(
                """
                cd '\(tree)'
                find . -perm /6022 ! -type l; find . ! -type f ! -type d ! -type l; find . ! -user \(spool.owner)
                find . -type l -lname '/*' ! -lname '/usr/*'; test ! -e link-up; test ! -L link-usr
                """, as: geteuid())
            #expect(found.isEmpty, "\(found)")
            #expect(result.stdout.contains("link-ok") && result.stdout.contains("setuid"), "\(result.stdout)")
            for name in ["fifo", "socket", "link-shadow", "link-up", "link-spool", "link-usr"] {
                #expect(!result.stdout.split(separator: " ").contains(Substring(name)), "\(name)")
            }
            // Nobody writes there any more.
            let before = try FileManager.default.contentsOfDirectory(atPath: tree).count
            try await Task.sleep(for: .milliseconds(300))
            #expect(try FileManager.default.contentsOfDirectory(atPath: tree).count == before)
            #expect(before > 8)
            let evil = try await spool.shell("find \"$SPOOL\" /usr/bin /etc -name evil", as: geteuid())
            #expect(evil.isEmpty, "\(evil)")
        }
    }
}
