/* SPDX-License-Identifier: MIT */
/* scratch_folder.c - made with mkdtemp, removed by nftw. */
#include "support/unit.h"

#include "support/scratch_folder.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void scratch_init(struct scratch_folder *folder)
{
    const char *tmp = getenv("TMPDIR");

    (void)snprintf(folder->path, sizeof(folder->path), "%s/tinyweb-scratch-XXXXXX",
                   tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(folder->path));
    folder->fd = open(folder->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_int_not_equal(folder->fd, -1);
}

void scratch_file(const struct scratch_folder *folder, const char *name, const char *content)
{
    size_t len = strlen(content);
    int fd = openat(folder->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    assert_int_not_equal(fd, -1);
    assert_int_equal(write(fd, content, len), len);
    (void)close(fd);
}

void scratch_directory(const struct scratch_folder *folder, const char *name)
{
    assert_int_equal(mkdirat(folder->fd, name, 0755), 0);
}

void scratch_link(const struct scratch_folder *folder, const char *name, const char *target)
{
    assert_int_equal(symlinkat(target, folder->fd, name), 0);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *place)
{
    (void)st;
    (void)kind;
    (void)place;
    return remove(path);
}

void scratch_done(struct scratch_folder *folder)
{
    (void)close(folder->fd);
    assert_int_equal(nftw(folder->path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}
