/* SPDX-License-Identifier: MIT */
/* listing_readme.c - found by its name, opened by the one way that stays below the root. */
#include "handler/listing_readme.h"

#include "base/utf8.h"
#include "file/path.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The last character may be cut in the middle. */
#define CUT_CHARACTER_MAX 3

/* How much a name is wanted; 0: not at all. */
static unsigned rank(const struct listing_entry *entry)
{
    static const char *const names[] = {"readme", "readme.txt", "readme.md"};

    if (!entry || entry->is_directory)
        return 0;
    for (unsigned i = 0; i < COUNT_OF(names); i++) {
        if (slice_equal_nocase(listing_entry_name(entry), slice_from_string(names[i])))
            return i + 1;
    }
    return 0;
}

const struct listing_entry *listing_readme_choose(const struct listing_entry *a,
                                                  const struct listing_entry *b)
{
    const struct listing_entry *better = rank(b) > rank(a) ? b : a;

    return rank(better) > 0 ? better : NULL;
}

static int open_text(int root_fd, const char *path, const char *name)
{
    char whole[PATH_MAX];
    int len = snprintf(whole, sizeof(whole), "%s%s", path, name);
    struct stat st;
    int fd;

    if (len < 0 || (size_t)len >= sizeof(whole))
        return -ENAMETOOLONG;
    fd = path_open(root_fd, whole);
    if (fd >= 0 && (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))) {
        (void)close(fd);
        return -EACCES;
    }
    return fd;
}

/* Up to @size bytes; -1 when it cannot be read. */
static ssize_t read_text(int fd, char *text, size_t size)
{
    size_t len = 0;
    ssize_t n;

    do {
        n = read(fd, text + len, size - len);
        if (n > 0)
            len += (size_t)n;
    } while (n > 0 && len < size);
    return n < 0 ? -1 : (ssize_t)len;
}

/* True when what was read is text, without the rest of a character at its end. */
static bool cut_to_utf8(struct listing_readme *readme)
{
    size_t valid = utf8_valid_length(slice_of(readme->text, readme->len));
    bool is_text = valid == readme->len ||
                   (readme->is_cut && readme->len - valid <= CUT_CHARACTER_MAX);

    readme->len = valid;
    return is_text && !memchr(readme->text, '\0', valid);
}

void listing_readme_read(struct listing_readme *ret_readme, const struct listing_entry *entry,
                         int root_fd, const char *path)
{
    struct listing_readme readme = {.text = NULL};
    ssize_t len = -1;
    int fd;

    *ret_readme = readme;
    fd = entry ? open_text(root_fd, path, entry->name) : -ENOENT;
    if (fd < 0)
        return;
    readme.text = malloc(LISTING_README_MAX + 1);
    if (readme.text)
        len = read_text(fd, readme.text, LISTING_README_MAX + 1);
    (void)close(fd);
    if (len > 0) {
        readme.is_cut = len > LISTING_README_MAX;
        readme.len = MIN((size_t)len, (size_t)LISTING_README_MAX);
        if (cut_to_utf8(&readme)) {
            readme.name = listing_entry_name(entry);
            *ret_readme = readme;
            return;
        }
    }
    free(readme.text);
}

void listing_readme_done(struct listing_readme *readme)
{
    free(readme->text);
}
