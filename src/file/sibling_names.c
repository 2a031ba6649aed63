/* SPDX-License-Identifier: MIT */
/* sibling_names.c - a hash table of names (open addressing) over one block of text. */
#include "file/sibling_names.h"

#include "base/hash.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define INITIAL_CELLS 16
/* The names are those of the site's own files. */
#define HASH_SEED 0

struct cell {
    uint32_t offset; /* of the name in the text */
    uint8_t len;     /* 0: the cell is empty */
    uint8_t codings;
};
static_assert(NAME_MAX <= UINT8_MAX && CODING_COUNT <= 8, "a cell is smaller than what it says");

struct sibling_names {
    struct cell *cells; /* NULL: there are none */
    uint32_t cell_count, used;
    char *text;
    size_t text_len, text_capacity;
};

static struct cell *find_cell(const struct sibling_names *names, struct slice name)
{
    uint32_t at = (uint32_t)hash_bytes(HASH_SEED, name) & (names->cell_count - 1);
    struct cell *cell = &names->cells[at];

    while (cell->len > 0 && !slice_equal(slice_of(names->text + cell->offset, cell->len), name)) {
        at = (at + 1) & (names->cell_count - 1);
        cell = &names->cells[at];
    }
    return cell;
}

static int grow_cells(struct sibling_names *names)
{
    struct sibling_names grown = *names;

    grown.cell_count = names->cells ? names->cell_count * 2 : INITIAL_CELLS;
    grown.cells = calloc(grown.cell_count, sizeof(*grown.cells));
    if (!grown.cells)
        return -ENOMEM;
    for (uint32_t i = 0; names->cells && i < names->cell_count; i++) {
        const struct cell *cell = &names->cells[i];

        if (cell->len > 0)
            *find_cell(&grown, slice_of(names->text + cell->offset, cell->len)) = *cell;
    }
    free(names->cells);
    *names = grown;
    return 0;
}

static int append_text(struct sibling_names *names, struct slice name)
{
    if (!names->text || names->text_len + name.len > names->text_capacity) {
        size_t capacity = MAX(names->text_capacity * 2, (size_t)4 * NAME_MAX);
        char *text = realloc(names->text, capacity);

        if (!text)
            return -ENOMEM;
        names->text = text;
        names->text_capacity = capacity;
    }
    memcpy(names->text + names->text_len, name.data, name.len);
    names->text_len += name.len;
    return 0;
}

static int add(struct sibling_names *names, struct slice name, enum content_coding coding)
{
    struct cell *cell;
    int err = 0;

    if (!names->cells || names->used >= names->cell_count / 2)
        err = grow_cells(names);
    if (err)
        return err;
    cell = find_cell(names, name);
    if (cell->len == 0) {
        err = append_text(names, name);
        if (err)
            return err;
        cell->offset = (uint32_t)(names->text_len - name.len);
        cell->len = (uint8_t)name.len;
        names->used++;
    }
    cell->codings |= (uint8_t)BIT(coding);
    return 0;
}

static int add_entry(struct sibling_names *names, const struct dirent *entry)
{
    struct slice name = slice_from_string(entry->d_name);

    if (entry->d_type != DT_REG && entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
        return 0;
    for (unsigned coding = CODING_IDENTITY + 1; coding < CODING_COUNT; coding++) {
        struct slice suffix = coding_suffix((enum content_coding)coding);

        if (name.len > suffix.len && slice_ends_with(name, suffix))
            return add(names, slice_of(name.data, name.len - suffix.len),
                       (enum content_coding)coding);
    }
    return 0;
}

static int read_entries(struct sibling_names *names, DIR *directory)
{
    for (unsigned count = 0; count <= SIBLING_NAMES_ENTRIES_MAX; count++) {
        const struct dirent *entry;
        int err;

        errno = 0;
        entry = readdir(directory);
        if (!entry)
            return -errno;
        err = add_entry(names, entry);
        if (err)
            return err;
    }
    return -EFBIG;
}

int sibling_names_read(int fd, struct sibling_names **ret_names)
{
    DIR *directory = fdopendir(fd);
    struct sibling_names *names;
    int err;

    if (!directory) {
        err = -errno;
        (void)close(fd);
        return err;
    }
    names = calloc(1, sizeof(*names));
    err = names ? read_entries(names, directory) : -ENOMEM;
    (void)closedir(directory);
    if (err) {
        sibling_names_destroy(names);
        return err;
    }
    *ret_names = names;
    return 0;
}

void sibling_names_destroy(struct sibling_names *names)
{
    if (!names)
        return;
    free(names->cells);
    free(names->text);
    free(names);
}

unsigned sibling_names_find(const struct sibling_names *names, struct slice name)
{
    return names->cells && name.len > 0 ? find_cell(names, name)->codings : 0;
}

size_t sibling_names_size(const struct sibling_names *names)
{
    return sizeof(*names) + names->cell_count * sizeof(*names->cells) + names->text_capacity;
}
