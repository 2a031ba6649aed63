/* SPDX-License-Identifier: MIT */
/* mime_table.c - grows the rows of struct mime_config. */

#include "config/mime_table.h"

#include "config/mime_builtin.h"

#include <errno.h>
#include <stdlib.h>

static char *copy_lower(struct slice text)
{
    char *copy = malloc(text.len + 1);
    if (!copy)
        return NULL;
    for (size_t i = 0; i < text.len; i++)
        copy[i] = ascii_lower(text.data[i]);
    copy[text.len] = '\0';
    return copy;
}

/* The capacity is the next power of two, so that it needs no field. */
static int make_room(struct mime_config *mime)
{
    bool is_full = (mime->count & (mime->count - 1)) == 0; /* 0, 1, 2, 4, 8, … */
    if (mime->count >= MIME_ROWS_MAX)
        return -E2BIG;
    if (!is_full)
        return 0;
    size_t capacity = mime->count ? mime->count * 2 : 1;
    struct mime_row *rows = realloc(mime->rows, capacity * sizeof(*rows));
    if (!rows)
        return -ENOMEM;
    mime->rows = rows;
    return 0;
}

int mime_table_append(struct mime_config *mime, struct slice extension, struct slice type)
{
    int err = make_room(mime);
    if (err)
        return err;
    struct mime_row row = {.extension = copy_lower(extension), .type = copy_lower(type)};
    if (!row.extension || !row.type) {
        free(row.extension);
        free(row.type);
        return -ENOMEM;
    }
    mime->rows[mime->count++] = row;
    return 0;
}

int mime_table_append_builtin(struct mime_config *mime)
{
    size_t count;
    const struct mime_builtin *rows = mime_builtin_rows(&count);
    for (size_t i = 0; i < count; i++) {
        struct slice rest = slice_from_string(rows[i].extensions), extension;
        while (slice_next(&rest, ' ', &extension)) {
            int err = mime_table_append(mime, extension, slice_from_string(rows[i].type));
            if (err)
                return err;
        }
    }
    return 0;
}

void mime_table_clear(struct mime_config *mime)
{
    for (size_t i = 0; i < mime->count; i++) {
        free(mime->rows[i].extension);
        free(mime->rows[i].type);
    }
    free(mime->rows);
    mime->rows = NULL;
    mime->count = 0;
}
