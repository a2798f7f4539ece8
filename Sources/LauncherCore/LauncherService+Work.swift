internal import CLinux
internal import Glibc
internal import Linux
internal import SandboxProtocol
internal import SystemPackage
internal import Trees

/// A request on a tree that is too large to hold up everybody else.
struct Work {
    let number: UInt64
    let request: Request
    /// Whether a worker has died of it.
    var isSecond = false
}

extension LauncherService {
    /// Processes working on large trees at one time; more would only fight for the disk.
    private static let mostWorkers = 4
    /// Requests that wait for them at most; the daemon asks for far fewer, and who asks for ever more must not fill the memory.
    private static let mostWaiting = 4096

    func enqueue(_ work: Work) {
        if waitingWork.count >= Self.mostWaiting {
            return reply(.failed(errno: EAGAIN, subject: work.request.subject), to: work.number)
        }
        waitingWork.append(work)
        startWorkers()
    }

    private func startWorkers() {
        while workers < Self.mostWorkers, !waitingWork.isEmpty {
            let work = waitingWork.removeFirst()
            let files = FileVerbs(spool: root.spool, privilege: privilege, owner: options.owner)
            fork(
                doing: { [self] in
                    answer(work.number, work.request, files.perform(work.request))
                    return true
                },
                then: { [unowned self] error in
                    // One that was killed, or could not be made, has answered nothing.
                    guard let error else { return }
                    if error == .ioError, !work.isSecond {
                        // What it did can be done again.
                        waitingWork.insert(Work(number: work.number, request: work.request, isSecond: true), at: 0)
                        return
                    }
                    reply(.failed(errno: error.rawValue, subject: work.request.subject), to: work.number)
                })
        }
    }

    /// Does something in a process of its own, and then calls `then` here: with nil if it ended well, EIO if it did not, and the
    /// kernel's error if there could be no process.
    func fork(doing body: () -> Bool, then: @escaping (Errno?) -> Void) {
        let parent = getpid()
        let pid = linux_fork()
        if pid == 0 {
            if linux_set_parent_death_signal(SIGKILL) < 0 || getppid() != parent { _exit(1) }
            CutPoint.becomeWorker()
            _exit(body() ? 0 : 1)
        }
        if pid < 0 { return then(Errno(rawValue: errno)) }
        workers += 1
        do {
            let pidfd = SharedDescriptor(OwnedDescriptor(taking: try check(linux_pidfd_open(pid))))
            var token: EventLoop.Token = 0
            token = try loop.watch(pidfd.rawValue) { [unowned self] in
                loop.forget(token, pidfd.rawValue)
                finishWorker(pid, then)
            }
        } catch {
            // No descriptors left: wait here instead.
            finishWorker(pid, then)
        }
    }

    private func finishWorker(_ pid: Int32, _ then: (Errno?) -> Void) {
        var status: Int32 = -1
        _ = try? retrying { linux_wait4(pid, &status, 0, nil) }
        workers -= 1
        then(status == 0 ? nil : .ioError)
        startWorkers()
    }

    /// What an entry of a run's directory takes by now, and what its processes have deleted and hold all the same.
    func sample(_ place: Place, _ name: EntryName, _ bytes: Int64, _ entries: Int64, sandbox: Int32?) -> Reply {
        do throws(Errno) {
            let tree = TreeSample.take(name, in: try place.open(in: root.spool), bytes: bytes, entries: entries)
            var deleted = DeletedFiles(processes: root.processes)
            if let sandbox, tree.bytes <= bytes { deleted.count(ofSandbox: sandbox, limit: bytes - tree.bytes) }
            return .sampled(bytes: tree.bytes + deleted.bytes, entries: tree.entries)
        } catch { return .failed(errno: error.rawValue, subject: "measure \(place)/\(name)") }
    }
}
