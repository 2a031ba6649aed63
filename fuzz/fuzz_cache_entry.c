/* SPDX-License-Identifier: MIT */
/* fuzz_cache_entry.c - a file of the cache: what is read lies inside, and is written back the same. */

#include "cache/entry.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_true)
{
    if (!is_true)
        abort();
}

static void check_inside(struct slice part, struct slice file)
{
    check(part.data >= file.data && part.len <= file.len &&
          (size_t)(part.data - file.data) <= file.len - part.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice file = slice_of((const char *)data, size);
    char head[ENTRY_HEAD_SIZE];
    struct cache_entry entry, again;
    char *copy;

    if (size < ENTRY_HEAD_SIZE || size > 2 * ENTRY_TEXT_MAX || entry_front_needed(file) < 0)
        return 0;
    if (entry_parse(file, size, &entry) == 0) {
        check_inside(entry.key, file);
        check_inside(entry.choice, file);
        check_inside(entry.etag, file);
        check_inside(entry.lines, file);
        entry_write_head(&entry, head);
        check(memcmp(head, data, 88) == 0);
    }

    /* The same with a checksum that is right. */
    copy = malloc(size);
    check(copy != NULL);
    memcpy(copy, data, size);
    entry = (struct cache_entry){
        .kind = ENTRY_REPLY, .status = 200 + data[10], .content_length = 0};
    entry.freshness.lifetime = data[12];
    entry.key = slice_of(copy + ENTRY_HEAD_SIZE, (size - ENTRY_HEAD_SIZE) % ENTRY_TEXT_MAX);
    entry.content_length = size - ENTRY_HEAD_SIZE - entry.key.len;
    entry_write_head(&entry, copy);
    check(entry_parse(slice_of(copy, size), size, &again) == (entry.status <= 599 ? 0 : -1) ||
          entry.status > 599);
    free(copy);
    return 0;
}
