/* SPDX-License-Identifier: MIT */
/* syscall_rules.h - the system calls that a worker makes once it serves: a table. */
#ifndef TINYWEB_OS_SYSCALL_RULES_H
#define TINYWEB_OS_SYSCALL_RULES_H

#include <stdbool.h>
#include <stddef.h>

#define SYSCALL_CONDITIONS_MAX 2

/* (argument & mask) == value, in its lower 32 bits; a mask of 0 asks for nothing. */
struct syscall_condition {
    unsigned argument, mask, value;
};

/* One way to call it; a name may have several, of which one is enough. */
struct syscall_rule {
    const char *name;
    bool is_for_connecting;   /* only where connections to other servers are made */
    bool is_for_writing;      /* only where there is a folder to write to */
    bool is_denied_as_absent; /* with ENOSYS, for a library that falls back to an older one */
    struct syscall_condition conditions[SYSCALL_CONDITIONS_MAX];
};

const struct syscall_rule *syscall_rules(size_t *ret_count);

#endif
