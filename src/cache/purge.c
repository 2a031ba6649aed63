/* SPDX-License-Identifier: MIT */
/* purge.c - by name where the whole key is known; else by the keys in the files. */

#include "cache/purge.h"

#include "cache/cache_key.h"
#include "cache/entry.h"
#include "cache/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool purge_write_key(struct slice url, struct writer *w)
{
    const struct slice schemes[] = {SLICE_LITERAL("http://"), SLICE_LITERAL("https://")};
    ptrdiff_t slash;
    size_t i = 0;

    while (i < COUNT_OF(schemes) &&
           !(url.len >= schemes[i].len &&
             slice_equal_nocase(slice_of(url.data, schemes[i].len), schemes[i])))
        i++;
    if (i == COUNT_OF(schemes))
        return false;
    url = slice_from(url, schemes[i].len);
    slash = slice_find(url, '/');
    if (slash <= 0 || slice_find(url, '#') >= 0)
        return false;
    cache_key_write(w, slice_of(url.data, (size_t)slash), slice_from(url, (size_t)slash),
                    slice_of("", 0));
    return true;
}

bool purge_key(int dir_fd, struct purge_ring *ring, struct slice key)
{
    struct store_name name;
    bool was_there;

    store_name_of(key, &name);
    was_there = unlinkat(dir_fd, name.text, 0) == 0;
    purge_tell(ring, (struct purge_key){name.tag.high, name.tag.low});
    return was_there;
}

/* Whether the entry @name, which may be no entry at all, has a key that begins so. */
static bool has_prefix(int folder_fd, const char *name, struct slice prefix, char *front)
{
    int fd = openat(folder_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct cache_entry entry;
    ssize_t len;
    off_t size;
    bool has = false;

    if (fd == -1)
        return false;
    len = pread(fd, front, ENTRY_HEAD_SIZE + ENTRY_TEXT_MAX, 0);
    size = lseek(fd, 0, SEEK_END);
    if (len > 0 && size > 0 &&
        entry_parse(slice_of(front, (size_t)len), (uint64_t)size, &entry) == 0)
        has = slice_starts_with(entry.key, prefix);
    close(fd);
    return has;
}

static uint64_t purge_folder(int dir_fd, const char *folder, struct slice prefix, char *front)
{
    int fd = openat(dir_fd, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd == -1 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    uint64_t count = 0;

    if (!dir) {
        if (fd != -1)
            close(fd);
        return 0;
    }
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.' && entry->d_name[0] != STORE_TEMP_MARK &&
            has_prefix(fd, entry->d_name, prefix, front) && unlinkat(fd, entry->d_name, 0) == 0)
            count++;
    }
    closedir(dir);
    return count;
}

uint64_t purge_prefix(int dir_fd, struct purge_ring *ring, struct slice prefix)
{
    char *front = malloc(ENTRY_HEAD_SIZE + ENTRY_TEXT_MAX);
    uint64_t count = 0;

    /* Before: what is under way is not kept. After: what was read meanwhile is forgotten. */
    purge_tell(ring, (struct purge_key){0, 0});
    for (unsigned i = 0; front && i < 256; i++) {
        char folder[3];

        (void)snprintf(folder, sizeof(folder), "%02x", i);
        count += purge_folder(dir_fd, folder, prefix, front);
    }
    purge_tell(ring, (struct purge_key){0, 0});
    free(front);
    return count;
}
