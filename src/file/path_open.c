/* SPDX-License-Identifier: MIT */
/*
 * path_open.c - opens a path below a root: by openat2(2), or step by step where there is none.
 *
 * The steps keep two texts: `place`, directories that were opened one by one without following
 * anything, and `rest`, what is still to be walked. A link puts its target before the rest; ".."
 * takes the last directory off the place and walks again from the root. So ".." is never asked
 * of the kernel, which would follow it out of a root that somebody renames meanwhile.
 */
#include "file/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef HAVE_LINUX_OPENAT2_H
#include <linux/openat2.h>
#else
#define RESOLVE_BENEATH 0
#define RESOLVE_NO_MAGICLINKS 0
#endif

#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

/* The kernel's MAXSYMLINKS. */
#define LINKS_MAX 40
/* EAGAIN: something was renamed while ".." of a link was followed; EINTR: a slow file system. */
#define TRIES_MAX 8

/* Found out once: the system call is missing, or a sandbox refuses it. */
static atomic_bool is_walking;

struct walk {
    int root_fd;
    int dir_fd; /* where the walk stands; root_fd, or an O_PATH descriptor that it owns */
    unsigned links;
    size_t place_len;
    char place[PATH_MAX]; /* "a/b/", no terminator */
    char rest[PATH_MAX];  /* terminated */
};

static void walk_stand_on(struct walk *walk, int dir_fd)
{
    if (walk->dir_fd != walk->root_fd)
        close(walk->dir_fd);
    walk->dir_fd = dir_fd;
}

/* Put @text before the rest, which is empty or starts with "/". */
static int walk_prepend(struct walk *walk, struct slice text)
{
    size_t rest_size = strlen(walk->rest) + 1;

    if (text.len > sizeof(walk->rest) - rest_size)
        return -ENAMETOOLONG;
    memmove(walk->rest + text.len, walk->rest, rest_size);
    memcpy(walk->rest, text.data, text.len);
    return 0;
}

/* The parent of the place, by name from the root again. */
static int walk_up(struct walk *walk)
{
    size_t len = walk->place_len;

    if (len == 0)
        return -EXDEV;
    do
        len--;
    while (len > 0 && walk->place[len - 1] != '/');
    walk_stand_on(walk, walk->root_fd);
    walk->place_len = 0;
    if (walk->rest[0] == '\0')
        memcpy(walk->rest, "/", 2); /* the path ends in "..": what it names is a directory */
    return walk_prepend(walk, slice_of(walk->place, len));
}

static int walk_down(struct walk *walk, const char *name, int fd)
{
    size_t len = strlen(name);

    if (len + 1 > sizeof(walk->place) - walk->place_len)
        return -ENAMETOOLONG;
    memcpy(walk->place + walk->place_len, name, len);
    walk->place[walk->place_len + len] = '/';
    walk->place_len += len + 1;
    walk_stand_on(walk, fd);
    return 0;
}

static int walk_follow(struct walk *walk, int link_fd)
{
    char target[PATH_MAX];
    ssize_t len = readlinkat(link_fd, "", target, sizeof(target));

    if (len == -1)
        return -errno;
    if (++walk->links > LINKS_MAX)
        return -ELOOP;
    if (len == 0)
        return -ENOENT;
    if (target[0] == '/')
        return -EXDEV;
    return walk_prepend(walk, slice_of(target, (size_t)len));
}

/* Cut the first name off the rest; what stays begins with its "/" or is empty. */
static int walk_next(struct walk *walk, char name[NAME_MAX + 1])
{
    const char *start = walk->rest + strspn(walk->rest, "/");
    size_t len = strcspn(start, "/");

    if (len > NAME_MAX)
        return -ENAMETOOLONG;
    memcpy(name, start, len);
    name[len] = '\0';
    memmove(walk->rest, start + len, strlen(start + len) + 1);
    return 0;
}

