/* SPDX-License-Identifier: MIT */
/*
 * syscall_rules.c - what is allowed. A call that an architecture does not have costs nothing.
 *
 * A call without conditions is nearly free: the kernel remembers that it is allowed, and does not
 * run the filter for it. So what a request needs has none.
 */

#include "os/syscall_rules.h"

#include "base/macros.h"
#include "os/syscall_numbers.h"

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
#define IS(nth, is) {.argument = (nth), .mask = 0xffffffffU, .value = (unsigned)(is)}
#define ALWAYS(call) {.number = (call)}
#define IF(call, nth, is) {.number = (call), .conditions = {IS(nth, is)}}
#define IF_NONE_OF(call, nth, bits) \
    {.number = (call), .conditions = {{.argument = (nth), .mask = (bits)}}}
#define OPTION(call, level, option) {.number = (call), .conditions = {IS(1, level), IS(2, option)}}
#define TO_CONNECT(call, nth, is) \
    {.number = (call), .is_for_connecting = true, .conditions = {IS(nth, is)}}

#define TO_WRITE(call) {.number = (call), .is_for_writing = true}

#define CLONE_FLAGS 0 /* the argument of clone(2) that has them, but on s390 */
#define CLONE_KINDS                                                                       \
    (CLONE_VM | CLONE_THREAD | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
     CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

#define WRITING (O_ACCMODE | O_CREAT | O_TRUNC)

static const struct syscall_rule rules[] = {
    /* connections, channel, logs */
    ALWAYS(SYS_accept4), ALWAYS(SYS_recv), ALWAYS(SYS_recvfrom), ALWAYS(SYS_recvmsg), ALWAYS(SYS_send),
    ALWAYS(SYS_sendto), ALWAYS(SYS_sendmsg), ALWAYS(SYS_sendfile), ALWAYS(SYS_sendfile64),
    ALWAYS(SYS_read), ALWAYS(SYS_readv), ALWAYS(SYS_write), ALWAYS(SYS_writev), ALWAYS(SYS_shutdown),
    ALWAYS(SYS_close), ALWAYS(SYS_dup2), ALWAYS(SYS_dup3), ALWAYS(SYS_getpeername), ALWAYS(SYS_getsockname),
    ALWAYS(SYS_epoll_ctl), ALWAYS(SYS_epoll_wait), ALWAYS(SYS_epoll_pwait), ALWAYS(SYS_epoll_pwait2),
    ALWAYS(SYS_poll), ALWAYS(SYS_ppoll), ALWAYS(SYS_ppoll_time64),
    OPTION(SYS_getsockopt, SOL_SOCKET, SO_ERROR),
    OPTION(SYS_getsockopt, SOL_SOCKET, SO_TYPE),
    OPTION(SYS_getsockopt, IPPROTO_TCP, TCP_INFO),
    OPTION(SYS_setsockopt, SOL_SOCKET, SO_LINGER),
    OPTION(SYS_setsockopt, SOL_SOCKET, SO_SNDBUF),
    OPTION(SYS_setsockopt, SOL_SOCKET, SO_MAX_PACING_RATE),
    OPTION(SYS_setsockopt, IPPROTO_TCP, TCP_NODELAY),
    OPTION(SYS_setsockopt, IPPROTO_TCP, TCP_USER_TIMEOUT),
    OPTION(SYS_setsockopt, IPPROTO_TCP, TCP_NOTSENT_LOWAT),
    IF(SYS_ioctl, 1, SIOCOUTQ),
    TO_CONNECT(SYS_socket, 0, AF_INET),
    TO_CONNECT(SYS_socket, 0, AF_INET6),
    TO_CONNECT(SYS_socket, 0, AF_UNIX),
    {.number = SYS_connect, .is_for_connecting = true},

    /* files, which Landlock confines to the roots and to reading */
    ALWAYS(SYS_openat2), ALWAYS(SYS_fstat), ALWAYS(SYS_fstat64), ALWAYS(SYS_newfstatat),
    ALWAYS(SYS_fstatat64), ALWAYS(SYS_fstatfs), ALWAYS(SYS_fstatfs64), ALWAYS(SYS_statx),
    ALWAYS(SYS_getdents64), ALWAYS(SYS_lseek), ALWAYS(SYS__llseek), ALWAYS(SYS_pread64), ALWAYS(SYS_preadv), ALWAYS(SYS_preadv2),
    ALWAYS(SYS_readahead), ALWAYS(SYS_fadvise64), ALWAYS(SYS_fadvise64_64), ALWAYS(SYS_arm_fadvise64_64),
    /* where the kernel has no openat2, and for what the library opens */
    ALWAYS(SYS_readlinkat),
    IF_NONE_OF(SYS_openat, 2, WRITING),
    IF_NONE_OF(SYS_open, 1, WRITING),
    /* what is stored of other servers' answers */
    TO_WRITE(SYS_openat), TO_WRITE(SYS_pwrite64), TO_WRITE(SYS_mkdirat), TO_WRITE(SYS_renameat),
    TO_WRITE(SYS_renameat2), TO_WRITE(SYS_unlinkat), TO_WRITE(SYS_utimensat),
    TO_WRITE(SYS_utimensat_time64),
    /* not F_SETFL: logs are open for appending, and stay so */
    IF(SYS_fcntl, 1, F_GETFL), IF(SYS_fcntl64, 1, F_GETFL),
    IF(SYS_fcntl, 1, F_SETFD), IF(SYS_fcntl64, 1, F_SETFD),
    IF(SYS_fcntl, 1, F_DUPFD_CLOEXEC), IF(SYS_fcntl64, 1, F_DUPFD_CLOEXEC),
    IF(SYS_fcntl, 1, F_SETLK), IF(SYS_fcntl64, 1, F_SETLK), IF(SYS_fcntl64, 1, F_SETLK64),

    /* memory, none of which becomes code */
    ALWAYS(SYS_brk), ALWAYS(SYS_munmap), ALWAYS(SYS_mremap), ALWAYS(SYS_madvise),
    IF_NONE_OF(SYS_mmap, 2, PROT_EXEC),
    IF_NONE_OF(SYS_mmap2, 2, PROT_EXEC),
    IF_NONE_OF(SYS_mprotect, 2, PROT_EXEC),

    /* time, where the kernel has no page for it */
    ALWAYS(SYS_clock_gettime), ALWAYS(SYS_clock_gettime64), ALWAYS(SYS_gettimeofday), ALWAYS(SYS_time),

    /* threads, and what the C library does without being asked */
    ALWAYS(SYS_futex), ALWAYS(SYS_futex_time64), ALWAYS(SYS_rseq), ALWAYS(SYS_set_robust_list),
    ALWAYS(SYS_sched_yield), ALWAYS(SYS_sched_getaffinity), ALWAYS(SYS_sysinfo), ALWAYS(SYS_getrandom),
    ALWAYS(SYS_getrusage), ALWAYS(SYS_getpid), ALWAYS(SYS_getppid), ALWAYS(SYS_gettid),
    ALWAYS(SYS_rt_sigaction), ALWAYS(SYS_rt_sigprocmask), ALWAYS(SYS_rt_sigreturn), ALWAYS(SYS_sigreturn),
    ALWAYS(SYS_restart_syscall), ALWAYS(SYS_exit), ALWAYS(SYS_exit_group),
    IF(SYS_prctl, 0, PR_SET_NAME),
    /* another thread, but no process; clone3 hides its flags in memory */
    {.number = SYS_clone, .conditions = {{CLONE_FLAGS, CLONE_KINDS, CLONE_VM | CLONE_THREAD}}},
    {.number = SYS_clone3, .is_denied_as_absent = true},
    IF(SYS_tgkill, 2, SIGABRT), /* abort(3) */
    IF(SYS_tkill, 1, SIGABRT),
};
/* clang-format on */

const struct syscall_rule *syscall_rules(size_t *ret_count)
{
    *ret_count = COUNT_OF(rules);
    return rules;
}
