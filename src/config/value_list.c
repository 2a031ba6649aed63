/* SPDX-License-Identifier: MIT */
/* value_list.c - fields that hold several values. */

#include "config/value_list.h"

#include "config/foreign_key.h"
#include "config/media_grammar.h"

#include <errno.h>
#include <stdlib.h>

/* More names or addresses than anybody needs. */
#define LIST_MAX 64

bool list_next_word(struct slice *rest, struct slice *ret_word)
{
    size_t start = 0, end;
    while (start < rest->len && (rest->data[start] == ' ' || rest->data[start] == '\t'))
        start++;
    end = start;
    while (end < rest->len && rest->data[end] != ' ' && rest->data[end] != '\t')
        end++;
    *ret_word = slice_of(rest->data + start, end - start);
    *rest = slice_from(*rest, end);
    return ret_word->len > 0;
}

void names_free(struct string_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct string_list){.items = NULL};
}

bool list_check_count(const struct config_value *value, size_t count, struct config_report *report)
{
    if (count < LIST_MAX)
        return true;
    report_error(report, value->place, "%s: more than %d of them", value->row->key, LIST_MAX);
    return false;
}

static bool is_plain_name(struct slice word)
{
    return slice_find(word, '/') < 0 && !slice_equal(word, SLICE_LITERAL(".")) &&
           !slice_equal(word, SLICE_LITERAL(".."));
}

bool list_add(struct string_list *list, struct slice word, struct config_report *report)
{
    char **items = realloc(list->items, (list->count + 1) * sizeof(*items));
    if (items)
        list->items = items;
    else
        report->out_of_memory = true;
    char *copy = items ? report_copy(report, word) : NULL;
    if (!copy)
        return false;
    list->items[list->count++] = copy;
    return true;
}

/* Words that are all as @is_good wants them, or else are not @expected. */
static void words_store(const struct config_value *value, struct config_report *report,
                        void *record, bool (*is_good)(struct slice word), const char *expected)
{
    struct string_list list = {.items = NULL};
    struct slice rest = value->text, word;
    while (list_next_word(&rest, &word)) {
        bool is_taken = is_good(word);
        if (!is_taken)
            report_error(report, value->place, "%s: \"%.*s\" is not %s", value->row->key,
                         REPORT_VALUE(word), expected);
        if (!is_taken || !list_check_count(value, list.count, report) ||
            !list_add(&list, word, report)) {
            names_free(&list);
            return;
        }
    }
    struct string_list *field = value_field(value->row, record);
    names_free(field);
    *field = list;
}

void names_store(const struct config_value *value, struct config_report *report, void *record)
{
    words_store(value, report, record, is_plain_name, "a file name without \"/\"");
}

void media_types_store(const struct config_value *value, struct config_report *report, void *record)
{
    struct string_list *field = value_field(value->row, record);
    words_store(value, report, record, media_is_type, "a type such as text/html or text/*");
    for (size_t i = 0; i < field->count; i++) {
        for (char *c = field->items[i]; *c; c++)
            *c = ascii_lower(*c);
    }
}

/* Port of an address without one: that of http (RFC 9110 section 4.2.1). */
#define DEFAULT_PORT 80

/* Of a word of the list. */
static struct config_place place_of(const struct config_value *value, struct slice word)
{
    struct config_place place = value->place;
    if (place.column > 0 && !value->is_expanded)
        place.column += (unsigned)(word.data - value->text.data);
    return place;
}

static bool parse_address(const struct config_value *value, struct slice word,
                          struct config_report *report, struct listen_address *ret_listen)
{
    struct config_place place = place_of(value, word);
    int err = address_parse(word, DEFAULT_PORT, &ret_listen->addr);
    const char *remedy = err ? foreign_listen_remedy(word) : NULL;
    if (remedy) {
        report_error(report, place, "%s: \"%.*s\": %s", value->row->key, REPORT_VALUE(word),
                     remedy);
        return false;
    }
    if (err) {
        report_error(report, place, "%s: \"%.*s\" %s", value->row->key, REPORT_VALUE(word),
                     err == -ERANGE ? "has a port above 65535"
                                    : "is not an address, expected HOST:PORT, [IPV6]:PORT, *:PORT "
                                      "or PORT, HOST in numbers");
        return false;
    }
    ret_listen->line = value->place.line;
    return true;
}

/* True when @word is an option, of the address before it. */
static bool take_option(const struct config_value *value, struct slice word,
                        struct listen_address *list, size_t count, struct config_report *report,
                        bool *is_valid)
{
    if (!slice_equal_nocase(word, SLICE_LITERAL(LISTEN_PROXY_PROTOCOL)))
        return false;
    if (count > 0) {
        list[count - 1].proxy_protocol = true;
    } else {
        report_error(report, place_of(value, word),
                     "%s: " LISTEN_PROXY_PROTOCOL " stands behind the address that it is for",
                     value->row->key);
        *is_valid = false;
    }
    return true;
}

/* The whole list, or NULL after a report. All its mistakes are reported. */
static struct listen_address *parse_addresses(const struct config_value *value,
                                              struct config_report *report, size_t *ret_count)
{
    size_t count = 0;
    bool is_valid = true;
    struct slice rest = value->text, word;
    struct listen_address *list = calloc(LIST_MAX, sizeof(*list));
    if (!list) {
        report->out_of_memory = true;
        return NULL;
    }
    while (list_next_word(&rest, &word)) {
        if (take_option(value, word, list, count, report, &is_valid))
            continue;
        if (!list_check_count(value, count, report)) {
            is_valid = false;
            break;
        }
        is_valid = parse_address(value, word, report, &list[count]) && is_valid;
        count++;
    }
    if (!is_valid) {
        free(list);
        return NULL;
    }
    *ret_count = count;
    return list;
}

void addresses_free(struct config *config)
{
    free(config->server.listen);
    config->server.listen = NULL;
    config->server.listen_count = 0;
}

void addresses_store(const struct config_value *value, struct config_report *report, void *record)
{
    size_t count;
    struct listen_address *list = parse_addresses(value, report, &count);
    if (!list)
        return;
    struct config *config = record;
    addresses_free(config);
    config->server.listen = list;
    config->server.listen_count = count;
}

void networks_free(struct network_list *networks)
{
    free(networks->items);
    *networks = (struct network_list){.items = NULL};
}

static bool parse_network(const struct config_value *value, struct slice word,
                          struct config_report *report, struct network *ret_network)
{
    int err = network_parse(word, ret_network);
    if (!err)
        return true;
    report_error(
        report, place_of(value, word), "%s: \"%.*s\" %s", value->row->key, REPORT_VALUE(word),
        err == -ERANGE ? "has more bits than such an address"
                       : "is not a network, expected ADDRESS or ADDRESS/BITS, with no bits "
                         "set behind those");
    return false;
}

void networks_store(const struct config_value *value, struct config_report *report, void *record)
{
    struct network_list list = {.items = NULL};
    struct slice rest = value->text, word;
    bool is_valid = true;
    unsigned none;
    if (!value_find_word(value, &none)) {
        list.items = calloc(LIST_MAX, sizeof(*list.items));
        if (!list.items)
            report->out_of_memory = true;
        is_valid = list.items != NULL;
        while (list.items && list_next_word(&rest, &word)) {
            if (!list_check_count(value, list.count, report)) {
                is_valid = false;
                break;
            }
            is_valid = parse_network(value, word, report, &list.items[list.count]) && is_valid;
            list.count++;
        }
    }
    if (!is_valid) {
        networks_free(&list);
        return;
    }
    struct network_list *field = value_field(value->row, record);
    networks_free(field);
    *field = list;
}
