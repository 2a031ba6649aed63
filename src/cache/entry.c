/* SPDX-License-Identifier: MIT */
/* entry.c - a table of numbers and a checksum. */

#include "cache/entry.h"

#include "base/crc32c.h"

#include <errno.h>

/* The last byte is the version of all that follows. */
static const char magic[8] = {'T', 'W', 'c', 'a', 'c', 'h', 'e', 1};

enum { PART_KEY, PART_CHOICE, PART_ETAG, PART_LINES, PART_COUNT };

/* Offsets in the head. */
enum {
    AT_KIND = 8,
    AT_STATUS = 10,
    AT_AGE = 12,
    AT_PARTS = 16,
    AT_CONTENT = AT_PARTS + 4 * PART_COUNT,
    AT_VARIATION = AT_CONTENT + 8,
    AT_STORED = AT_VARIATION + 8,
    AT_MODIFIED = AT_STORED + 8,
    AT_LIFETIME = AT_MODIFIED + 8,
    AT_SWR = AT_LIFETIME + 4,
    AT_SIE = AT_SWR + 4,
    AT_ZERO = AT_SIE + 4, /* for later versions */
    AT_CHECKSUM = ENTRY_HEAD_SIZE - 4,
};
static_assert(AT_ZERO <= AT_CHECKSUM, "the head holds it all");

static void put(char *head, size_t at, unsigned bytes, uint64_t value)
{
    for (unsigned i = 0; i < bytes; i++)
        head[at + i] = (char)(value >> (8 * i));
}

static uint64_t get(const char *head, size_t at, unsigned bytes)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t)(unsigned char)head[at + i] << (8 * i);
    return value;
}

static void parts_of(const struct cache_entry *entry, struct slice parts[PART_COUNT])
{
    parts[PART_KEY] = entry->key;
    parts[PART_CHOICE] = entry->choice;
    parts[PART_ETAG] = entry->etag;
    parts[PART_LINES] = entry->lines;
}

size_t entry_front_size(const struct cache_entry *entry)
{
    return ENTRY_HEAD_SIZE + entry->key.len + entry->choice.len + entry->etag.len +
           entry->lines.len;
}

void entry_write_front(const struct cache_entry *entry, struct writer *w)
{
    static const char nothing[ENTRY_HEAD_SIZE];
    struct slice parts[PART_COUNT];

    parts_of(entry, parts);
    writer_append(w, nothing, ENTRY_HEAD_SIZE);
    for (unsigned i = 0; i < PART_COUNT; i++)
        writer_slice(w, parts[i]);
}

static uint32_t checksum_of(const char *head, const struct slice parts[PART_COUNT])
{
    uint32_t crc = crc32c_add(0, slice_of(head, AT_CHECKSUM));

    for (unsigned i = 0; i < PART_COUNT; i++)
        crc = crc32c_add(crc, parts[i]);
    return crc;
}

void entry_write_head(const struct cache_entry *entry, char out[ENTRY_HEAD_SIZE])
{
    const struct freshness *freshness = &entry->freshness;
    struct slice parts[PART_COUNT];

    parts_of(entry, parts);
    memset(out, 0, ENTRY_HEAD_SIZE);
    memcpy(out, magic, sizeof(magic));
    put(out, AT_KIND, 2, entry->kind);
    put(out, AT_STATUS, 2, entry->status);
    put(out, AT_AGE, 4, freshness->age);
    for (unsigned i = 0; i < PART_COUNT; i++)
        put(out, AT_PARTS + 4 * i, 4, parts[i].len);
    put(out, AT_CONTENT, 8, entry->content_length);
    put(out, AT_VARIATION, 8, entry->variation);
    put(out, AT_STORED, 8, (uint64_t)freshness->stored_at);
    put(out, AT_MODIFIED, 8, (uint64_t)entry->last_modified);
    put(out, AT_LIFETIME, 4, freshness->lifetime);
    put(out, AT_SWR, 4, freshness->swr);
    put(out, AT_SIE, 4, freshness->sie);
    put(out, AT_CHECKSUM, 4, checksum_of(out, parts));
}

ssize_t entry_front_needed(struct slice head)
{
    uint64_t size = 0;

    if (head.len < ENTRY_HEAD_SIZE || memcmp(head.data, magic, sizeof(magic)) != 0)
        return -EBADMSG;
    for (unsigned i = 0; i < PART_COUNT; i++)
        size += get(head.data, AT_PARTS + 4 * i, 4);
    return size <= ENTRY_TEXT_MAX ? (ssize_t)(ENTRY_HEAD_SIZE + size) : -EBADMSG;
}

static bool is_sane(const struct cache_entry *entry)
{
    const struct freshness *freshness = &entry->freshness;

    if (entry->kind != ENTRY_REPLY && entry->kind != ENTRY_VARIES)
        return false;
    return entry->status >= 200 && entry->status <= 599 && freshness->stored_at >= 0 &&
           freshness->age <= DELTA_SECONDS_MAX && freshness->lifetime <= DELTA_SECONDS_MAX &&
           freshness->swr <= DELTA_SECONDS_MAX && freshness->sie <= DELTA_SECONDS_MAX;
}

int entry_parse(struct slice front, uint64_t file_size, struct cache_entry *ret_entry)
{
    const char *head = front.data;
    ssize_t needed = entry_front_needed(front);
    struct slice parts[PART_COUNT];
    size_t at = ENTRY_HEAD_SIZE;
    struct cache_entry entry;

    if (needed < 0 || (size_t)needed > front.len || (uint64_t)needed > file_size)
        return -EBADMSG;
    for (unsigned i = 0; i < PART_COUNT; i++) {
        parts[i] = slice_of(head + at, (size_t)get(head, AT_PARTS + 4 * i, 4));
        at += parts[i].len;
    }
    if (get(head, AT_CHECKSUM, 4) != checksum_of(head, parts))
        return -EBADMSG;
    entry = (struct cache_entry){
        .kind = (enum entry_kind)get(head, AT_KIND, 2),
        .status = (unsigned)get(head, AT_STATUS, 2),
        .variation = get(head, AT_VARIATION, 8),
        .content_length = get(head, AT_CONTENT, 8),
        .freshness = {.stored_at = (time_t)get(head, AT_STORED, 8),
                      .age = (uint32_t)get(head, AT_AGE, 4),
                      .lifetime = (uint32_t)get(head, AT_LIFETIME, 4),
                      .swr = (uint32_t)get(head, AT_SWR, 4),
                      .sie = (uint32_t)get(head, AT_SIE, 4)},
        .last_modified = (time_t)get(head, AT_MODIFIED, 8),
        .key = parts[PART_KEY],
        .choice = parts[PART_CHOICE],
        .etag = parts[PART_ETAG],
        .lines = parts[PART_LINES],
    };
    if (!is_sane(&entry) || entry.content_length != file_size - (uint64_t)needed)
        return -EBADMSG;
    *ret_entry = entry;
    return 0;
}
