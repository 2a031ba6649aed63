/* SPDX-License-Identifier: MIT */
/*
 * syscall_numbers.h - <sys/syscall.h>, with an impossible number for each call of syscall_rules.c
 * that an architecture, or an older header, does not have.
 */
#ifndef TINYWEB_OS_SYSCALL_NUMBERS_H
#define TINYWEB_OS_SYSCALL_NUMBERS_H

#include <sys/syscall.h>

#define SYSCALL_ABSENT (-1)

#ifndef SYS__llseek
#define SYS__llseek SYSCALL_ABSENT
#endif
#ifndef SYS_arm_fadvise64_64
#define SYS_arm_fadvise64_64 SYSCALL_ABSENT
#endif
#ifndef SYS_clock_gettime64
#define SYS_clock_gettime64 SYSCALL_ABSENT
#endif
#ifndef SYS_clone3
#define SYS_clone3 SYSCALL_ABSENT
#endif
#ifndef SYS_dup2
#define SYS_dup2 SYSCALL_ABSENT
#endif
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 SYSCALL_ABSENT
#endif
#ifndef SYS_epoll_wait
#define SYS_epoll_wait SYSCALL_ABSENT
#endif
#ifndef SYS_fadvise64
#define SYS_fadvise64 SYSCALL_ABSENT
#endif
#ifndef SYS_fadvise64_64
#define SYS_fadvise64_64 SYSCALL_ABSENT
#endif
#ifndef SYS_fcntl64
#define SYS_fcntl64 SYSCALL_ABSENT
#endif
#ifndef SYS_fstat64
#define SYS_fstat64 SYSCALL_ABSENT
#endif
#ifndef SYS_fstatat64
#define SYS_fstatat64 SYSCALL_ABSENT
#endif
#ifndef SYS_fstatfs64
#define SYS_fstatfs64 SYSCALL_ABSENT
#endif
#ifndef SYS_futex_time64
#define SYS_futex_time64 SYSCALL_ABSENT
#endif
#ifndef SYS_mmap
#define SYS_mmap SYSCALL_ABSENT
#endif
#ifndef SYS_mmap2
#define SYS_mmap2 SYSCALL_ABSENT
#endif
#ifndef SYS_newfstatat
#define SYS_newfstatat SYSCALL_ABSENT
#endif
#ifndef SYS_open
#define SYS_open SYSCALL_ABSENT
#endif
#ifndef SYS_openat2
#define SYS_openat2 SYSCALL_ABSENT
#endif
#ifndef SYS_poll
#define SYS_poll SYSCALL_ABSENT
#endif
#ifndef SYS_ppoll_time64
#define SYS_ppoll_time64 SYSCALL_ABSENT
#endif
#ifndef SYS_recv
#define SYS_recv SYSCALL_ABSENT
#endif
#ifndef SYS_rseq
#define SYS_rseq SYSCALL_ABSENT
#endif
#ifndef SYS_send
#define SYS_send SYSCALL_ABSENT
#endif
#ifndef SYS_sendfile64
#define SYS_sendfile64 SYSCALL_ABSENT
#endif
#ifndef SYS_sigreturn
#define SYS_sigreturn SYSCALL_ABSENT
#endif
#ifndef SYS_time
#define SYS_time SYSCALL_ABSENT
#endif
#ifndef SYS_renameat
#define SYS_renameat SYSCALL_ABSENT
#endif
#ifndef SYS_utimensat_time64
#define SYS_utimensat_time64 SYSCALL_ABSENT
#endif

#endif
