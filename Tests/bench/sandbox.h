/* What the programs beside it measure sandboxes with. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CHECK(call) do { if ((call) < 0) { fprintf(stderr, "%s: %s\n", #call, strerror(errno)); _exit(70); } } while (0)

/* For clone3(2): libc has no wrapper, and its header clashes with sched.h. */
struct clone_request {
    unsigned long long flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
};

/* Microseconds by the monotonic clock. */
static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return 1e6 * (double)time.tv_sec + (double)time.tv_nsec / 1e3;
}

static void write_file(long pid, const char *name, const char *text)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/%s", pid, name);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    CHECK(file);
    CHECK(write(file, text, strlen(text)));
    CHECK(close(file));
}

/* Gives a new user namespace one user and one group. */
static void map_ids(long pid, unsigned inside, unsigned user, unsigned group)
{
    char map[64];
    snprintf(map, sizeof map, "%u %u 1\n", inside, user);
    write_file(pid, "uid_map", map);
    write_file(pid, "setgroups", "deny");
    snprintf(map, sizeof map, "%u %u 1\n", inside, group);
    write_file(pid, "gid_map", map);
}
