/* SPDX-License-Identifier: MIT */
/* value_origin.c - origins are compared byte by byte, so they must be written as browsers do. */

#include "config/value_origin.h"

#include "config/value_list.h"

/* With it a line of the head stays short; a name of the DNS has 253. */
#define ORIGIN_LENGTH_MAX 300

static bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || ascii_is_digit(c) || c == '.' || c == '-' || c == ':' ||
           c == '[' || c == ']' || c == '_';
}

static bool is_origin(struct slice text)
{
    ptrdiff_t colon = slice_find(text, ':');
    if (slice_equal(text, SLICE_LITERAL("null")))
        return true;
    if (colon <= 0 || text.len > ORIGIN_LENGTH_MAX ||
        !slice_starts_with(slice_from(text, (size_t)colon), SLICE_LITERAL("://")))
        return false;
    for (size_t i = 0; i < (size_t)colon; i++) {
        char c = text.data[i];
        if (!(c >= 'a' && c <= 'z') && !(i > 0 && (ascii_is_digit(c) || strchr("+-.", c))))
            return false;
    }
    struct slice host = slice_from(text, (size_t)colon + 3);
    for (size_t i = 0; i < host.len; i++) {
        if (!is_host_char(host.data[i]))
            return false;
    }
    return host.len > 0;
}

void origins_store(const struct config_value *value, struct config_report *report, void *record)
{
    struct string_list *field = value_field(value->row, record), list = {.items = NULL};
    struct slice rest = value->text, word;
    unsigned off;
    bool is_any = false;
    while (!value_find_word(value, &off) && list_next_word(&rest, &word)) {
        is_any = is_any || slice_equal(word, SLICE_LITERAL("*"));
        bool is_good = slice_equal(word, SLICE_LITERAL("*")) || is_origin(word);
        if (!is_good)
            report_error(report, value->place,
                         "%s: \"%.*s\" is not an origin such as https://example.org, in lower case "
                         "and without a path",
                         value->row->key, REPORT_VALUE(word));
        if (is_good && is_any && list.count > 0) {
            report_error(report, value->place, "%s: * stands alone", value->row->key);
            is_good = false;
        }
        if (!is_good || !list_check_count(value, list.count, report) ||
            !list_add(&list, word, report)) {
            names_free(&list);
            return;
        }
    }
    names_free(field);
    *field = list;
}
