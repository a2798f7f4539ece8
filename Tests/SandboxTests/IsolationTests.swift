import Foundation
import Glibc
import Linux
import Sandbox
import SandboxProtocol
import Testing

/// What a script sees, asked from inside, as root's and as an ordinary user's run.
@Suite struct IsolationTests {
    /// A shell command and all that it must print.
    static let facts: [(String, String)] = [
        ("id -u; id -g; id -G", "1000\n1000\n1000\n"),
        ("grep -E '^(CapInh|CapPrm|CapEff|CapBnd|CapAmb):\\s+0{16}$' /proc/self/status | wc -l", "5\n"),
        ("grep NoNewPrivs: /proc/self/status | cut -f2", "1\n"),
        ("grep Seccomp: /proc/self/status | cut -f2", "2\n"),
        ("hostname", "bobbin\n"),
        ("pwd", "/bundle\n"),
        ("umask", "0022\n"),
        ("echo /*", "/bin /bundle /dev /env /etc /lib /lib64 /node_modules /proc /run /sbin /tmp /usr /var\n"),
        ("ls /bundle /tmp /dev/shm", "/bundle:\n\n/dev/shm:\n\n/tmp:\n"),
        ("ls /run", "bobbin\nevents\ninput\nlinks\nresolv.conf\nresult\nschema\n"),
        ("ls /node_modules; { echo x >>/run/bobbin/harness.py; } 2>/dev/null || echo refused", "bobbin\nrefused\n"),
        ("ls -A /env /run/links; touch /env/x 2>/dev/null || echo refused", "/env:\n\n/run/links:\nrefused\n"),
        ("env | sort", "HOME=/tmp\nPATH=/usr/local/bin:/usr/bin:/bin\nPWD=/bundle\n"),
        // The shell, its child, and init.
        ("cd /proc; echo [0-9]*", "1 2\n"),
        ("ls /proc/self/fd | tr '\\n' ' '", "0 1 2 3 "),
        ("ls /sys /home /root /opt /boot /mnt 2>&1 >/dev/null | wc -l", "6\n"),
        ("awk 'NR>2{print $1}' /proc/net/dev", "lo:\n"),
        ("cut -d' ' -f6 /proc/self/stat", "2\n"),
        ("cut -d' ' -f7 /proc/self/stat", "0\n"),
        (
            "touch /usr/x /etc/x /x /run/x /dev/x 2>/dev/null; ls -d /usr/x /etc/x /x /run/x /dev/x 2>/dev/null | wc -l",
            "0\n"
        ),
        (
            "cat /proc/1/environ /proc/1/mem /proc/1/maps 2>/dev/null | wc -c; ls /proc/1/fd /proc/1/cwd/ 2>/dev/null | wc -l",
            "0\n0\n"
        ),
        ("tr -d '\\0' </proc/1/cmdline; cat /proc/1/comm", "init\n"),
        ("cat /etc/passwd | wc -l; test -e /etc/shadow || echo none", "2\nnone\n"),
        ("echo x >/dev/null; head -c4 /dev/zero | wc -c; head -c4 /dev/urandom | wc -c", "4\n4\n"),
        ("echo to stdout >/dev/stdout; echo to stderr >/dev/stderr", "to stdout\nto stderr\n"),
        ("ulimit -c; ulimit -n", "0\n1024\n"),
        ("awk '/Max core/ {print $5, $6}' /proc/self/limits", "1 1\n"),
        (
            "awk '/locked memory|msgqueue|realtime priority/ {print $(NF-2), $(NF-1), $NF}' /proc/self/limits",
            "65536 65536 bytes\n1024 1024 bytes\npriority 0 0\n"
        ),
        ("mount -t tmpfs x /tmp 2>/dev/null || echo refused", "refused\n"),
        ("unshare -U true 2>/dev/null || echo refused", "refused\n"),
        ("unshare -r true 2>/dev/null || echo refused", "refused\n"),
        ("kill -9 1; kill -TERM 1; kill -CHLD 1; sleep 0.05; echo alive", "alive\n"),
        ("awk '{print $1, $3}' /proc/self/uid_map", "1000 1\n"),
        ("awk '$4 ~ /^rw/ {print $2}' /proc/mounts | grep -vE '^/(bundle|proc|tmp|dev/)' | wc -l", "0\n"),
    ]

    @Test("a script sees", arguments: facts) func fact(_ script: String, _ expected: String) async throws {
        let spool = try TestSpool()
        let (end, output) = try await spool.shell(script)
        #expect(output == expected)
        #expect(end == .exited(code: 0) || script.hasPrefix("ls /sys") || script.hasPrefix("touch /usr"))
    }

