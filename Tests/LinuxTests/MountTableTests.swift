import Linux
import Testing

@Suite("The table of mounts")
struct MountTableTests {
    private static let table = MountTable(
        parsing: """
            22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
            30 22 0:40 / /srv rw,relatime shared:9 master:2 - nfs4 server:/srv rw
            31 30 0:41 /part /srv/fast\\040disk rw - xfs /dev/vdb rw
            32 22 0:42 / /srv rw - tmpfs tmpfs rw
            not a line
            33 22 0:43
            """)

    @Test(
        "A path lies in what is mounted nearest above it, and last there",
        arguments: [
            ("/var/spool", "ext4"), ("/", "ext4"), ("/srv", "tmpfs"), ("/srv/x", "tmpfs"), ("/srvx", "ext4"),
            ("/srv/fast disk/spool", "xfs"),
        ])
    func place(path: String, type: String) { #expect(Self.table.mount(of: path)?.type == type) }

    @Test("What cannot be read is passed over")
    func parsing() {
        #expect(Self.table.mounts.count == 4)
        #expect(Self.table.mounts[2].root == "/part")
        #expect(MountTable(parsing: "").mount(of: "/") == nil)
    }

    @Test("This process's is not empty")
    func own() throws { #expect(try MountTable.ofProcess().mount(of: "/proc")?.type == "proc") }
}
