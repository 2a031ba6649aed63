/* SPDX-License-Identifier: MIT */
/* mime_types.c - open addressing with linear probing; at least half of the cells stay empty. */
#include "file/mime_types.h"

#include "base/hash.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

/* The rows come from our own configuration: nobody can choose them to collide. */
#define HASH_SEED 0

struct row {
    char *text;             /* owns both; NULL: the cell is empty */
    struct slice extension; /* lower case */
    struct slice type;
};

struct mime_types {
    struct row *rows;
    size_t count, capacity; /* capacity is a power of 2 */
    size_t longest;         /* length of the longest extension */
    struct slice default_type;
    char *default_text; /* owned */
};

/* The cell of @extension, or the empty one where it belongs. */
static struct row *find_cell(struct row *rows, size_t capacity, struct slice extension)
{
    size_t at = (size_t)hash_bytes(HASH_SEED, extension) & (capacity - 1);

    while (rows[at].text && !slice_equal(rows[at].extension, extension))
        at = (at + 1) & (capacity - 1);
    return &rows[at];
}

static int row_init(struct row *row, struct slice extension, struct slice type)
{
    char *text = malloc(extension.len + type.len + 1);

    if (!text)
        return -ENOMEM;
    for (size_t i = 0; i < extension.len; i++)
        text[i] = ascii_lower(extension.data[i]);
    if (type.len > 0)
        memcpy(text + extension.len, type.data, type.len);
    text[extension.len + type.len] = '\0';
    row->text = text;
    row->extension = slice_of(text, extension.len);
    row->type = slice_of(text + extension.len, type.len);
    return 0;
}

static int grow(struct mime_types *types)
{
    size_t capacity = types->capacity * 2;
    struct row *rows = calloc(capacity, sizeof(*rows));

    if (!rows)
        return -ENOMEM;
    for (size_t i = 0; i < types->capacity; i++) {
        if (types->rows[i].text)
            *find_cell(rows, capacity, types->rows[i].extension) = types->rows[i];
    }
    free(types->rows);
    types->rows = rows;
    types->capacity = capacity;
    return 0;
}

struct mime_types *mime_types_create(size_t expected, struct slice default_type)
{
    struct mime_types *types = calloc(1, sizeof(*types));
    size_t capacity = 16;

    if (!types)
        return NULL;
    while (capacity / 2 < expected && capacity < SIZE_MAX / 2 / sizeof(struct row))
        capacity *= 2;
    types->capacity = capacity;
    types->rows = calloc(capacity, sizeof(*types->rows));
    types->default_text = malloc(default_type.len + 1);
    if (!types->rows || !types->default_text) {
        mime_types_destroy(types);
        return NULL;
    }
    if (default_type.len > 0)
        memcpy(types->default_text, default_type.data, default_type.len);
    types->default_text[default_type.len] = '\0';
    types->default_type = slice_of(types->default_text, default_type.len);
    return types;
}

void mime_types_destroy(struct mime_types *types)
{
    if (!types)
        return;
    if (types->rows) {
        for (size_t i = 0; i < types->capacity; i++)
            free(types->rows[i].text);
    }
    free(types->rows);
    free(types->default_text);
    free(types);
}

int mime_types_add(struct mime_types *types, struct slice extension, struct slice type)
{
    struct row row;
    struct row *cell;
    int err;

    if (extension.len > NAME_MAX)
        return 0; /* no file can have it */
    if (types->count + 1 > types->capacity / 2) {
        err = grow(types);
        if (err)
            return err;
    }
    err = row_init(&row, extension, type);
    if (err)
        return err;
    cell = find_cell(types->rows, types->capacity, row.extension);
    if (!cell->text)
        types->count++;
    free(cell->text);
    *cell = row;
    types->longest = MAX(types->longest, extension.len);
    return 0;
}

struct slice mime_types_lookup(const struct mime_types *types, struct slice path)
{
    struct slice name = slice_from(path, (size_t)(slice_find_last(path, '/') + 1));
    size_t first = name.len > types->longest ? name.len - types->longest : 1;
    char lower[NAME_MAX];

    /* Longer than any extension: the dot of the first candidate stands right before @first. */
    if (name.len <= 1)
        return types->default_type;
    for (size_t i = first; i < name.len; i++)
        lower[i - first] = ascii_lower(name.data[i]);
    for (size_t at = MAX(first, 2); at <= name.len; at++) {
        struct slice extension = slice_of(lower + (at - first), name.len - at);
        const struct row *row;

        if (name.data[at - 1] != '.')
            continue;
        row = find_cell(types->rows, types->capacity, extension);
        if (row->text)
            return row->type;
    }
    return types->default_type;
}

bool mime_types_know(const struct mime_types *types, struct slice path)
{
    return mime_types_lookup(types, path).data != types->default_type.data;
}

bool mime_type_wants_charset(struct slice type)
{
    static const char *const scripts[] = {"application/javascript", "application/ecmascript",
                                          "application/x-javascript"};
    static const char xml[] = "text/xml";
    struct slice rest = type;
    struct slice essence = type;

    if (slice_next(&rest, ';', &essence) && rest.data)
        return false;
    essence = slice_trim(essence);
    if (essence.len > 5 && slice_equal_nocase(slice_of(essence.data, 5), SLICE_LITERAL("text/")))
        return !slice_equal_nocase(essence, slice_from_string(xml));
    for (size_t i = 0; i < COUNT_OF(scripts); i++) {
        if (slice_equal_nocase(essence, slice_from_string(scripts[i])))
            return true;
    }
    return false;
}
