/* SPDX-License-Identifier: MIT */
/* content_coding.c - the table of codings. */
#include "file/content_coding.h"

#include "base/macros.h"

static const struct {
    struct slice suffix, name;
} codings[] = {
    [CODING_IDENTITY] = {{.data = ""}, {.data = "identity", .len = 8}},
    [CODING_GZIP] = {{.data = ".gz", .len = 3}, {.data = "gzip", .len = 4}},
    [CODING_ZSTD] = {{.data = ".zst", .len = 4}, {.data = "zstd", .len = 4}},
    [CODING_BR] = {{.data = ".br", .len = 3}, {.data = "br", .len = 2}},
};
static_assert(COUNT_OF(codings) == CODING_COUNT, "a coding without a name");

struct slice coding_suffix(enum content_coding coding)
{
    return codings[coding].suffix;
}

struct slice coding_name(enum content_coding coding)
{
    return codings[coding].name;
}

enum content_coding coding_of_file(struct slice path)
{
    const struct slice svgz = SLICE_LITERAL(".svgz");

    return path.len >= svgz.len && slice_equal_nocase(slice_from(path, path.len - svgz.len), svgz)
               ? CODING_GZIP
               : CODING_IDENTITY;
}

enum content_coding coding_from_name(struct slice name)
{
    for (unsigned coding = 0; coding < CODING_COUNT; coding++) {
        if (slice_equal_nocase(name, codings[coding].name))
            return (enum content_coding)coding;
    }
    /* RFC 9110 section 8.4.1.3. */
    return slice_equal_nocase(name, SLICE_LITERAL("x-gzip")) ? CODING_GZIP : CODING_COUNT;
}
