/* SPDX-License-Identifier: MIT */
/* syscall_filter.c - has libseccomp compile the table; the only file that includes seccomp.h. */

#include "os/syscall_filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux 4.14 and 4.17; the header may be older. */
#ifndef SECCOMP_FILTER_FLAG_LOG
#define SECCOMP_FILTER_FLAG_LOG 2U
#endif
#ifndef SECCOMP_FILTER_FLAG_SPEC_ALLOW
#define SECCOMP_FILTER_FLAG_SPEC_ALLOW 4U
#endif

struct syscall_filter {
    unsigned short count;
    struct sock_filter program[];
};

#ifdef HAVE_SECCOMP

#include "os/syscall_rules.h"

#include <malloc.h>
#include <seccomp.h>
#include <sys/mman.h>

/* No architecture leaves out so many numbers in a row: x86-64 has none from 335 to 423. */
#define CALL_NUMBERS_GAP 128

/* The binary tree of libseccomp, which is faster than a list. */
#define OPTIMIZE_BY_TREE 2

static int add_rule(scmp_filter_ctx context, const struct syscall_rule *rule)
{
    struct scmp_arg_cmp arguments[SYSCALL_CONDITIONS_MAX];
    unsigned count = 0;
    int number = seccomp_syscall_resolve_name(rule->name);
    if (number == __NR_SCMP_ERROR) /* younger than the library */
        return 0;
    for (size_t i = 0; i < SYSCALL_CONDITIONS_MAX; i++) {
        const struct syscall_condition *condition = &rule->conditions[i];
        if (condition->mask == 0)
            continue;
        arguments[count++] = (struct scmp_arg_cmp){.arg = condition->argument,
                                                   .op = SCMP_CMP_MASKED_EQ,
                                                   .datum_a = condition->mask,
                                                   .datum_b = condition->value};
    }
    uint32_t action = rule->is_denied_as_absent ? SCMP_ACT_ERRNO(ENOSYS) : SCMP_ACT_ALLOW;
    int err = seccomp_rule_add_array(context, action, number, count, arguments);
    return err == -EDOM ? 0 : err; /* this architecture does not have it */
}

static int add_rules(scmp_filter_ctx context, bool may_connect, bool may_write)
{
    size_t count;
    const struct syscall_rule *rules = syscall_rules(&count);
    int err = 0;
    for (size_t i = 0; !err && i < count; i++) {
        if ((!rules[i].is_for_connecting || may_connect) && (!rules[i].is_for_writing || may_write))
            err = add_rule(context, &rules[i]);
    }
    return err;
}

/* The highest number that the library has a name for. It looks through all of its names for each. */
static unsigned last_known_call(void)
{
    unsigned last = SYS_accept4;
    for (unsigned number = last; number < last + CALL_NUMBERS_GAP; number++) {
        char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)number);
        if (name)
            last = number;
        free(name);
    }
    return last;
}

/* In front of what the library made: calls it has never heard of fail with ENOSYS. */
static struct syscall_filter *read_program(int fd, size_t size)
{
    const struct sock_filter head[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, last_known_call(), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    };
    size_t count = COUNT_OF(head) + size / sizeof(head[0]);
    struct syscall_filter *filter = malloc(sizeof(*filter) + count * sizeof(head[0]));
    if (!filter)
        return NULL;
    filter->count = (unsigned short)count;
    memcpy(filter->program, head, sizeof(head));
    if (pread(fd, filter->program + COUNT_OF(head), size, 0) != (ssize_t)size) {
        free(filter);
        return NULL;
    }
    return filter;
}

/* The library writes to a descriptor only (up to version 2.6). */
static int export_program(scmp_filter_ctx context, struct syscall_filter **ret_filter)
{
    int fd = memfd_create("tinyweb-filter", MFD_CLOEXEC);
    if (fd == -1)
        return -errno;
    int err = seccomp_export_bpf(context, fd);
    off_t size = err ? 0 : lseek(fd, 0, SEEK_END);
    if (!err && (size <= 0 || size > (off_t)(BPF_MAXINSNS * sizeof(struct sock_filter)) / 2))
        err = -E2BIG;
    if (!err && !(*ret_filter = read_program(fd, (size_t)size)))
        err = -ENOMEM;
    close(fd);
    return err;
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
    if (!kernel_has_filters())
        return errno == EPERM ? -EPERM : -EINVAL;
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (!context)
        return -ENOMEM;
    /* Older libraries do without. */
    (void)seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, OPTIMIZE_BY_TREE);
    int err = add_rules(context, may_connect, may_write);
    if (!err)
        err = export_program(context, ret_filter);
    seccomp_release(context);
    (void)malloc_trim(0); /* 130 KiB that the master and each worker would keep */
    return err;
}

#else

int syscall_filter_create(bool may_connect, bool may_write, struct syscall_filter **ret_filter)
{
    (void)may_connect;
    (void)ret_filter;
    return -ENOSYS;
}

#endif

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
