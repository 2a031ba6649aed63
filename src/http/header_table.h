/* SPDX-License-Identifier: MIT */
/*
 * header_table.h - the field lines of one message, in order, and a direct way to the known ones.
 *
 * Slices point into the connection's input buffer and die with the request. Field names compare
 * without case. The table has a fixed capacity, given when it is made.
 */
#ifndef TINYWEB_HTTP_HEADER_TABLE_H
#define TINYWEB_HTTP_HEADER_TABLE_H

#include "base/macros.h"
#include "base/slice.h"

#include <errno.h>
#include <stdint.h>

enum header_id {
    HEADER_OTHER,
    HEADER_ACCEPT,
    HEADER_ACCEPT_ENCODING,
    HEADER_ACCESS_CONTROL_REQUEST_METHOD,
    HEADER_AUTHORIZATION,
    HEADER_CONNECTION,
    HEADER_CONTENT_LENGTH,
    HEADER_COOKIE,
    HEADER_EXPECT,
    HEADER_FORWARDED,
    HEADER_HOST,
    HEADER_IF_MATCH,
    HEADER_IF_MODIFIED_SINCE,
    HEADER_IF_NONE_MATCH,
    HEADER_IF_RANGE,
    HEADER_IF_UNMODIFIED_SINCE,
    HEADER_ORIGIN,
    HEADER_RANGE,
    HEADER_REFERER,
    HEADER_TE,
    HEADER_TRAILER,
    HEADER_TRANSFER_ENCODING,
    HEADER_UPGRADE,
    HEADER_USER_AGENT,
    HEADER_VIA,
    HEADER_X_FORWARDED_FOR,
    HEADER_X_REQUEST_ID,
    HEADER_ID_COUNT
};

struct header {
    struct slice name;
    struct slice value; /* trimmed */
    enum header_id id;
};

struct header_table {
    struct header *rows; /* borrowed storage */
    uint16_t count, capacity;
    uint32_t present;                /* bit per header_id */
    uint16_t first[HEADER_ID_COUNT]; /* valid where the bit is set */
};

/* A switch on length, then one comparison. HEADER_OTHER if unknown. */
enum header_id header_id_from_name(struct slice name);

static inline void header_table_init(struct header_table *table, struct header *rows,
                                     uint16_t capacity)
{
    table->rows = rows;
    table->capacity = capacity;
    table->count = 0;
    table->present = 0;
}

static inline bool header_table_has(const struct header_table *table, enum header_id id)
{
    return (table->present & BIT(id)) != 0;
}

/* 0, or -ENOSPC when the table is full. */
MUST_CHECK int header_table_add(struct header_table *table, struct slice name, struct slice value);

/* The same for a @value without blanks around it, and the @id of the @name. */
static inline int header_table_add_known(struct header_table *table, struct slice name,
                                         struct slice value, enum header_id id)
{
    struct header *row = &table->rows[table->count];

    if (UNLIKELY(table->count == table->capacity))
        return -ENOSPC;
    if (!header_table_has(table, id)) {
        table->present |= BIT(id);
        table->first[id] = table->count;
    }
    table->count++;
    row->name = name;
    row->value = value;
    row->id = id;
    return 0;
}

/* The first line's value, or an empty slice with a NULL pointer. */
struct slice header_table_get(const struct header_table *table, enum header_id id);

/* The name of @row, in any case. */
static inline bool header_is(const struct header *row, struct slice name)
{
    return slice_equal_nocase(row->name, name);
}

/* As header_table_get, of a name that may have no id. */
struct slice header_table_find(const struct header_table *table, struct slice name);

/* Field lines of one name, one after another: start with *@position = 0; false at the end. */
bool header_table_next(const struct header_table *table, enum header_id id, unsigned *position,
                       struct slice *ret_value);

/* True when the comma-separated lists of all lines of @id hold @token, without case. */
bool header_table_has_token(const struct header_table *table, enum header_id id,
                            struct slice token);

#endif
