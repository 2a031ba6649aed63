/* SPDX-License-Identifier: MIT */
/*
 * landlock.c - the three system calls, for which there is no library.
 *
 * What the kernel is asked for is spelled out here, since its header may be older than it is.
 */

#include "os/landlock.h"

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The numbers are the same on every architecture but Alpha. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

#define CREATE_RULESET_VERSION 1U
#define RULE_PATH_BENEATH 1

#define FS_WRITE_FILE BIT(1)
#define FS_READ_FILE BIT(2)
#define FS_READ_DIR BIT(3)
#define FS_REMOVE_FILE BIT(5)
#define FS_MAKE_DIR BIT(7)
#define FS_MAKE_REG BIT(8)
#define READING (FS_READ_FILE | FS_READ_DIR)
#define OWNING (READING | FS_WRITE_FILE | FS_REMOVE_FILE | FS_MAKE_DIR | FS_MAKE_REG)
#define NET_BIND_TCP BIT(0)
#define NET_CONNECT_TCP BIT(1)
#define SCOPE_ABSTRACT_UNIX_SOCKET BIT(0)
#define SCOPE_SIGNAL BIT(1)

struct ruleset {
    uint64_t files;
    uint64_t net;
    uint64_t scopes;
};

struct path_rule {
    uint64_t allowed;
    int32_t parent_fd;
} __attribute__((packed));

/* How many accesses to files each version knows: the lowest bits. Index 0 is no version. */
static const unsigned char file_accesses[] = {0, 13, 14, 15, 15, 16};

static unsigned all_file_accesses(int abi)
{
    size_t last = COUNT_OF(file_accesses) - 1;
    return BIT(file_accesses[MIN((size_t)abi, last)]) - 1;
}

int landlock_abi(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, CREATE_RULESET_VERSION);
    if (abi == -1)
        return -errno;
    return abi < 1 ? -ENOSYS : (int)abi;
}

static int allow(int ruleset_fd, unsigned accesses, const int *dir_fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct path_rule rule = {.allowed = accesses, .parent_fd = dir_fds[i]};
        if (syscall(SYS_landlock_add_rule, ruleset_fd, RULE_PATH_BENEATH, &rule, 0U) == -1)
            return -errno;
    }
    return 0;
}

int landlock_restrict(const struct landlock_grant *grant)
{
    int abi = landlock_abi();
    if (abi < 0)
        return abi;
    struct ruleset ruleset = {.files = all_file_accesses(abi)};
    if (abi >= LANDLOCK_ABI_NET)
        ruleset.net = NET_BIND_TCP | (grant->may_connect ? 0 : NET_CONNECT_TCP);
    if (abi >= 6)
        ruleset.scopes = SCOPE_SIGNAL | SCOPE_ABSTRACT_UNIX_SOCKET;
    /* A kernel of fewer fields takes the rest as long as it is zero. */
    int fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0U);
    if (fd == -1)
        return -errno;
    int err = allow(fd, READING, grant->dir_fds, grant->dir_count);
    if (!err)
        err = allow(fd, OWNING, grant->own_fds, grant->own_count);
    if (!err && syscall(SYS_landlock_restrict_self, fd, 0U) == -1)
        err = -errno;
    close(fd);
    return err;
}
