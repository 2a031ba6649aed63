/* SPDX-License-Identifier: MIT */
/* fuzz_path.c - any bytes after a "/": what comes out never leaves the root, and decodes to itself. */

#include "base/writer.h"
#include "file/path.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_true)
{
    if (!is_true)
        abort();
}

static void *allocate(size_t size)
{
    void *block = malloc(size);

    check(block != NULL);
    return block;
}

static void check_segments(struct slice path)
{
    struct slice rest = path;
    struct slice segment;

    check(slice_find(path, '\0') == -1);
    while (slice_next(&rest, '/', &segment)) {
        check(segment.len > 0 || !rest.data); /* empty only after the last "/" */
        check(!slice_equal(segment, SLICE_LITERAL(".")));
        check(!slice_equal(segment, SLICE_LITERAL("..")));
    }
}

/* Escaped for a URL, a path that was decoded decodes to itself. */
static void check_round_trip(struct slice path)
{
    size_t capacity = 1 + 3 * path.len;
    char *url = allocate(capacity);
    char *out = allocate(capacity);
    struct writer w = writer_on(url, capacity);
    struct slice again;

    writer_char(&w, '/');
    writer_url_escaped(&w, path);
    check(!w.overflow);
    check(path_decode(writer_content(&w), out, &again) == 0);
    check(slice_equal(again, path));
    free(url);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *raw = allocate(size + 1);
    char *out = allocate(size + 1);
    struct slice path;

    raw[0] = '/';
    if (size > 0)
        memcpy(raw + 1, data, size);
    if (path_decode(slice_of(raw, size + 1), out, &path) == 0) {
        check(path.len <= size);
        check_segments(path);
        check_round_trip(path);
        (void)path_is_hidden(path);
    }
    free(raw);
    free(out);
    return 0;
}
