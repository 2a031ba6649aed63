/* SPDX-License-Identifier: MIT */
/* fuzz_accept_encoding.c - field values, one a line: the choice is one that the client allows. */

#include "http/accept_encoding.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LINES_MAX 8

static void check(bool is_true)
{
    if (!is_true)
        abort();
}

static void check_choice(const struct coding_weights *weights, unsigned available)
{
    enum content_coding chosen = accept_encoding_choose(weights, available);

    available |= BIT(CODING_IDENTITY);
    check(chosen <= CODING_COUNT);
    if (chosen < CODING_COUNT)
        check((available & BIT(chosen)) && weights->weight[chosen] > 0);
    for (unsigned coding = 0; coding < CODING_COUNT; coding++) {
        unsigned weight = weights->weight[coding];

        check(weight <= 1000);
        if (!(available & BIT(coding)) || weight == 0)
            continue;
        check(chosen < CODING_COUNT && weight <= weights->weight[chosen]);
        check(coding <= chosen || weight < weights->weight[chosen]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = slice_of((const char *)data, size);
    struct slice line;
    struct header rows[LINES_MAX];
    struct header_table headers;
    struct coding_weights weights;

    header_table_init(&headers, rows, LINES_MAX);
    while (slice_next(&rest, '\n', &line) &&
           header_table_add(&headers, SLICE_LITERAL("Accept-Encoding"), line) == 0)
        continue;
    accept_encoding_read(&headers, &weights);
    for (unsigned available = 0; available < BIT(CODING_COUNT); available++)
        check_choice(&weights, available);
    return 0;
}
