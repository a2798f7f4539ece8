// How the pool becomes what tasks, actors and `Task.sleep` use if nothing else is said. Of the ways there are, in Swift 6.3:
// - The runtime's hooks (`swift_task_enqueueGlobal_hook` and its two for delays) no longer see tasks that sleep: these ask the
//   default executor itself, and would go on on libdispatch's pool.
// - A preferred executor of a task reaches neither actors nor unstructured tasks.
// - A factory of executors (SE-0505's) reaches all of them. It is not public yet: its names are an interface of the standard
//   library for system programs, but they are checked when this is compiled. A program that carries its runtime cannot meet
//   another one later; one that does not is refused by the dynamic linker where the names are missing.

@_spi(ExperimentalCustomExecutors) internal import _Concurrency
internal import Glibc
internal import Synchronization
public import SystemPackage

/// The pool of threads that all tasks of this process use.
public enum GlobalExecutor {
    private static let installed = Mutex<ThreadPool?>(nil)

    /// The pool, if it was installed.
    static var pool: ThreadPool? { installed.withLock { $0 } }

    /// Makes a pool with a thread for each processor and lets all tasks use it from here on.
    ///
    /// Call it once, before the first task is made: it starts the threads.
    public static func install() throws(Errno) {
        let pool = try ThreadPool(threads: max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        installed.withLock { $0 = pool }
        _createExecutors(factory: PoolFactory.self)
    }
}

/// Asked by the runtime for the executors of this process. The main thread's stays the library's, which sleeps by itself.
private enum PoolFactory: ExecutorFactory {
    static var mainExecutor: any MainExecutor { PlatformExecutorFactory.mainExecutor }
    static var defaultExecutor: any TaskExecutor { GlobalExecutor.pool ?? PlatformExecutorFactory.defaultExecutor }
}