    @Test("an ordinary user's script sees the same", .enabled(if: geteuid() == 0, "only root can be somebody else"))
    func rootless() async throws {
        let spool = try TestSpool(isRootless: true)
        for (index, (script, expected)) in Self.facts.enumerated() {
            let (_, output) = try await spool.shell(script, EntryName("r\(index)"))
            #expect(output == expected, "\(script)")
        }
    }

    @Test func writesStayBesideTheBundle() async throws {
        let spool = try TestSpool()
        try spool.prepare("one", files: ["given": "as sent"])
        let (end, _) = try await spool.shell("echo changed >given; echo new >new; rm -f missing; mkdir d; echo x >d/e")
        #expect(end == .exited(code: 0))
        let run = spool.path + "/state/runs/one"
        #expect(try String(contentsOfFile: run + "/bundle/given", encoding: .utf8) == "as sent")
        #expect(try String(contentsOfFile: run + "/upper/given", encoding: .utf8) == "changed\n")
        #expect(try String(contentsOfFile: run + "/upper/d/e", encoding: .utf8) == "x\n")
    }

    @Test("each slot has a user of its own", .enabled(if: geteuid() == 0, "only root has a pool")) func users()
        async throws
    {
        let spool = try TestSpool()
        for slot: UInt32 in [0, 7] {
            let name = EntryName("slot\(slot)")
            _ = try await spool.shell("touch file", name) { $0.slot = slot }
            let status = try spool.runs.directory(name).directory("upper").status(of: "file")
            #expect(status.owner == 2_000_000_000 + slot)
        }
    }

    @Test func inputIsShownReadOnly() async throws {
        let spool = try TestSpool()
        try spool.prepare("one")
        try spool.runs.directory("one").create("input", with: Array("7\n".utf8))
        let (_, output) = try await spool.shell("cat /run/input; echo x 2>/dev/null >/run/input || echo refused") {
            $0.shown = [.input]
        }
        #expect(output.hasPrefix("7\n"))
        #expect(output.contains("refused"))
    }

    @Test func theHostsNetworkOnlyWhenAsked() async throws {
        let spool = try TestSpool(hostNetwork: true)
        let host = try String(contentsOfFile: "/proc/net/dev", encoding: .utf8).split(separator: "\n").count
        let (_, output) = try await spool.shell("wc -l </proc/net/dev") { $0.hostNetwork = true }
        #expect(output == "\(host)\n")
    }

    @Test func aTmpHasItsLimit() async throws {
        let spool = try TestSpool()
        let (_, output) = try await spool.shell("head -c 3000000 /dev/zero >/dev/shm/x 2>/dev/null; stat -c %s /tmp/x")
        {
            $0.limits.tmp = 1 << 20
        }
        #expect(output == "1048576\n")
    }

    @Test func nothingOfOneRunReachesTheNext() async throws {
        let spool = try TestSpool()
        _ = try await spool.shell("echo secret >/tmp/s; (setsid sleep 100 &) ; ipcmk -M 100 >/dev/null", "first")
        let (_, output) = try await spool.shell("ls /tmp; ipcs -m | grep -c 0x; cd /proc; echo [0-9]*", "second")
        #expect(output.hasSuffix("0\n1 2\n") && output.hasPrefix("0"))
    }

    @Test func aProgramIsRunByDescriptor() async throws {
        let spool = try TestSpool()
        try spool.prepare("one")
        var plan = spool.plan("one", ["anything", "-c", "import os; open('made', 'w'); print(os.getcwd())"])
        try spool.runs.directory("one").makeDirectory("bundle.tmp")
        spool.give("state/runs/one/bundle.tmp")
        plan.program = .descriptor
        plan.workspace = .direct("bundle.tmp")
        let null = SharedDescriptor(OwnedDescriptor(taking: open("/dev/null", O_RDWR | O_CLOEXEC)))
        let python = SharedDescriptor(OwnedDescriptor(taking: open("/usr/bin/python3", O_RDONLY | O_CLOEXEC)))
        let run = try await spool.launcher.run(plan, input: null, output: null, error: null, program: python)
        #expect(try await run.end().end == .exited(code: 0))
        #expect(access(spool.path + "/state/runs/one/bundle.tmp/made", F_OK) == 0)
    }

    @Test func aProgramWithAnEmptyWorkspaceSeesOnlyWhatIsShown() async throws {
        let spool = try TestSpool()
        try spool.prepare("one")
        try spool.runs.directory("one").replace("schema", with: Array("shown".utf8))
        let script = """
            cat /run/schema; pwd; ls -A; for place in /bundle/made /run/made /run/schema; do
            ( : >>$place ) 2>/dev/null || echo refused; done
            """
        let (end, output) = try await spool.shell(script) { plan in
            plan.shown = [.schema]
            plan.workspace = .empty
        }
        #expect(end == .exited(code: 0))
        #expect(output == "shown/bundle\nrefused\nrefused\nrefused\n")
    }
}
