/* SPDX-License-Identifier: MIT */
/* cache_folders.c - made by the master, who may; written to by workers, who then may, too. */

#include "process/cache_folders.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_MODE 0700
#define PARENT_MODE 0755

/* The folders above @path, which is written to and left as it was. */
static int make_parents(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        int err = 0;
        *slash = '\0';
        if (mkdir(path, PARENT_MODE) == -1 && errno != EEXIST)
            err = -errno;
        *slash = '/';
        if (err)
            return err;
    }
    return 0;
}

/* 1: it was made; 0: it was there; -errno. */
static int make(char *path)
{
    int err = make_parents(path);
    if (err)
        return err;
    if (mkdir(path, FOLDER_MODE) == 0)
        return 1;
    return errno == EEXIST ? 0 : -errno;
}

/* What somebody has made before us stays his: it may be anything. */
static bool may_write(const struct identity *identity, const struct stat *status)
{
    const mode_t all = S_IWOTH | S_IXOTH;
    if (identity->uid == 0)
        return true;
    if (identity->uid == status->st_uid)
        return (status->st_mode & (all << 6)) == all << 6;
    if (priv_has_group(identity, status->st_gid))
        return (status->st_mode & (all << 3)) == all << 3;
    return (status->st_mode & all) == all;
}

static int give(int fd, const char *path, const struct identity *identity, bool is_new,
                const struct trouble *trouble)
{
    struct stat status;
    if (is_new && fchownat(fd, "", identity->uid, identity->gid, AT_EMPTY_PATH) == -1) {
        int err = -errno;
        trouble_report(trouble, err, "cannot give the cache \"%s\" to the user %s", path,
                       identity->user);
        return err;
    }
    if (fstat(fd, &status) == -1 || may_write(identity, &status))
        return 0;
    trouble_report(trouble, 0,
                   "the workers' user %s cannot write to the cache \"%s\": chown %s it, or remove "
                   "it, and it is made",
                   identity->user, path, identity->user);
    return -EACCES;
}

static int open_one(char *path, const struct identity *identity, const struct trouble *trouble,
                    int *ret_fd)
{
    int made = make(path);
    int fd = made < 0 ? -1 : open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd == -1) {
        int err = made < 0 ? made : -errno;
        trouble_report(trouble, err, "cannot open the cache \"%s\"", path);
        return err;
    }
    *ret_fd = fd;
    return identity ? give(fd, path, identity, made == 1, trouble) : 0;
}

int cache_folders_open(struct cache_folders *folders, const struct config *config,
                       const struct identity *identity, const struct trouble *trouble)
{
    int err = 0;
    *folders = (struct cache_folders){.fds = NULL};
    if (config->reply_cache_count == 0)
        return 0;
    folders->fds = malloc(config->reply_cache_count * sizeof(*folders->fds));
    if (!folders->fds)
        return -ENOMEM;
    folders->count = config->reply_cache_count;
    for (size_t i = 0; i < folders->count; i++) {
        folders->fds[i] = -1;
        int result = open_one(config->reply_caches[i].path, identity, trouble, &folders->fds[i]);
        err = err ? err : result;
    }
    return err;
}

void cache_folders_close(struct cache_folders *folders)
{
    for (size_t i = 0; i < folders->count; i++) {
        if (folders->fds[i] != -1)
            close(folders->fds[i]);
    }
    free(folders->fds);
    *folders = (struct cache_folders){.fds = NULL};
}
