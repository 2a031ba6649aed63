/* SPDX-License-Identifier: MIT */
/*
 * syscall_filter.c - writes the table as a program for the kernel: rule by rule, each of them whole.
 *
 * Rules with conditions come first, so that a call that has one is decided soon. Those without are
 * run through the filter once, when it is installed: the kernel remembers what it says of each.
 */

#include "os/syscall_filter.h"

#include "os/syscall_rules.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux 4.14 and 4.17; the header may be older. */
#ifndef SECCOMP_FILTER_FLAG_LOG
#define SECCOMP_FILTER_FLAG_LOG 2U
#endif
#ifndef SECCOMP_FILTER_FLAG_SPEC_ALLOW
#define SECCOMP_FILTER_FLAG_SPEC_ALLOW 4U
#endif
#ifndef SECCOMP_RET_KILL_PROCESS /* Linux 4.14; older ones end the thread */
#define SECCOMP_RET_KILL_PROCESS 0x80000000U
#endif

/* Where the C library makes each call by itself, and the lower half of an argument comes first. */
#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && !defined(__AARCH64EB__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#elif defined(__arm__) && defined(__ARM_EABI__) && !defined(__ARMEB__)
#define NATIVE_ARCH AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define NATIVE_ARCH AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define NATIVE_ARCH AUDIT_ARCH_PPC64LE
#else
#define NATIVE_ARCH 0
#endif

/* Since Linux 5.1 a new call has the same number on all of these. */
#define FIRST_YOUNG_CALL 424

#define INSTRUCTIONS_MAX 768

struct syscall_filter {
    unsigned short count;
    struct sock_filter program[INSTRUCTIONS_MAX];
};

static void add(struct syscall_filter *filter, struct sock_filter instruction)
{
    assert(filter->count < INSTRUCTIONS_MAX);
    filter->program[filter->count++] = instruction;
}

static void load(struct syscall_filter *filter, size_t offset)
{
    add(filter, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offset));
}

/* Whatever does not equal @value jumps; where to is not known yet. */
static void demand(struct syscall_filter *filter, unsigned value)
{
    add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 0));
}

static void give(struct syscall_filter *filter, unsigned result)
{
    add(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, result));
}

/* All that has been demanded since @first leads behind the end. */
static void close_rule(struct syscall_filter *filter, size_t first)
{
    for (size_t i = first; i < filter->count; i++) {
        if (filter->program[i].code == (BPF_JMP | BPF_JEQ | BPF_K))
            filter->program[i].jf = (unsigned char)(filter->count - i - 1);
    }
}

static size_t offset_of_argument(unsigned argument)
{
    return offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t);
}

/* The number of the call is loaded. */
static void add_rule(struct syscall_filter *filter, const struct syscall_rule *rule)
{
    size_t first = filter->count;
    demand(filter, (unsigned)rule->number);
    for (size_t i = 0; i < SYSCALL_CONDITIONS_MAX; i++) {
        const struct syscall_condition *condition = &rule->conditions[i];
        if (condition->mask == 0)
            continue;
        load(filter, offset_of_argument(condition->argument));
        add(filter, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, condition->mask));
        demand(filter, condition->value);
    }
    give(filter, rule->is_denied_as_absent ? SECCOMP_RET_ERRNO | ENOSYS : SECCOMP_RET_ALLOW);
    close_rule(filter, first);
}

static bool has_conditions(const struct syscall_rule *rule)
{
    return rule->conditions[0].mask != 0;
}

/* What more than serving files a worker is for. */
struct purpose {
    bool may_connect, may_write;
};

static bool is_wanted(const struct syscall_rule *rule, const struct purpose *purpose)
{
    return rule->number >= 0 && (purpose->may_connect || !rule->is_for_connecting) &&
           (purpose->may_write || !rule->is_for_writing);
}

static void add_rules(struct syscall_filter *filter, const struct purpose *purpose,
                      bool with_conditions)
{
    size_t count;
    const struct syscall_rule *rules = syscall_rules(&count);
    for (size_t i = 0; i < count; i++) {
        if (!is_wanted(&rules[i], purpose) || has_conditions(&rules[i]) != with_conditions)
            continue;
        if (with_conditions) /* the rule before may have looked at an argument */
            load(filter, offsetof(struct seccomp_data, nr));
        add_rule(filter, &rules[i]);
    }
}

static void write_program(struct syscall_filter *filter, const struct purpose *purpose)
{
    load(filter, offsetof(struct seccomp_data, arch));
    add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 1, 0));
    give(filter, SECCOMP_RET_KILL_PROCESS); /* 32-bit code: none of ours */
    add_rules(filter, purpose, true);
    load(filter, offsetof(struct seccomp_data, nr));
    add_rules(filter, purpose, false);
    add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FIRST_YOUNG_CALL, 0, 1));
    give(filter, SECCOMP_RET_ERRNO | ENOSYS);
    give(filter, SECCOMP_RET_ERRNO | EPERM);
}

static bool kernel_has_filters(void)
{
    unsigned action = SECCOMP_RET_ERRNO;
    /* EOPNOTSUPP, EINVAL: no such question, which is younger than filters. */
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0U, &action) == 0 ||
           (errno != ENOSYS && errno != EPERM);
}

int syscall_filter_create(bool may_connect, bool may_write, struct syscall_filter **ret_filter)
{
    const struct purpose purpose = {.may_connect = may_connect, .may_write = may_write};
    if (NATIVE_ARCH == 0)
        return -ENOSYS;
    if (!kernel_has_filters())
        return errno == EPERM ? -EPERM : -EINVAL;
    struct syscall_filter *filter = malloc(sizeof(*filter));
    if (!filter)
        return -ENOMEM;
    filter->count = 0;
    write_program(filter, &purpose);
    *ret_filter = filter;
    return 0;
}

void syscall_filter_destroy(struct syscall_filter *filter)
{
    free(filter);
}

int syscall_filter_install(const struct syscall_filter *filter)
{
    /* Installing does not write. */
    struct sock_fprog program = {.len = filter->count,
                                 .filter = (struct sock_filter *)(uintptr_t)filter->program};
    /* No code of strangers runs here, against which the processor would have to be slowed down. */
    unsigned wanted = SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    long err = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC | wanted,
                       &program);
    if (err == -1 && errno == EINVAL) /* flags that this kernel does not know */
        err = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
    return err == -1 ? -errno : err > 0 ? -ESRCH : 0; /* > 0: a thread that cannot follow */
}
