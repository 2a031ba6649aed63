/* SPDX-License-Identifier: MIT */
/* folder.c - plain POSIX calls that must not fail. */
#include "support/unit.h"

#include "file/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void folder_init(struct folder *folder)
{
    const char *tmp = getenv("TMPDIR");

    (void)snprintf(folder->path, sizeof(folder->path), "%s/tinyweb-file-XXXXXX",
                   tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(folder->path));
    folder->fd = open(folder->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_int_not_equal(folder->fd, -1);
}

static void remove_tree(int dir_fd, const char *name)
{
    int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fdopendir(fd);

    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (entry->d_type == DT_DIR)
            remove_tree(fd, entry->d_name);
        else
            (void)unlinkat(fd, entry->d_name, 0);
    }
    (void)closedir(dir);
    (void)unlinkat(dir_fd, name, AT_REMOVEDIR);
}

void folder_done(struct folder *folder)
{
    (void)close(folder->fd);
    remove_tree(AT_FDCWD, folder->path);
}

static void write_all(struct folder *folder, const char *name, const char *content, size_t len)
{
    int fd = openat(folder->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    assert_int_not_equal(fd, -1);
    assert_int_equal(write(fd, content, len), len);
    (void)close(fd);
}

void folder_write(struct folder *folder, const char *name, const char *content)
{
    write_all(folder, name, content, strlen(content));
}

void folder_fill(struct folder *folder, const char *name, char filler, size_t size)
{
    char *content = malloc(size + 1);

    memset(content, filler, size);
    write_all(folder, name, content, size);
    free(content);
}

void folder_replace(struct folder *folder, const char *name, const char *content)
{
    folder_write(folder, ".new", content);
    assert_int_equal(renameat(folder->fd, ".new", folder->fd, name), 0);
}

void folder_remove(struct folder *folder, const char *name)
{
    assert_int_equal(unlinkat(folder->fd, name, 0), 0);
}

int64_t folder_ctime_ms(struct folder *folder, const char *name)
{
    struct stat st;

    assert_int_equal(fstatat(folder->fd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
    return (int64_t)st.st_ctim.tv_sec * 1000 + st.st_ctim.tv_nsec / 1000000;
}

unsigned open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned count = 0;

    while (readdir(dir))
        count++;
    (void)closedir(dir);
    return count;
}
