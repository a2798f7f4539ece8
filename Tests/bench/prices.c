/* prices ROUNDS DIRECTORY: what each protection of a sandbox costs, in microseconds a run. Each round makes one sandbox with all of
 * them, and one without each in turn; a price is the difference of the medians, so that what the kernel does at the end of a
 * sandbox counts as well. The program is none, it ends at once. DIRECTORY is on the filesystem where a spool would be. Needs no
 * privilege but user namespaces. It measures; it is no sandbox to use.
 */
#define _GNU_SOURCE
#include "sandbox.h"
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum protection {
    NONE, PID, NET, IPC, UTS, CGROUP, OVERLAY, PROC, LOCKS, TMP, ROOT, CAPABILITIES, LIMITS, KEYRING, SECCOMP, COUNT
};

static const char *const names[COUNT] = {
    "all of them", "pid namespace, with its init", "network namespace", "ipc namespace", "uts namespace", "cgroup namespace",
    "overlay of the bundle", "/proc of its own", "/proc/locks hidden", "/tmp of its own", "private root (pivot_root)",
    "capabilities dropped", "limits (prlimit)", "keyring of its own", "system call filter",
};

/* The root that all have in common is made once, in a namespace of its own. */
static void prepare(void)
{
    unsigned user = geteuid(), group = getegid();
    CHECK(unshare(CLONE_NEWNS | (user == 0 ? 0 : CLONE_NEWUSER)));
    if (user != 0) map_ids((long)getpid(), user, user, group);
    CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
    CHECK(mount("tmpfs", "/mnt", "tmpfs", MS_NOSUID | MS_NODEV, "size=16m,mode=755"));
    const char *const directories[] = {"/mnt/usr", "/mnt/proc", "/mnt/tmp", "/mnt/bundle"};
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) CHECK(mkdir(directories[i], 0755));
    CHECK(mount("/usr", "/mnt/usr", NULL, MS_BIND | MS_REC, NULL));
    int file = open("/mnt/null", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    CHECK(file);
    CHECK(close(file));
    CHECK(mount("/dev/null", "/mnt/null", NULL, MS_BIND, NULL));
}

/* As long as the real one, of the same kind of steps. */
static void load_filter(void)
{
    enum { RULES = 120 };
    struct sock_filter code[2 * RULES + 2];
    size_t length = 0;
    code[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
    for (unsigned number = 0; number < RULES; number++) {
        code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 100000 + number, 0, 1);
        code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    }
    code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = (unsigned short)length, .filter = code};
    CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
}

static void drop_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}};
    for (int capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++) {}
    CHECK(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
    CHECK(syscall(SYS_capset, &header, none));
}

static void lower_limits(void)
{
    const int limits[] = {
        RLIMIT_CORE, RLIMIT_NOFILE, RLIMIT_FSIZE, RLIMIT_NPROC, RLIMIT_MEMLOCK, RLIMIT_MSGQUEUE, RLIMIT_RTPRIO, RLIMIT_DATA,
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct rlimit limit;
        CHECK(getrlimit(limits[i], &limit));
        CHECK(setrlimit(limits[i], &limit));
    }
}

static void sandbox(int mapped, enum protection left)
{
    char byte;
    if (read(mapped, &byte, 1) != 1) _exit(70);
    const unsigned long flags = MS_NOSUID | MS_NODEV;
    if (left != ROOT) CHECK(mount("/mnt", "/mnt", NULL, MS_BIND | MS_REC, NULL));
    if (left != OVERLAY)
        CHECK(mount("overlay", "/mnt/bundle", "overlay", flags, "lowerdir=lower,upperdir=upper,workdir=work,userxattr,volatile"));
    if (left != PROC && left != PID) CHECK(mount("proc", "/mnt/proc", "proc", flags | MS_NOEXEC, NULL));
    if (left != LOCKS && left != PROC && left != PID) CHECK(mount("/mnt/null", "/mnt/proc/locks", NULL, MS_BIND, NULL));
    if (left != TMP) CHECK(mount("tmpfs", "/mnt/tmp", "tmpfs", flags, "size=100m,mode=1777"));
    if (left != ROOT) {
        CHECK(chdir("/mnt"));
        CHECK(syscall(SYS_pivot_root, ".", "."));
        CHECK(umount2(".", MNT_DETACH));
    }
    if (left != CAPABILITIES) drop_capabilities();
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    if (left != PID) {
        pid_t script = fork();
        CHECK(script);
        if (script > 0) {
            int status;
            CHECK(waitpid(script, &status, 0));
            _exit(WEXITSTATUS(status));
        }
    }
    if (left != LIMITS) lower_limits();
    if (left != KEYRING) CHECK(syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, NULL));
    if (left != SECCOMP) load_filter();
    _exit(0);
}

static double price(enum protection left)
{
    const unsigned long long namespaces[COUNT] = {
        [PID] = CLONE_NEWPID, [NET] = CLONE_NEWNET, [IPC] = CLONE_NEWIPC, [UTS] = CLONE_NEWUTS, [CGROUP] = CLONE_NEWCGROUP,
    };
    struct clone_request request = {.flags = CLONE_NEWUSER | CLONE_NEWNS, .exit_signal = SIGCHLD};
    int go[2], status;
    for (int kind = 0; kind < COUNT; kind++) {
        if (kind != (int)left) request.flags |= namespaces[kind];
    }
    CHECK(pipe2(go, O_CLOEXEC));
    CHECK(mkdir("upper", 0755));
    CHECK(mkdir("work", 0755));
    double begin = now();
    long pid = syscall(SYS_clone3, &request, sizeof request);
    CHECK(pid);
    if (pid == 0) sandbox(go[0], left);
    map_ids(pid, geteuid(), geteuid(), getegid());
    CHECK(write(go[1], "g", 1));
    CHECK(waitpid((pid_t)pid, &status, 0));
    double took = now() - begin;
    CHECK(close(go[0]));
    CHECK(close(go[1]));
    if (status != 0) {
        fprintf(stderr, "the sandbox without '%s' ended with status %x\n", names[left], (unsigned)status);
        exit(70);
    }
    /* What the overlay made in it belongs to it. */
    if (system("rm -rf upper work") != 0) exit(70);
    return took;
}

static int compare(const void *left, const void *right)
{
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

int main(int count, char **arguments)
{
    int rounds = count == 3 ? atoi(arguments[1]) : 0;
    if (rounds <= 0) {
        fprintf(stderr, "usage: prices ROUNDS DIRECTORY\n");
        return 64;
    }
    double *took = calloc((size_t)COUNT * (size_t)rounds, sizeof *took), medians[COUNT];
    if (took == NULL) return 70;
    CHECK(chdir(arguments[2]));
    CHECK(mkdir("lower", 0755));
    prepare();
    CHECK(chdir(arguments[2]));
    for (int round = 0; round < rounds; round++) {
        for (int left = 0; left < COUNT; left++) took[left * rounds + round] = price((enum protection)left);
    }
    for (int left = 0; left < COUNT; left++) {
        qsort(took + left * rounds, (size_t)rounds, sizeof *took, compare);
        medians[left] = took[left * rounds + rounds / 2];
    }
    for (int left = 0; left < COUNT; left++) {
        printf("%.1f\t%s\n", left == NONE ? medians[NONE] : medians[NONE] - medians[left], names[left]);
    }
    return 0;
}
