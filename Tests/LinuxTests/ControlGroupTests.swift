import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite("Control groups")
struct ControlGroupTests {
    static let unified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"
    static let hybrid = """
        32 31 0:28 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
        41 31 0:37 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
        """

    @Test(
        "A group is found by what /proc says",
        arguments: [
            ("0::/\n", unified, "/sys/fs/cgroup"),
            ("0::/system.slice/bobbin.service\n", unified, "/sys/fs/cgroup/system.slice/bobbin.service"),
            ("4:memory:/x\n0::/y\n", hybrid, "/sys/fs/cgroup/unified/y"),
            // A hierarchy of version 1 alone is none.
            ("4:memory:/x\n", hybrid, nil),
            ("0::/y\n", "32 31 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory", nil),
            // A container that sees a part of the host's hierarchy, and a process that is in another part.
            ("0::/pod/one\n", "30 23 0:26 /pod /sys/fs/cgroup rw - cgroup2 none rw", "/sys/fs/cgroup/one"),
            ("0::/pods/one\n", "30 23 0:26 /pod /sys/fs/cgroup rw - cgroup2 none rw", nil),
            ("0::/../other\n", unified, nil),
            // Optional fields, several or none, and a blank in the path.
            ("0::/a\n", "30 23 0:26 / /sys/fs/c\\040g rw master:1 shared:2 - cgroup2 cgroup2 rw", "/sys/fs/c g/a"),
            ("", unified, nil), ("0::/a\n", "", nil), ("0::/a\n", "30 23 - cgroup2", nil),
        ] as [(String, String, String?)])
    func found(membership: String, mounts: String, expected: String?) {
        #expect(ControlGroupPath.find(membership: membership, mounts: mounts) == expected)
    }

    @Test("A directory of another filesystem, and a hierarchy of version 1, is none")
    func others() throws {
        let scratch = try Scratch()
        #expect(throws: Errno.notSupported) { try ControlGroup(path: scratch.path) }
        #expect(throws: Errno.noSuchFileOrDirectory) { try ControlGroup(path: scratch.path + "/none") }
        for path in ["/sys/fs/cgroup/memory", "/sys/fs/cgroup/pids"] where access("\(path)/tasks", F_OK) == 0 {
            #expect(throws: Errno.notSupported) { try ControlGroup(path: path) }
        }
    }

    @Test("Its files are read and written as the kernel's")
    func files() throws {
        let scratch = try Scratch()
        let group = ControlGroup(scratch.root)
        #expect(
            scratch.run(
                "echo 'cpu memory pids' >cgroup.controllers; printf '5\\n7\\n' >cgroup.procs; echo max >memory.max;"
                    + "printf 'low 0\\noom 2\\noom_kill 3\\nodd\\n' >memory.events; echo 8192 >memory.peak; mkdir below"
            ) == 0)
        #expect(group.words("cgroup.controllers") == ["cpu", "memory", "pids"])
        #expect(group.words("cgroup.subtree_control").isEmpty)
        #expect(try group.processes() == [5, 7])
        #expect(group.numbers("memory.events") == ["low": 0, "oom": 2, "oom_kill": 3])
        #expect(group.number("memory.peak") == 8192)
        #expect(group.number("memory.max") == nil && group.number("no.such") == nil)
        #expect(try group.groups() == ["below"])
        try group.write("42", to: "memory.max")
        #expect(try group.read("memory.max").hasPrefix("42"))
        #expect(throws: Errno.noSuchFileOrDirectory) { try group.write("1", to: "no.such") }
        #expect(!group.isMarkedAsDelegated)
        try group.removeGroup("below")
        #expect(try group.groups().isEmpty)
    }

    @Test("An answer comes from a process without privileges", .enabled(if: geteuid() == 0, "only root has some"))
    func answer() throws {
        let answer = try ForkedAnswer.find(user: 65534, group: 65534) {
            Array("\(geteuid()) \(access("/etc/shadow", R_OK))".utf8)
        }
        #expect(String(decoding: answer, as: UTF8.self) == "65534 -1")
        #expect(try ForkedAnswer.find(user: 65534, group: 65534) { [] }.isEmpty)
    }
}
