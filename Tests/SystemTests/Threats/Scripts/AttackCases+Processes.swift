extension AttackCases {
    /// THREATS 10 to 13.
    static let processes: [Attack] = [
        Attack(
            threat: 10, phrase: "fork bomb",
            script: """
                import time
                made = 0
                try:
                    while made < 300:
                        if os.fork() == 0: time.sleep(600)
                        made += 1
                    bad.append("300 forks")
                except OSError as error: expect(name(error.errno), error.errno == errno.EAGAIN)
                expect(f"{made} processes", 10 <= made <= 31)
                end()
                """, manifest: "limits: {processes: 32}\n", heldBy: "processes"),
        Attack(
            threat: 10, phrase: "fork bomb, each of whose processes forks on",
            script: """
                import time
                for _ in range(8):
                    try: os.fork()
                    except OSError: pass
                time.sleep(600)
                """, manifest: "limits: {processes: 32}\ntimeout: 1s\nstop_grace: 200ms\n", state: "timed_out",
            prints: "",
            heldBy: "processes"),
        Attack(
            threat: 10, phrase: "thread bomb",
            script: """
                import threading, time
                made = 0
                try:
                    while made < 300:
                        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
                        made += 1
                    bad.append("300 threads")
                except RuntimeError: pass
                expect(f"{made} threads", 10 <= made <= 31)
                end()
                """, manifest: "limits: {processes: 32}\n", heldBy: "processes"),
        Attack(
            threat: 11, phrase: "double fork + setsid + nohup",
            script: """
                #!/bin/sh
                (setsid nohup sleep 600 >/dev/null 2>&1 </dev/null &)
                (setsid sh -c 'setsid sh -c "nohup sleep 600" & exec sleep 600' >/dev/null 2>&1 &)
                echo held
                """, heldBy: "pid namespace"),
        Attack(
            threat: 11, phrase: "SIGTERM ignored",
            script: """
                #!/bin/sh
                trap '' TERM INT HUP; (sh -c 'while :; do sleep 1; done' &); while :; do sleep 1; done
                """, manifest: "timeout: 500ms\nstop_grace: 200ms\n", state: "timed_out", prints: "",
            heldBy: "SIGKILL to process 1"),
        Attack(
            threat: 11, phrase: "SIGCHLD games",
            script: """
                import signal
                signal.signal(signal.SIGCHLD, signal.SIG_IGN)
                signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
                for _ in range(20):
                    if os.fork() == 0:
                        if os.fork() == 0: os._exit(3)
                        os._exit(4)
                for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP, 40): os.kill(1, number)
                end()
                os._exit(7)
                """, state: "failed", heldBy: "init",
            judge: { $0.exitCode == "7" ? nil : "exit code \($0.exitCode ?? "none")" }),
        Attack(
            threat: 11, phrase: "a child that keeps stdout open after the script ended",
            script: "#!/bin/sh\n(trap '' TERM HUP; sleep 600 &); (setsid sleep 600 &); echo held\n",
            heldBy: "pid namespace",
            judge: { ($0.status["wall_seconds"] as? Double ?? 99) < 30 ? nil : "it was waited for" }),
        Attack(
            threat: 12, phrase: "SIGSTOP to its own group",
            script: "import signal\nos.fork(); os.kill(0, signal.SIGSTOP)\n",
            manifest: "timeout: 1s\nstop_grace: 200ms\n",
            state: "timed_out", prints: "", heldBy: "SIGCONT, SIGKILL"),
        Attack(
            threat: 12, phrase: "kill -9 -1",
            script: "#!/bin/sh\nsleep 600 & kill -9 -1; kill -9 1; echo held\n", heldBy: "pid namespace"),
        Attack(
            threat: 12, phrase: "signals to the daemon and the launcher by pid and group",
            script: """
                for pid in (int(daemon), int(launcher), int(keeper)):
                    refused(f"kill {pid}", "ESRCH", lambda: os.kill(pid, 9))
                    refused(f"kill group {pid}", "ESRCH", lambda: os.killpg(pid, 9))
                    refused(f"pidfd {pid}", "ESRCH", lambda: os.pidfd_open(pid))
                    expect(f"/proc/{pid}", not os.path.exists(f"/proc/{pid}"))
                for pid in range(3, 33000):
                    if pid == os.getpid(): continue
                    try: os.kill(pid, 9); bad.append(f"somebody is {pid}")
                    except ProcessLookupError: pass
                    except PermissionError: bad.append(f"somebody is {pid}")
                end()
                """, heldBy: "pid namespace"),
        Attack(
            threat: 13, phrase: "endless CPU", script: "while True: pass\n",
            manifest: "timeout: 1s\nstop_grace: 200ms\n",
            state: "timed_out", prints: "", heldBy: "timeout",
            judge: { ($0.status["wall_seconds"] as? Double ?? 99) < 30 ? nil : "it ran on" }),
        Attack(
            threat: 13, phrase: "sleep past the timeout", script: "#!/bin/sh\nexec sleep 600\n",
            manifest: "timeout: 300ms\nstop_grace: 200ms\n", state: "timed_out", prints: "", heldBy: "timeout"),
        Attack(
            threat: 13, phrase: "wall clock moved an hour either way",
            script: """
                import time
                for shift in (3600, -3600):
                    refused("clock_settime", "EPERM", lambda: time.clock_settime(time.CLOCK_REALTIME, time.time() + shift))
                    zone = (ctypes.c_long * 2)(int(time.time()) + shift, 0)
                    call("settimeofday", "EPERM", 164, ctypes.c_void_p(ctypes.addressof(zone)), 0)
                call("adjtimex", "EPERM", 159, 0)
                end()
                """, heldBy: "seccomp, no capabilities"),
    ]
}