/* @fd: an O_PATH descriptor of @name, taken. 0, or the opened file when the walk ends here. */
static int walk_enter(struct walk *walk, const char *name, int fd, bool *ret_is_open)
{
    struct stat st;
    int err = 0;

    if (fstat(fd, &st) == -1) {
        err = -errno;
    } else if (S_ISLNK(st.st_mode)) {
        err = walk_follow(walk, fd);
    } else if (walk->rest[0] == '\0') {
        close(fd);
        fd = openat(walk->dir_fd, name, OPEN_FLAGS | O_NOFOLLOW);
        if (fd == -1)
            return errno == ELOOP ? -EAGAIN : -errno; /* became a link just now */
        *ret_is_open = true;
        return fd;
    } else if (!S_ISDIR(st.st_mode)) {
        err = -ENOTDIR;
    } else {
        err = walk_down(walk, name, fd);
        if (!err)
            return 0;
    }
    close(fd);
    return err;
}

static int walk_step(struct walk *walk, bool *ret_is_open)
{
    char name[NAME_MAX + 1];
    int err = walk_next(walk, name);
    int fd;

    if (err)
        return err;
    if (strcmp(name, "..") == 0)
        return walk_up(walk);
    if (name[0] == '\0' || (strcmp(name, ".") == 0 && walk->rest[0] == '\0')) {
        fd = openat(walk->dir_fd, ".", OPEN_FLAGS | O_DIRECTORY);
        *ret_is_open = fd != -1;
        return fd != -1 ? fd : -errno;
    }
    if (strcmp(name, ".") == 0)
        return 0;

    fd = openat(walk->dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd == -1)
        return -errno;
    return walk_enter(walk, name, fd, ret_is_open);
}

static int open_by_steps(int root_fd, const char *path)
{
    struct walk walk = {.root_fd = root_fd, .dir_fd = root_fd};
    size_t len = strlen(path);
    bool is_open = false;
    int result = 0;

    if (len >= sizeof(walk.rest))
        return -ENAMETOOLONG;
    if (path[0] == '/')
        return -EXDEV;
    memcpy(walk.rest, path, len + 1);
    while (result >= 0 && !is_open)
        result = walk_step(&walk, &is_open);
    walk_stand_on(&walk, root_fd);
    return result;
}

static int openat2_once(int dir_fd, const char *path, uint64_t flags, uint64_t resolve)
{
#if defined(HAVE_LINUX_OPENAT2_H) && defined(SYS_openat2)
    struct open_how how = {.flags = flags, .resolve = resolve};
    long fd = syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));

    return fd == -1 ? -errno : (int)fd;
#else
    (void)dir_fd;
    (void)path;
    (void)flags;
    (void)resolve;
    return -ENOSYS;
#endif
}

static int open_by_openat2(int root_fd, const char *path)
{
    int fd = -EAGAIN;

    if (path[0] == '\0')
        path = ".";
    for (int i = 0; i < TRIES_MAX && (fd == -EAGAIN || fd == -EINTR); i++)
        fd = openat2_once(root_fd, path, OPEN_FLAGS, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
    return fd;
}

/* -EPERM may be the answer of a file system too; for "/" as such it is the sandbox's. */
static bool openat2_is_refused(void)
{
    int fd = openat2_once(AT_FDCWD, "/", O_PATH | O_CLOEXEC, 0);

    if (fd >= 0)
        close(fd);
    return fd == -ENOSYS || fd == -EPERM;
}

int path_open(int root_fd, const char *path)
{
    if (!atomic_load_explicit(&is_walking, memory_order_relaxed)) {
        int fd = open_by_openat2(root_fd, path);

        if ((fd != -ENOSYS && fd != -EPERM) || !openat2_is_refused())
            return fd;
        path_force_fallback(true);
    }
    return open_by_steps(root_fd, path);
}

void path_force_fallback(bool is_forced)
{
    atomic_store_explicit(&is_walking, is_forced, memory_order_relaxed);
}
