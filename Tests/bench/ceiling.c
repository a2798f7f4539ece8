/* ceiling JOBS SLOTS: what the kernel itself charges for a sandbox, as jobs a second. Each job is a process in fresh
 * user, mount, pid, net, ipc, uts and cgroup namespaces with a private root and a no-op shell; nothing is recorded,
 * supervised or flushed. No runner that gives each job such namespaces gets above it without sharing some between jobs.
 * Needs no privilege but user namespaces. It measures; it is no sandbox to use.
 */
#define _GNU_SOURCE
#include "sandbox.h"
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static void bind_directory(const char *from, const char *to)
{
    struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID};
    CHECK(mkdir(to, 0755));
    CHECK(mount(from, to, NULL, MS_BIND | MS_REC, NULL));
    CHECK(syscall(SYS_mount_setattr, AT_FDCWD, to, AT_RECURSIVE, &read_only, sizeof read_only));
}

/* A part of the old root that is a link (merged /usr) stays one. */
static void part_of_root(const char *from, const char *to)
{
    char target[256];
    ssize_t size = readlink(from, target, sizeof target - 1);
    if (size > 0) {
        target[size] = 0;
        CHECK(symlink(target, to));
    } else if (access(from, F_OK) == 0) {
        bind_directory(from, to);
    }
}

static void job(int mapped)
{
    char byte;
    const char *const devices[] = {"null", "zero", "random", "urandom"};
    char *const command[] = {"/bin/sh", "-c", ":", NULL};
    char *const environment[] = {"PATH=/usr/bin:/bin", NULL};

    if (read(mapped, &byte, 1) != 1) _exit(70);
    CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
    CHECK(mount("tmpfs", "/mnt", "tmpfs", MS_NOSUID | MS_NODEV, "size=16m,mode=755"));
    CHECK(chdir("/mnt"));
    bind_directory("/usr", "usr");
    bind_directory("/etc", "etc");
    part_of_root("/bin", "bin");
    part_of_root("/lib", "lib");
    part_of_root("/lib64", "lib64");
    CHECK(mkdir("proc", 0755));
    CHECK(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL));
    CHECK(mkdir("dev", 0755));
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        char from[64], to[64];
        snprintf(from, sizeof from, "/dev/%s", devices[i]);
        snprintf(to, sizeof to, "dev/%s", devices[i]);
        CHECK(close(open(to, O_CREAT | O_WRONLY | O_CLOEXEC, 0644)));
        CHECK(mount(from, to, NULL, MS_BIND, NULL));
    }
    CHECK(mkdir("tmp", 01777));
    CHECK(mount("tmpfs", "tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=100m,mode=1777"));
    CHECK(syscall(SYS_pivot_root, ".", "."));
    CHECK(umount2(".", MNT_DETACH));
    CHECK(chdir("/tmp"));
    execve(command[0], command, environment);
    _exit(127);
}

static void start(void)
{
    struct clone_request request = {
        .flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
            CLONE_NEWCGROUP,
        .exit_signal = SIGCHLD,
    };
    int go[2];

    CHECK(pipe2(go, O_CLOEXEC));
    long pid = syscall(SYS_clone3, &request, sizeof request);
    CHECK(pid);
    if (pid == 0) job(go[0]);
    map_ids(pid, 1000, geteuid(), getegid());
    CHECK(write(go[1], "g", 1));
    CHECK(close(go[0]));
    CHECK(close(go[1]));
}

int main(int count, char **arguments)
{
    int jobs = count == 3 ? atoi(arguments[1]) : 0, slots = count == 3 ? atoi(arguments[2]) : 0;
    if (jobs <= 0 || slots <= 0) {
        fprintf(stderr, "usage: ceiling JOBS SLOTS\n");
        return 64;
    }
    double begin = now();
    for (int started = 0, ended = 0; ended < jobs; ended++) {
        int status;
        while (started < jobs && started - ended < slots) {
            start();
            started++;
        }
        CHECK(wait(&status));
        if (status != 0) {
            fprintf(stderr, "a job ended with status %x\n", (unsigned)status);
            return 70;
        }
    }
    printf("%.1f\n", 1e6 * jobs / (now() - begin));
    return 0;
}
