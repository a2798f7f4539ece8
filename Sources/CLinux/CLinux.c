#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/keyctl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

int linux_clone3(uint64_t flags, int *pidfd, int cgroup)
{
    struct clone_args request = {.flags = flags | CLONE_PIDFD, .pidfd = (uintptr_t)pidfd, .exit_signal = SIGCHLD};
    if (cgroup >= 0) { request.flags |= CLONE_INTO_CGROUP; request.cgroup = (uint64_t)cgroup; }
    return (int)syscall(SYS_clone3, &request, sizeof request);
}
int linux_fork(void) { return fork(); }
int linux_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }
int linux_pidfd_send_signal(int pidfd, int signal) { return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0); }
int linux_release_program(void)
{
    extern const char __executable_start[], etext[];
    // From the first page to the last whole one of the code nothing is ever written.
    uintptr_t start = (uintptr_t)__executable_start, end = (uintptr_t)etext & ~(uintptr_t)(sysconf(_SC_PAGESIZE) - 1);
    return madvise((void *)start, end - start, MADV_DONTNEED);
}
int linux_sem_wait_until(sem_t *semaphore, const struct timespec *time)
{
    return sem_clockwait(semaphore, CLOCK_MONOTONIC, time);
}
int linux_wait4(int pid, int *status, int nohang, struct linux_usage *usage)
{
    struct rusage used;
    int waited = wait4(pid, status, (nohang ? WNOHANG : 0) | __WALL, &used);
    if (waited > 0 && usage) {
        usage->user_microseconds = used.ru_utime.tv_sec * 1000000LL + used.ru_utime.tv_usec;
        usage->system_microseconds = used.ru_stime.tv_sec * 1000000LL + used.ru_stime.tv_usec;
        usage->max_rss_kib = used.ru_maxrss;
    }
    return waited;
}
int linux_unshare(uint64_t flags) { return unshare((int)flags); }
int linux_setgroups0(void) { return setgroups(0, NULL); }
int linux_getsid_new(void) { return setsid(); }
int linux_setresuid(unsigned uid) { return setresuid(uid, uid, uid); }
int linux_setresgid(unsigned gid) { return setresgid(gid, gid, gid); }
int linux_set_hostname(const char *name) { return sethostname(name, strlen(name)); }
int linux_dup_cloexec(int from, int to) { return dup3(from, to, O_CLOEXEC); }
int linux_lower_limit(int resource, uint64_t value)
{
    struct rlimit limit;
    if (prlimit(0, resource, NULL, &limit) < 0) return -1;
    if (value < limit.rlim_max) limit.rlim_max = value;
    limit.rlim_cur = limit.rlim_max;
    return prlimit(0, resource, &limit, NULL);
}
int linux_execveat(int directory, const char *path, char *const arguments[], char *const environment[], int flags)
{
    return (int)syscall(SYS_execveat, directory, path, arguments, environment, flags);
}
int linux_keyctl_join_session(void) { return (int)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL); }
int linux_clock_status(void)
{
    struct timex state = {0};
    return adjtimex(&state) < 0 ? -1 : state.status;
}

int linux_close_range(unsigned first, unsigned last) { return (int)syscall(SYS_close_range, first, last, 0); }
int linux_close_range_cloexec(unsigned first, unsigned last)
{
    return (int)syscall(SYS_close_range, first, last, 4 /* CLOSE_RANGE_CLOEXEC, 5.11 */);
}

int linux_set_parent_death_signal(int signal) { return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0); }
int linux_set_dumpable(int value) { return prctl(PR_SET_DUMPABLE, value, 0, 0, 0); }
int linux_set_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }
int linux_set_process_name(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }
int linux_drop_bounding_capability(int capability) { return prctl(PR_CAPBSET_DROP, capability, 0, 0, 0); }
int linux_clear_ambient_capabilities(void) { return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); }
int linux_set_securebits(unsigned long bits) { return prctl(PR_SET_SECUREBITS, bits, 0, 0, 0); }
int linux_seccomp_filter(const void *instructions, unsigned short count)
{
    struct sock_fprog program = {.len = count, .filter = (struct sock_filter *)instructions};
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}
int linux_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {
        {(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
        {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32)}};
    return (int)syscall(SYS_capset, &header, data);
}
int linux_capget(uint64_t *effective, uint64_t *permitted, uint64_t *inheritable)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}};
    int result = (int)syscall(SYS_capget, &header, data);
    *effective = (uint64_t)data[1].effective << 32 | data[0].effective;
    *permitted = (uint64_t)data[1].permitted << 32 | data[0].permitted;
    *inheritable = (uint64_t)data[1].inheritable << 32 | data[0].inheritable;
    return result;
}

