/* SPDX-License-Identifier: MIT */
/* fuzz_range.c - a size on the first line, then a Range field: ranges are inside, apart and few. */

#include "base/number.h"
#include "http/range.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_true)
{
    if (!is_true)
        abort();
}

static void check_ranges(const struct byte_range *ranges, unsigned count, uint64_t size)
{
    uint64_t total = 0;

    check(count >= 1 && count <= RANGE_COUNT_MAX);
    for (unsigned i = 0; i < count; i++) {
        check(ranges[i].length >= 1);
        check(ranges[i].first < size && ranges[i].length <= size - ranges[i].first);
        for (unsigned j = 0; j < i; j++)
            check(ranges[i].first >= ranges[j].first + ranges[j].length ||
                  ranges[j].first >= ranges[i].first + ranges[i].length);
        total += ranges[i].length;
    }
    check(count == 1 || total < size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice value = slice_of((const char *)data, size);
    struct slice first_line = value;
    uint64_t file_size;
    struct byte_range ranges[RANGE_COUNT_MAX];
    unsigned count = 0;

    if (slice_find(value, '\n') != -1)
        (void)slice_next(&value, '\n', &first_line);
    if (number_parse(first_line, UINT64_MAX, &file_size) != 0)
        file_size = 1000;
    if (range_parse(value, file_size, ranges, &count) == RANGE_PARTIAL)
        check_ranges(ranges, count, file_size);
    else
        check(count == 0);
    return 0;
}
