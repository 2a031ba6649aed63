/* SPDX-License-Identifier: MIT */
/*
 * syscall_rules.c - what is allowed, by name; a name that an architecture does not have costs nothing.
 *
 * A call without conditions is nearly free: the kernel remembers that it is allowed, and does not
 * run the filter for it. So what a request needs has none.
 */

#include "os/syscall_rules.h"

#include "base/macros.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

/* Several calls in a line are read better than one in each. */
/* clang-format off */

/* What the upper half of an int's register holds is nobody's concern. */
#define IS(number, is) {.argument = (number), .mask = 0xffffffffU, .value = (unsigned)(is)}
#define ALWAYS(call) {.name = (call)}
#define IF(call, number, is) {.name = (call), .conditions = {IS(number, is)}}
#define IF_NONE_OF(call, number, bits) \
    {.name = (call), .conditions = {{.argument = (number), .mask = (bits)}}}
#define OPTION(call, level, option) {.name = (call), .conditions = {IS(1, level), IS(2, option)}}
#define TO_CONNECT(call, number, is) \
    {.name = (call), .is_for_connecting = true, .conditions = {IS(number, is)}}

#define TO_WRITE(call) {.name = (call), .is_for_writing = true}

/* Which argument of clone(2) has the flags. */
#if defined(__s390__)
#define CLONE_FLAGS 1
#else
#define CLONE_FLAGS 0
#endif
#define CLONE_KINDS                                                                       \
    (CLONE_VM | CLONE_THREAD | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
     CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

#define WRITING (O_ACCMODE | O_CREAT | O_TRUNC)

static const struct syscall_rule rules[] = {
    /* connections, channel, logs */
    ALWAYS("accept4"), ALWAYS("recv"), ALWAYS("recvfrom"), ALWAYS("recvmsg"), ALWAYS("send"),
    ALWAYS("sendto"), ALWAYS("sendmsg"), ALWAYS("sendfile"), ALWAYS("sendfile64"),
    ALWAYS("read"), ALWAYS("readv"), ALWAYS("write"), ALWAYS("writev"), ALWAYS("shutdown"),
    ALWAYS("close"), ALWAYS("dup2"), ALWAYS("dup3"), ALWAYS("getpeername"), ALWAYS("getsockname"),
    ALWAYS("epoll_ctl"), ALWAYS("epoll_wait"), ALWAYS("epoll_pwait"), ALWAYS("epoll_pwait2"),
    ALWAYS("poll"), ALWAYS("ppoll"), ALWAYS("ppoll_time64"),
    OPTION("getsockopt", SOL_SOCKET, SO_ERROR),
    OPTION("getsockopt", SOL_SOCKET, SO_TYPE),
    OPTION("getsockopt", IPPROTO_TCP, TCP_INFO),
    OPTION("setsockopt", SOL_SOCKET, SO_LINGER),
    OPTION("setsockopt", SOL_SOCKET, SO_SNDBUF),
    OPTION("setsockopt", SOL_SOCKET, SO_MAX_PACING_RATE),
    OPTION("setsockopt", IPPROTO_TCP, TCP_NODELAY),
    OPTION("setsockopt", IPPROTO_TCP, TCP_USER_TIMEOUT),
    OPTION("setsockopt", IPPROTO_TCP, TCP_NOTSENT_LOWAT),
    IF("ioctl", 1, SIOCOUTQ),
    TO_CONNECT("socket", 0, AF_INET),
    TO_CONNECT("socket", 0, AF_INET6),
    TO_CONNECT("socket", 0, AF_UNIX),
    {.name = "connect", .is_for_connecting = true},

    /* files, which Landlock confines to the roots and to reading */
    ALWAYS("openat2"), ALWAYS("fstat"), ALWAYS("fstat64"), ALWAYS("newfstatat"),
    ALWAYS("fstatat64"), ALWAYS("fstatfs"), ALWAYS("fstatfs64"), ALWAYS("statx"),
    ALWAYS("getdents64"), ALWAYS("lseek"), ALWAYS("_llseek"), ALWAYS("pread64"), ALWAYS("preadv"), ALWAYS("preadv2"),
    ALWAYS("readahead"), ALWAYS("fadvise64"), ALWAYS("fadvise64_64"), ALWAYS("arm_fadvise64_64"),
    /* where the kernel has no openat2, and for what the library opens */
    ALWAYS("readlinkat"),
    IF_NONE_OF("openat", 2, WRITING),
    IF_NONE_OF("open", 1, WRITING),
    /* what is stored of other servers' answers */
    TO_WRITE("openat"), TO_WRITE("pwrite64"), TO_WRITE("mkdirat"), TO_WRITE("renameat"),
    TO_WRITE("renameat2"), TO_WRITE("unlinkat"), TO_WRITE("utimensat"), TO_WRITE("utimensat_time64"),
    /* not F_SETFL: logs are open for appending, and stay so */
    IF("fcntl", 1, F_GETFL), IF("fcntl64", 1, F_GETFL),
    IF("fcntl", 1, F_SETFD), IF("fcntl64", 1, F_SETFD),
    IF("fcntl", 1, F_DUPFD_CLOEXEC), IF("fcntl64", 1, F_DUPFD_CLOEXEC),
    IF("fcntl", 1, F_SETLK), IF("fcntl64", 1, F_SETLK), IF("fcntl64", 1, F_SETLK64),

    /* memory, none of which becomes code */
    ALWAYS("brk"), ALWAYS("munmap"), ALWAYS("mremap"), ALWAYS("madvise"),
    IF_NONE_OF("mmap", 2, PROT_EXEC),
    IF_NONE_OF("mmap2", 2, PROT_EXEC),
    IF_NONE_OF("mprotect", 2, PROT_EXEC),

    /* time, where the kernel has no page for it */
    ALWAYS("clock_gettime"), ALWAYS("clock_gettime64"), ALWAYS("gettimeofday"), ALWAYS("time"),

    /* threads, and what the C library does without being asked */
    ALWAYS("futex"), ALWAYS("futex_time64"), ALWAYS("rseq"), ALWAYS("set_robust_list"),
    ALWAYS("sched_yield"), ALWAYS("sched_getaffinity"), ALWAYS("sysinfo"), ALWAYS("getrandom"),
    ALWAYS("getrusage"), ALWAYS("getpid"), ALWAYS("getppid"), ALWAYS("gettid"),
    ALWAYS("rt_sigaction"), ALWAYS("rt_sigprocmask"), ALWAYS("rt_sigreturn"), ALWAYS("sigreturn"),
    ALWAYS("restart_syscall"), ALWAYS("exit"), ALWAYS("exit_group"),
    IF("prctl", 0, PR_SET_NAME),
    /* another thread, but no process; clone3 hides its flags in memory */
    {.name = "clone", .conditions = {{CLONE_FLAGS, CLONE_KINDS, CLONE_VM | CLONE_THREAD}}},
    {.name = "clone3", .is_denied_as_absent = true},
    IF("tgkill", 2, SIGABRT), /* abort(3) */
    IF("tkill", 1, SIGABRT),
};
/* clang-format on */

const struct syscall_rule *syscall_rules(size_t *ret_count)
{
    *ret_count = COUNT_OF(rules);
    return rules;
}
