// What Swift's Glibc module lacks: system calls without a libc wrapper, variadic functions and macros, which Swift cannot
// import. Each function is one call, returns -1 with errno set like the call itself, and decides nothing.
#pragma once

#include <semaphore.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>


// Processes. clone3 has no libc wrapper: it returns twice, like fork(2), 0 in the child.
// `cgroup` is a descriptor or -1.
int linux_clone3(uint64_t flags, int *pidfd, int cgroup);
int linux_fork(void);
int linux_pidfd_open(int pid);
int linux_pidfd_send_signal(int pidfd, int signal);
// wait4(2) without the option bits that Swift cannot see; usage may be NULL.
struct linux_usage { int64_t user_microseconds, system_microseconds, max_rss_kib; };
int linux_wait4(int pid, int *status, int nohang, struct linux_usage *usage);
int linux_unshare(uint64_t flags);
int linux_setgroups0(void);
int linux_getsid_new(void);
// These four need _GNU_SOURCE.
int linux_setresuid(unsigned uid);
int linux_setresgid(unsigned gid);
int linux_set_hostname(const char *name);
int linux_dup_cloexec(int from, int to);
// prlimit(2): the resources are an enum in C++ and GNU C, which Swift cannot convert. Both limits are set to `value`, or to the
// present hard limit where that is lower, since raising it needs a privilege that containers lack.
int linux_lower_limit(int resource, uint64_t value);
int linux_execveat(int directory, const char *path, char *const arguments[], char *const environment[], int flags);
int linux_keyctl_join_session(void);
// The status bits of adjtimex(2), or -1: its header is in no Swift module.
int linux_clock_status(void);
int linux_close_range(unsigned first, unsigned last);
int linux_close_range_cloexec(unsigned first, unsigned last);

// sem_clockwait(3) by the monotonic clock: it needs _GNU_SOURCE.
int linux_sem_wait_until(sem_t *semaphore, const struct timespec *time);

// madvise(2) with MADV_DONTNEED for the program's own code and constants: its pages in memory are let go, and come back from the
// file when they are touched. Swift cannot name the linker's symbols for their ends.
int linux_release_program(void);

// prctl(2), one function an option: it is variadic.
int linux_set_parent_death_signal(int signal);
int linux_set_dumpable(int value);
int linux_set_no_new_privileges(void);
int linux_set_process_name(const char *name);
int linux_drop_bounding_capability(int capability);
int linux_clear_ambient_capabilities(void);
int linux_set_securebits(unsigned long bits);
int linux_seccomp_filter(const void *instructions, unsigned short count);
// capset(2): glibc leaves it to libcap. One mask for each set.
int linux_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable);
int linux_capget(uint64_t *effective, uint64_t *permitted, uint64_t *inheritable);

// Mounts.
int linux_mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data);
int linux_umount_detach(const char *target);
int linux_pivot_root(const char *new_root, const char *put_old);
// open_tree(2) of what a descriptor holds: a mount of it that is nowhere yet, and move_mount(2), which puts one somewhere. With
// `recursive`, what is mounted below comes along.
int linux_clone_tree(int fd, int recursive);
int linux_place_tree(int tree, const char *target);
int linux_mount_setattr(int directory, const char *path, int flags, uint64_t set, uint64_t clear, uint64_t propagation);

// Files. openat is variadic; the others need _GNU_SOURCE.
int linux_openat(int directory, const char *path, int flags, unsigned mode);
int linux_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
int linux_renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags);
long linux_getdents64(int directory, void *buffer, size_t size);
int linux_syncfs(int fd);
int linux_memfd_create(const char *name);
int linux_add_seals(int fd, int seals);
int linux_get_seals(int fd);
int linux_read_lease(int fd);
int linux_release_lease(int fd);
int linux_set_nonblocking(int fd);
int linux_pipe2(int ends[2]);
int linux_clone_file(int to, int from);
long linux_copy_file_range(int from, int to, size_t length);
int linux_remove_xattr(int fd, const char *name);
long linux_list_xattr(int fd, char *names, size_t size);
long linux_get_xattr(int fd, const char *name, void *value, size_t size);
// f_type of fstatfs(2), whose header is in no Swift module.
long linux_filesystem_type(int fd);
// fchmodat2(2), since 6.6, has no libc wrapper: the only way to change the mode of what an O_PATH descriptor holds by itself.
int linux_fchmodat2(int directory, const char *path, unsigned mode, unsigned flags);

// Sockets: the control message macros.
int linux_socketpair_seqpacket(int fds[2]);
long linux_send_message(int socket, const void *bytes, size_t length, const int *fds, int count);
// Received descriptors are close-on-exec. `*count` is room in, descriptors out; a message cut short is EMSGSIZE.
// -1 out: the process has no room for all of its descriptors, and none is left of them.
long linux_receive_message(int socket, void *bytes, size_t room, int *fds, int *count, int dont_wait);
int linux_loopback_up(void);
int linux_signalfd(const int *signals, int count);
int linux_block_signals(const int *signals, int count);
int linux_unblock_all_signals(void);
// epoll(7), which Swift's Glibc module leaves out; level-triggered, for reading. The tokens of at most `room` ready ones.
int linux_epoll_create(void);
int linux_epoll_add(int epoll, int fd, uint64_t token);
int linux_epoll_remove(int epoll, int fd);
int linux_epoll_wait(int epoll, uint64_t *tokens, int room);

// Constants that are macros in headers which need _GNU_SOURCE.
enum {
    LINUX_RENAME_NOREPLACE = 1,
    LINUX_RENAME_EXCHANGE = 2,
    LINUX_O_PATH = 010000000,
    LINUX_O_TMPFILE = 020200000,
    LINUX_O_NOATIME = 01000000,
    LINUX_AT_EMPTY_PATH = 0x1000,
    LINUX_AT_RECURSIVE = 0x8000,
    LINUX_RESOLVE_NO_XDEV = 0x01,
    LINUX_RESOLVE_NO_MAGICLINKS = 0x02,
    LINUX_RESOLVE_NO_SYMLINKS = 0x04,
    LINUX_RESOLVE_BENEATH = 0x08,
    LINUX_CGROUP2_SUPER_MAGIC = 0x63677270,
    LINUX_SEEK_DATA = 3,
    LINUX_SEEK_HOLE = 4,
    LINUX_SEAL_SEAL = 1,
    LINUX_SEAL_SHRINK = 2,
    LINUX_SEAL_GROW = 4,
    LINUX_SEAL_WRITE = 8,
    LINUX_MOUNT_ATTR_RDONLY = 1,
    LINUX_MOUNT_ATTR_NOSUID = 2,
    LINUX_MOUNT_ATTR_NODEV = 4,
    LINUX_MOUNT_ATTR_NOEXEC = 8,
    LINUX_LIMIT_FSIZE = 1,
    LINUX_LIMIT_DATA = 2,
    LINUX_LIMIT_CORE = 4,
    LINUX_LIMIT_NPROC = 6,
    LINUX_LIMIT_NOFILE = 7,
    LINUX_LIMIT_MEMLOCK = 8,
    LINUX_LIMIT_MSGQUEUE = 12,
    LINUX_LIMIT_RTPRIO = 14,
    LINUX_CLONE_NEWNS = 0x00020000,
    LINUX_CLONE_NEWCGROUP = 0x02000000,
    LINUX_CLONE_NEWUTS = 0x04000000,
    LINUX_CLONE_NEWIPC = 0x08000000,
    LINUX_CLONE_NEWUSER = 0x10000000,
    LINUX_CLONE_NEWPID = 0x20000000,
    LINUX_CLONE_NEWNET = 0x40000000,
};