int linux_mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)
{
    return mount(source, target, type, flags, data);
}
int linux_umount_detach(const char *target) { return umount2(target, MNT_DETACH); }
int linux_pivot_root(const char *new_root, const char *put_old) { return (int)syscall(SYS_pivot_root, new_root, put_old); }
int linux_clone_tree(int fd, int recursive)
{
    // OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH, and AT_RECURSIVE.
    return (int)syscall(SYS_open_tree, fd, "", 1 | O_CLOEXEC | 0x1000 | (recursive ? 0x8000 : 0));
}
int linux_place_tree(int tree, const char *target)
{
    // MOVE_MOUNT_F_EMPTY_PATH
    return (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, target, 4);
}
int linux_mount_setattr(int directory, const char *path, int flags, uint64_t set, uint64_t clear, uint64_t propagation)
{
    struct { uint64_t attr_set, attr_clr, propagation, userns_fd; } attributes = {set, clear, propagation, 0};
    return (int)syscall(SYS_mount_setattr, directory, path, flags, &attributes, sizeof attributes);
}

int linux_openat(int directory, const char *path, int flags, unsigned mode) { return openat(directory, path, flags, mode); }
int linux_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve)
{
    struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}
int linux_renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags)
{
    return (int)syscall(SYS_renameat2, from_directory, from, to_directory, to, flags);
}
long linux_getdents64(int directory, void *buffer, size_t size) { return syscall(SYS_getdents64, directory, buffer, size); }
int linux_syncfs(int fd) { return syncfs(fd); }
int linux_memfd_create(const char *name) { return memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING); }
int linux_add_seals(int fd, int seals) { return fcntl(fd, F_ADD_SEALS, seals); }
int linux_get_seals(int fd) { return fcntl(fd, F_GET_SEALS); }
int linux_read_lease(int fd) { return fcntl(fd, F_SETLEASE, F_RDLCK); }
int linux_release_lease(int fd) { return fcntl(fd, F_SETLEASE, F_UNLCK); }
int linux_pipe2(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
int linux_set_nonblocking(int fd) { return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }
int linux_clone_file(int to, int from) { return ioctl(to, FICLONE, from); }
long linux_copy_file_range(int from, int to, size_t length) { return copy_file_range(from, NULL, to, NULL, length, 0); }
int linux_remove_xattr(int fd, const char *name) { return fremovexattr(fd, name); }
long linux_list_xattr(int fd, char *names, size_t size) { return flistxattr(fd, names, size); }
long linux_get_xattr(int fd, const char *name, void *value, size_t size) { return fgetxattr(fd, name, value, size); }
long linux_filesystem_type(int fd)
{
    struct statfs status;
    return fstatfs(fd, &status) < 0 ? -1 : (long)status.f_type;
}
int linux_fchmodat2(int directory, const char *path, unsigned mode, unsigned flags)
{
    return (int)syscall(452 /* the same on every architecture; older headers lack it */, directory, path, mode, flags);
}

int linux_socketpair_seqpacket(int fds[2]) { return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds); }
enum { most_descriptors = 16 };
long linux_send_message(int socket, const void *bytes, size_t length, const int *fds, int count)
{
    if (count < 0 || count > most_descriptors) { errno = EINVAL; return -1; }
    union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof(int) * most_descriptors)]; } control = {{0}};
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > 0) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
        memcpy(CMSG_DATA(header), fds, sizeof(int) * (size_t)count);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}
long linux_receive_message(int socket, void *bytes, size_t room, int *fds, int *count, int dont_wait)
{
    union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof(int) * most_descriptors)]; } control;
    struct iovec part = {.iov_base = bytes, .iov_len = room};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    int space = *count;
    *count = 0;
    ssize_t length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | (dont_wait ? MSG_DONTWAIT : 0));
    if (length < 0) return -1;
    int excess = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t received = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < received; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
            if (*count < space) fds[(*count)++] = fd; else { close(fd); excess = 1; }
        }
    }
    if (excess || message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
        for (int i = 0; i < *count; i++) close(fds[i]);
        *count = -1;
        if (!excess && !(message.msg_flags & MSG_TRUNC)) return length;
        *count = 0;
        errno = EMSGSIZE;
        return -1;
    }
    return length;
}
int linux_loopback_up(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int result = ioctl(fd, SIOCSIFFLAGS, &request), saved = errno;
    close(fd);
    errno = saved;
    return result;
}
static void fill(sigset_t *set, const int *signals, int count)
{
    sigemptyset(set);
    for (int i = 0; i < count; i++) sigaddset(set, signals[i]);
}
int linux_signalfd(const int *signals, int count)
{
    sigset_t set;
    fill(&set, signals, count);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}
int linux_block_signals(const int *signals, int count)
{
    sigset_t set;
    fill(&set, signals, count);
    return sigprocmask(SIG_BLOCK, &set, NULL);
}
int linux_unblock_all_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    return sigprocmask(SIG_SETMASK, &set, NULL);
}
int linux_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }
int linux_epoll_add(int epoll, int fd, uint64_t token)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = token};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}
int linux_epoll_remove(int epoll, int fd) { return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL); }
int linux_epoll_wait(int epoll, uint64_t *tokens, int room)
{
    struct epoll_event events[64];
    int count = epoll_wait(epoll, events, room < 64 ? room : 64, -1);
    for (int i = 0; i < count; i++) tokens[i] = events[i].data.u64;
    return count;
}
