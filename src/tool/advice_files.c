/* SPDX-License-Identifier: MIT */
/* advice_files.c - one directory after the other, to a bounded depth. */

#include "tool/advice_files.h"

#include "base/macros.h"
#include "file/content_coding.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX 32

struct walk {
    const struct mime_types *types;
    struct advice_findings *findings;
    char path[4096]; /* of the directory, with a "/" behind it; empty: the root */
    size_t len;
    unsigned depth;
};

static void note(struct advice_files *files, const struct walk *walk, const char *name)
{
    if (files->count++ == 0)
        (void)snprintf(files->first, sizeof(files->first), "%.*s%s", (int)walk->len, walk->path,
                       name);
}

static void note_unreadable(const struct walk *walk, const char *name, int err)
{
    if (walk->findings->unreadable.count == 0)
        walk->findings->unreadable_error = err;
    note(&walk->findings->unreadable, walk, name);
}

/* The name of the file that @name is a coded form of; false when it is none. */
static bool original_name(const char *name, char out[NAME_MAX + 1])
{
    struct slice text = slice_from_string(name);
    for (unsigned coding = CODING_IDENTITY + 1; coding < CODING_COUNT; coding++) {
        struct slice suffix = coding_suffix((enum content_coding)coding);
        if (text.len <= suffix.len || text.len > NAME_MAX || !slice_ends_with(text, suffix))
            continue;
        memcpy(out, name, text.len - suffix.len);
        out[text.len - suffix.len] = '\0';
        return true;
    }
    return false;
}

/* By the second, as when it is served. */
static bool is_outdated(int dir_fd, const char *name, const struct stat *st)
{
    char original[NAME_MAX + 1];
    struct stat other;
    return original_name(name, original) && fstatat(dir_fd, original, &other, 0) == 0 &&
           S_ISREG(other.st_mode) && (st->st_size == 0 || st->st_mtime < other.st_mtime);
}

static void look_at_file(const struct walk *walk, int dir_fd, const char *name,
                         const struct stat *st)
{
    struct slice text = slice_from_string(name);
    if (faccessat(dir_fd, name, R_OK, AT_EACCESS) == -1)
        note_unreadable(walk, name, errno);
    else if (is_outdated(dir_fd, name, st))
        note(&walk->findings->outdated, walk, name);
    else if (slice_find_last(text, '.') > 0 && !mime_types_know(walk->types, text))
        note(&walk->findings->untyped, walk, name);
}

static void look_at_directory(struct walk *walk, int fd);

static void descend(struct walk *walk, int dir_fd, const char *name)
{
    size_t len = walk->len, name_len = strlen(name);
    if (walk->depth == DEPTH_MAX || len + name_len + 1 >= sizeof(walk->path))
        return;
    int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd == -1) {
        note_unreadable(walk, name, errno);
        return;
    }
    memcpy(walk->path + len, name, name_len);
    walk->path[len + name_len] = '/';
    walk->len += name_len + 1;
    walk->depth++;
    look_at_directory(walk, fd);
    walk->depth--;
    walk->len = len;
}

static bool is_hidden(const struct walk *walk, const char *name)
{
    return name[0] == '.' && !(walk->depth == 0 && strcmp(name, ".well-known") == 0);
}

/* Takes @fd. */
static void look_at_directory(struct walk *walk, int fd)
{
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return;
    }
    for (struct dirent *entry = readdir(dir); entry && walk->findings->left > 0;
         entry = readdir(dir)) {
        struct stat st;
        if (is_hidden(walk, entry->d_name))
            continue;
        walk->findings->left--;
        if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1)
            continue; /* gone */
        if (S_ISDIR(st.st_mode))
            descend(walk, fd, entry->d_name);
        else if (S_ISREG(st.st_mode))
            look_at_file(walk, fd, entry->d_name, &st);
    }
    closedir(dir);
}

void advice_files_look(int root_fd, const struct mime_types *types,
                       struct advice_findings *ret_findings)
{
    struct walk walk = {.types = types, .findings = ret_findings};
    *ret_findings = (struct advice_findings){.left = ADVICE_ENTRIES_MAX};
    /* A root that can be entered but not listed is fine: its files are asked for by name. */
    int fd = faccessat(root_fd, ".", X_OK, AT_EACCESS) == 0
                 ? openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                 : -1;
    if (fd != -1)
        look_at_directory(&walk, fd);
    else if (faccessat(root_fd, ".", X_OK, AT_EACCESS) == -1)
        note_unreadable(&walk, ".", errno);
}
