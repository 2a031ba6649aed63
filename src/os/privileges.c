/* SPDX-License-Identifier: MIT */
/* privileges.c - setuid(2) and friends, in the one order that works. */

#include "os/privileges.h"

#include "os/local_account.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_USER "www-data"

/* A sanitizer's leak check attaches to its own process, which needs it to be dumpable. */
#ifdef TINYWEB_SANITIZERS
#define KEEP_DUMPABLE true
#else
#define KEEP_DUMPABLE false
#endif

bool priv_is_root(void)
{
    return geteuid() == 0;
}

/* -ENOENT: there is none of that name. */
static int find_user(const char *user, struct identity *identity)
{
    errno = 0;
    const struct passwd *row = getpwnam(user);
    if (!row)
        return errno == 0 || errno == ENOENT || errno == ESRCH ? -ENOENT : -errno;
    size_t size = strlen(user) + 1;
    if (size > sizeof(identity->user))
        return -ENAMETOOLONG;
    memcpy(identity->user, user, size);
    identity->uid = row->pw_uid;
    identity->gid = row->pw_gid;
    return 0;
}

/* In @identity, whatever the result is. */
static int look_up(const char *user, const char *group, struct identity *identity)
{
    int err = find_user(user ? user : DEFAULT_USER, identity);
    if (err == -ENOENT && !user)
        err = find_user("nobody", identity);
    if (err)
        return err;
    if (group) {
        errno = 0;
        const struct group *row = getgrnam(group);
        if (!row)
            return errno == 0 || errno == ENOENT ? -ESRCH : -errno;
        identity->gid = row->gr_gid;
    }
    identity->group_count = PRIV_GROUPS_MAX;
    if (getgrouplist(identity->user, identity->gid, identity->groups, &identity->group_count) < 0)
        return -E2BIG;
    return 0;
}

/* Of a question whose child was killed before it answered. */
#define ATTEMPTS_MAX 3

struct answer {
    int err;
    struct identity identity;
};
static_assert(sizeof(struct answer) <= PIPE_BUF, "an answer is written at once");

static void answer_and_exit(int fd, const char *user, const char *group)
{
    struct answer answer = {0};
    answer.err = look_up(user, group, &answer.identity);
    _exit(write(fd, &answer, sizeof(answer)) == sizeof(answer) ? 0 : 1);
}

static int read_answer(int fd, pid_t child, struct identity *ret_identity)
{
    struct answer answer;
    ssize_t n;
    do
        n = read(fd, &answer, sizeof(answer));
    while (n == -1 && errno == EINTR);
    while (waitpid(child, NULL, 0) == -1 && errno == EINTR)
        continue;
    if (n != sizeof(answer))
        return -EIO; /* something killed it */
    if (answer.err == 0)
        *ret_identity = answer.identity;
    return answer.err;
}

static int ask_child(const char *user, const char *group, struct identity *ret_identity)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) == -1)
        return -errno;
    pid_t child = fork();
    if (child == 0)
        answer_and_exit(fds[1], user, group);
    int err = child == -1 ? -errno : 0;
    close(fds[1]);
    if (!err)
        err = read_answer(fds[0], child, ret_identity);
    close(fds[0]);
    return err;
}

int priv_find(const char *user, const char *group, struct identity *ret_identity)
{
    int err = -EIO;
    /* Of a user that nobody named nothing is expected that a name service would have to add, and a
     * child with its modules takes a fifth of a start. */
    if (!user && !group &&
        local_account_find(DEFAULT_USER, LOCAL_PASSWD_FILE, LOCAL_GROUP_FILE, ret_identity) == 0)
        return 0;
    for (int attempt = 0; err == -EIO && attempt < ATTEMPTS_MAX; attempt++)
        err = ask_child(user, group, ret_identity);
    return err;
}

/* While it is still allowed to: after setuid nobody could. */
static int drop_bounding_set(void)
{
    for (unsigned long capability = 0;; capability++) {
        if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == -1)
            return 0; /* EINVAL: past the last one of this kernel */
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == -1 && errno != EPERM)
            return -errno;
    }
}

/* With the permitted ones the ambient ones go, too. -EPERM: some are left. */
static int drop_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (syscall(SYS_capset, &header, sets) == -1 || syscall(SYS_capget, &header, sets) == -1)
        return -errno;
    for (size_t i = 0; i < COUNT_OF(sets); i++) {
        if (sets[i].effective || sets[i].permitted || sets[i].inheritable)
            return -EPERM;
    }
    return 0;
}

static bool has_become(const struct identity *identity)
{
    uid_t real, effective, saved;
    gid_t real_group, effective_group, saved_group;
    if (getresuid(&real, &effective, &saved) ||
        getresgid(&real_group, &effective_group, &saved_group))
        return false;
    return real == identity->uid && effective == identity->uid && saved == identity->uid &&
           real_group == identity->gid && effective_group == identity->gid &&
           saved_group == identity->gid;
}

bool priv_has_group(const struct identity *identity, gid_t gid)
{
    for (int i = 0; i < identity->group_count; i++) {
        if (identity->groups[i] == gid)
            return true;
    }
    return false;
}

int priv_drop(const struct identity *identity)
{
    if (!priv_is_root())
        return has_become(identity) ? 0 : -EPERM;

    int err = identity->uid == 0 ? 0 : drop_bounding_set();
    if (err)
        return err;
    /* Groups first: after setuid they could not be given up any more. */
    if (setgroups((size_t)identity->group_count, identity->groups) == -1)
        return -errno;
    if (setresgid(identity->gid, identity->gid, identity->gid) == -1)
        return -errno;
    if (setresuid(identity->uid, identity->uid, identity->uid) == -1)
        return -errno; /* EAGAIN: the user's RLIMIT_NPROC */
    if (!has_become(identity))
        return -EPERM;
    if (identity->uid != 0 && setuid(0) == 0)
        return -EPERM;
    return 0;
}

int priv_harden(void)
{
    if (!priv_is_root()) {
        int err = drop_capabilities();
        if (err)
            return err;
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
        return -errno;
    if (!KEEP_DUMPABLE && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
        return -errno;
    return 0;
}
