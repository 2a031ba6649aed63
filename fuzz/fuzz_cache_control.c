/* SPDX-License-Identifier: MIT */
/* fuzz_cache_control.c - fields of a reply, a line each: what is kept has a lifetime, a window, or
 * a validator, and nothing that is forbidden is. */

#include "http/cache_rules.h"
#include "http/vary.h"

#include <stdlib.h>

#define ROWS 32
#define NOW 1000000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_true)
{
    if (!is_true)
        abort();
}

static void read_lines(struct header_table *table, struct slice rest)
{
    struct slice line;

    while (slice_next(&rest, '\n', &line)) {
        ptrdiff_t colon = slice_find(line, ':');

        if (colon > 0 && header_table_add(table, slice_of(line.data, (size_t)colon),
                                          slice_trim(slice_from(line, (size_t)colon + 1))) != 0)
            return;
    }
}

static void check_verdict(const struct header_table *table, const struct caching_fields *fields)
{
    const struct cache_rules rules = {.uses_heuristic = true, .errors_s = 5};
    struct freshness freshness = {.stored_at = 0};
    enum store_verdict verdict;

    verdict = cache_rules_store(&rules,
                                &(struct store_question){
                                    .method = METHOD_GET,
                                    .request = table,
                                    .status = 200,
                                    .fields = fields,
                                    .times = &(struct exchange_times){NOW - 1, NOW},
                                },
                                &freshness);
    check(store_verdict_name(verdict) != NULL);
    if (verdict != STORE_YES)
        return;
    check(!cache_control_has(&fields->control, CC_PRIVATE) && !fields->has_set_cookie);
    check(freshness.lifetime <= DELTA_SECONDS_MAX && freshness.age <= DELTA_SECONDS_MAX);
    check(freshness.lifetime > freshness.age || freshness.swr > 0 || freshness.sie > 0 ||
          fields->etag.len > 0 || fields->last_modified != -1);
    check(freshness_age(&freshness, NOW + 5) >= freshness_age(&freshness, NOW));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct header rows[ROWS];
    struct header_table table;
    struct caching_fields fields;
    char names_text[512], values_text[1024];
    struct writer names = writer_on(names_text, sizeof(names_text));
    struct writer values = writer_on(values_text, sizeof(values_text));

    header_table_init(&table, rows, ROWS);
    read_lines(&table, slice_of((const char *)data, size));
    caching_fields_read(&table, NOW, &fields);
    for (unsigned i = 0; i < CC_SECONDS_COUNT; i++) {
        check(fields.control.seconds[i] <= DELTA_SECONDS_MAX);
        check(fields.control.seconds[i] == 0 || (fields.control.broken & BIT(i)) == 0);
    }
    check_verdict(&table, &fields);
    vary_write_names(&names, &table);
    vary_write_values(&values, writer_content(&names), &table);
    return 0;
}
