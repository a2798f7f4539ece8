import Foundation

extension AttackCases {
    /// Whether limits of the whole run are held by a control group here.
    private static func hasGroup(_ result: ResultDirectory) -> Bool {
        result.enforced["memory"] == "cgroup"
    }

    /// A limit of each process where there is no control group, and `enforced` says so.
    private static func memory(_ phrase: String, _ body: String) -> Attack {
        Attack(
            threat: 14, phrase: phrase,
            script: """
                import mmap
                try:
                    \(body)
                    bad.append("all of it was given")
                except (MemoryError, OSError): pass
                end()
                """, manifest: "limits: {memory: 128MiB}\n", state: nil, prints: nil, heldBy: "memory",
            judge: { result in
                let by = result.enforced["memory"]
                if hasGroup(result) {
                    return result.state == "out_of_memory" ? nil : "\(result)"
                }
                return by == "rlimit" && result.state == "succeeded" && result.stdout == "held\n"
                    ? nil : "held by \(by ?? "nothing"): \(result.stdout)"
            })
    }

    /// THREATS 14 and 15.
    static let resources: [Attack] = [
        memory("memory: heap", "kept = [bytearray(8 << 20) for _ in range(64)]"),
        memory(
            "memory: mmap",
            "kept = mmap.mmap(-1, 512 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS); kept[::4096] = bytes(1 << 17)"
        ),
        Attack(
            threat: 14, phrase: "memory: tmpfs",
            script: """
                def fill(path):
                    with open(path, "wb", buffering=0) as file:
                        for _ in range(64): file.write(bytes(1 << 20))
                refused("/tmp", "ENOSPC", lambda: fill("/tmp/x"))
                expect("size", os.stat("/tmp/x").st_size <= 8 << 20)
                end()
                """, manifest: "limits: {tmp: 8MiB}\n", heldBy: "tmp"),
        Attack(
            threat: 14, phrase: "memory: /dev/shm",
            script: """
                def fill():
                    for number in range(64):
                        file = os.open(f"/dev/shm/{number}", os.O_CREAT | os.O_RDWR)
                        os.posix_fallocate(file, 0, 1 << 20)
                refused("/dev/shm", "ENOSPC", fill)
                expect("nothing of it", len(os.listdir("/tmp")) <= 9)
                end()
                """, manifest: "limits: {tmp: 8MiB}\n", heldBy: "tmp"),
        Attack(
            threat: 14, phrase: "memory: files that lie nowhere (memfd)",
            script: """
                import signal
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                def fill():
                    file = os.memfd_create("x")
                    for _ in range(64): os.write(file, bytes(1 << 20))
                refused("memfd", "EFBIG", fill)
                end()
                """, manifest: "limits: {file_size: 8MiB}\n", heldBy: "file_size"),
        Attack(
            threat: 14, phrase: "memory: page cache",
            script: """
                #!/bin/sh
                head -c 64000000 /dev/zero >big; for i in 1 2 3; do cat big >/dev/null; done; rm big; echo held
                """, heldBy: "the kernel takes it back"),
        Attack(
            threat: 15, phrase: "disk: working directory",
            script: """
                #!/bin/sh
                i=0; while [ $i -lt 64 ]; do head -c 1000000 /dev/zero >f$i || exit; i=$((i + 1)); done; echo held
                """, manifest: "limits: {output: 4MiB}\n", state: "limit_exceeded", prints: nil, heldBy: "output",
            judge: { result in
                let files = (try? FileManager.default.subpathsOfDirectory(atPath: result.path + "/files")) ?? []
                // The last may have been cut short.
                return files.count <= 5 ? nil : "\(files.count) files came back"
            }),
        Attack(
            threat: 15, phrase: "disk: one file in the working directory",
            script: "#!/bin/sh\nexec head -c 64000000 /dev/zero >big\n",
            manifest: "limits: {file_size: 1MiB}\n", state: "limit_exceeded", prints: nil, heldBy: "file_size",
            judge: { $0.reason.contains("file_size") ? nil : $0.reason }),
        Attack(
            threat: 15, phrase: "disk: /tmp and /dev/shm together",
            script: """
                #!/bin/sh
                head -c 6000000 /dev/zero >/tmp/a; head -c 6000000 /dev/zero >/dev/shm/b 2>/dev/null && echo both || echo held
                """, manifest: "limits: {tmp: 8MiB}\n", heldBy: "tmp"),
        Attack(
            threat: 15, phrase: "disk: 1 GB of stdout without newline",
            script: "#!/bin/sh\nexec head -c 1000000000 /dev/zero\n", manifest: "limits: {log: 64KiB}\ntimeout: 10m\n",
            prints: nil,
            heldBy: "log",
            judge: { result in
                let kept = result.bytes("stdout")?.count ?? 0
                if kept > 70_000 { return "\(kept) bytes were kept" }
                let told = result.status["stdout_bytes"] as? Int
                return told == 1_000_000_000 && result.status["truncated"] as? Bool == true ? nil : "\(told ?? 0)"
            }),
        Attack(
            threat: 15, phrase: "disk: 1,000,000 files",
            script: "for number in range(5000): open(f'f{number}', 'w').close()\nend()\n",
            manifest: "limits: {output_files: 1000}\n", state: "limit_exceeded", prints: nil, heldBy: "output_files",
            judge: { result in
                let files = (try? FileManager.default.contentsOfDirectory(atPath: result.path + "/files")) ?? []
                return files.count <= 1000 && result.reason.contains("output_files")
                    ? nil : "\(files.count): \(result.reason)"
            }),
        Attack(
            threat: 15, phrase: "disk: 1,000,000 files in /tmp",
            script: """
                def fill():
                    for number in range(100_000): os.close(os.open(f"/tmp/{number}", os.O_CREAT | os.O_WRONLY))
                refused("files", "ENOSPC", fill)
                end()
                """, manifest: "limits: {tmp: 4MiB}\n", heldBy: "tmp"),
        Attack(
            threat: 15, phrase: "disk: core dumps",
            script: """
                import resource, signal
                soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
                expect(f"core {soft} {hard}", hard <= 1)
                if os.fork() == 0: os.kill(os.getpid(), signal.SIGSEGV)
                status = os.wait()[1]
                expect("core dumped", not os.WCOREDUMP(status))
                expect("a core file", sorted(os.listdir(".")) == ["__pycache__", "attack.py", "given", "main.py", "manifest.yaml"])
                end()
                """, heldBy: "RLIMIT_CORE"),
    ]
}
