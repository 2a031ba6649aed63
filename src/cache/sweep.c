/* SPDX-License-Identifier: MIT */
/* sweep.c - one folder open at a time; what is removed while we read is simply not there. */

#include "cache/sweep.h"

#include "cache/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDERS 256
#define BLOCK 4096U /* what a file takes of a disk is a multiple of this */
#define NO_CUT SWEEP_AGES

void sweep_init(struct sweep *sweep, int dir_fd, uint64_t max_size, uint32_t inactive_s)
{
    *sweep = (struct sweep){
        .dir_fd = dir_fd, .max_size = max_size, .inactive_s = inactive_s, .cut_age = NO_CUT};
}

void sweep_done(struct sweep *sweep)
{
    if (sweep->dir)
        closedir(sweep->dir);
    sweep->dir = NULL;
}

/* Two classes for each doubling: 0, 1, 2, 3, 4.., 6.., 8.., 12.., 16 seconds … */
static unsigned age_class(int64_t age_s)
{
    uint64_t age = age_s > 0 ? (uint64_t)age_s : 0;
    unsigned bits = 0;

    if (age < 2)
        return (unsigned)age;
    while (age >> (bits + 1) != 0)
        bits++;
    return MIN(2 * bits + (unsigned)(age >> (bits - 1) & 1), SWEEP_AGES - 1U);
}

/* What of the next round's files has to go. */
static void end_round(struct sweep *sweep)
{
    uint64_t limit = sweep->max_size / 10 * 9, over;

    sweep->files = sweep->round_files;
    sweep->bytes = sweep->round_bytes;
    sweep->cut_age = NO_CUT;
    sweep->cut_bytes = 0;
    if (sweep->bytes > sweep->max_size) {
        over = sweep->bytes - limit;
        while (sweep->cut_age > 0 && over > 0) {
            uint64_t here = sweep->bytes_by_age[--sweep->cut_age];

            sweep->cut_bytes = MIN(over, here);
            over -= sweep->cut_bytes;
        }
    }
    sweep->round_files = sweep->round_bytes = 0;
    memset(sweep->bytes_by_age, 0, sizeof(sweep->bytes_by_age));
    sweep->folder = 0;
}

static bool has_to_go(struct sweep *sweep, const char *name, int64_t age_s, uint64_t size)
{
    unsigned class = age_class(age_s);

    if (name[0] == STORE_TEMP_MARK)
        return age_s > SWEEP_LEFTOVER_S;
    if (sweep->inactive_s > 0 && age_s > sweep->inactive_s)
        return true;
    if (class != sweep->cut_age || sweep->cut_bytes == 0)
        return class > sweep->cut_age;
    sweep->cut_bytes -= MIN(size, sweep->cut_bytes);
    return true;
}

static void look_at(struct sweep *sweep, const char *name, time_t now)
{
    int fd = dirfd(sweep->dir);
    struct stat status;
    uint64_t size;
    int64_t age_s;

    if (name[0] == '.' || fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) == -1)
        return;
    if (!S_ISREG(status.st_mode))
        return; /* not of ours */
    size = ((uint64_t)status.st_size + BLOCK - 1) / BLOCK * BLOCK;
    age_s = (int64_t)now - status.st_mtime;
    if (has_to_go(sweep, name, age_s, size) && unlinkat(fd, name, 0) == 0) {
        sweep->removed++;
        return;
    }
    sweep->round_files++;
    sweep->round_bytes += size;
    sweep->bytes_by_age[age_class(age_s)] += size;
}

static void open_folder(struct sweep *sweep)
{
    char name[8];
    int fd;

    (void)snprintf(name, sizeof(name), "%02x", sweep->folder);
    fd = openat(sweep->dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd == -1)
        return;
    sweep->dir = fdopendir(fd);
    if (!sweep->dir)
        close(fd);
}

bool sweep_step(struct sweep *sweep, unsigned budget, time_t now)
{
    for (unsigned i = 0; i < budget; i++) {
        const struct dirent *entry;

        if (!sweep->dir)
            open_folder(sweep);
        entry = sweep->dir ? readdir(sweep->dir) : NULL;
        if (entry) {
            look_at(sweep, entry->d_name, now);
            continue;
        }
        sweep_done(sweep);
        if (++sweep->folder == FOLDERS) {
            end_round(sweep);
            return true;
        }
    }
    return false;
}
