/* SPDX-License-Identifier: MIT */
/* config_value.c - one value between its text and its field, by its type. */

#include "config/config_value.h"

#include "base/number.h"
#include "config/directive_text.h"
#include "config/media_grammar.h"

#include <errno.h>
#include <stdlib.h>

static void *field_of(const struct directive *row, struct config *config)
{
    return (char *)config + row->offset;
}

static void report_expected(const struct config_value *value, struct config_report *report)
{
    char expected[DIRECTIVE_TEXT_SIZE];
    directive_expected(value->row, expected);
    report_error(report, value->place, "%s: \"%.*s\" is not valid, expected %s", value->row->key,
                 REPORT_VALUE(value->text), expected);
}

static bool find_word(const struct config_value *value, unsigned *ret_number)
{
    for (const struct directive_word *word = value->row->words; word && word->word; word++) {
        if (slice_equal_nocase(value->text, slice_from_string(word->word))) {
            *ret_number = word->value;
            return true;
        }
    }
    return false;
}

static void put_number(const struct directive *row, struct config *config, uint64_t number)
{
    void *field = field_of(row, config);
    uint32_t narrow = (uint32_t)number;
    assert(row->size == sizeof(number) || (row->size == sizeof(narrow) && narrow == number));
    if (row->size == sizeof(number))
        memcpy(field, &number, sizeof(number));
    else
        memcpy(field, &narrow, sizeof(narrow));
}

static void store_number(const struct config_value *value, struct config_report *report,
                         struct config *config)
{
    const struct directive *row = value->row;
    unsigned word;
    if (find_word(value, &word)) {
        put_number(row, config, word);
        return;
    }

    uint64_t number = 0;
    int err;
    if (row->type == CFG_SIZE)
        err = number_parse_size(value->text, row->max, &number);
    else if (row->type == CFG_DURATION)
        err = number_parse_duration(value->text, row->max, &number);
    else
        err = number_parse(value->text, row->max, &number);

    if (!err && number >= row->min) {
        put_number(row, config, number);
        return;
    }
    char expected[DIRECTIVE_TEXT_SIZE];
    directive_expected(row, expected);
    report_error(report, value->place, "%s: \"%.*s\" is %s, expected %s", row->key,
                 REPORT_VALUE(value->text),
                 err == -ERANGE ? "too large"
                 : err          ? "not a number of this kind"
                                : "too small",
                 expected);
}

static void store_bool(const struct config_value *value, struct config_report *report,
                       struct config *config)
{
    static const struct {
        const char *word;
        bool is_on;
    } words[] = {{"on", true},   {"yes", true}, {"true", true},
                 {"off", false}, {"no", false}, {"false", false}};

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (slice_equal_nocase(value->text, slice_from_string(words[i].word))) {
            memcpy(field_of(value->row, config), &words[i].is_on, sizeof(bool));
            return;
        }
    }
    report_expected(value, report);
}

static void store_choice(const struct config_value *value, struct config_report *report,
                         struct config *config)
{
    unsigned number;
    if (find_word(value, &number))
        put_number(value->row, config, number);
    else
        report_expected(value, report);
}

static void put_string(const struct directive *row, struct config *config, char *string)
{
    char **field = field_of(row, config);
    free(*field);
    *field = string;
}

/* Takes "." and "./" away at the front; the rest stays as it is written. */
static char *absolute_path(const struct config_value *value, struct config_report *report)
{
    struct slice path = value->text;
    if (path.data[0] == '/')
        return report_copy(report, path);
    while (slice_starts_with(path, SLICE_LITERAL("./")))
        path = slice_from(path, 2);

    size_t base_len = strlen(value->base_dir);
    if (base_len == 1)
        base_len = 0; /* of "/" */
    char *joined = malloc(base_len + 1 + path.len + 1);
    if (!joined) {
        report->out_of_memory = true;
        return NULL;
    }
    memcpy(joined, value->base_dir, base_len);
    joined[base_len] = '/';
    if (path.len > 0)
        memcpy(joined + base_len + 1, path.data, path.len);
    joined[base_len + 1 + path.len] = '\0';
    return joined;
}

static void store_path(const struct config_value *value, struct config_report *report,
                       struct config *config)
{
    unsigned word;
    if (find_word(value, &word))
        put_string(value->row, config, NULL);
    else
        put_string(value->row, config, absolute_path(value, report));
}

static void store_string(const struct config_value *value, struct config_report *report,
                         struct config *config)
{
    unsigned word;
    bool is_valid = true;
    if (value->row->type == CFG_TOKEN)
        is_valid = media_is_token(value->text);
    else if (value->row->type == CFG_MEDIA_TYPE)
        is_valid = media_is_type(value->text);

    if (find_word(value, &word))
        put_string(value->row, config, NULL);
    else if (is_valid)
        put_string(value->row, config, report_copy(report, value->text));
    else
        report_expected(value, report);
}

static void store_log(const struct config_value *value, struct config_report *report,
                      struct config *config)
{
    struct log_destination *log = field_of(value->row, config);
    unsigned word = LOG_TARGET_FILE;
    char *path = NULL;
    if (!find_word(value, &word))
        path = absolute_path(value, report);
    free(log->path);
    *log = (struct log_destination){.target = (enum log_target)word, .path = path};
}

static bool next_word(struct slice *rest, struct slice *ret_word)
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

static void free_names(struct string_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct string_list){.items = NULL};
}

static bool append_name(struct string_list *list, struct slice word, struct config_report *report)
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

static void store_names(const struct config_value *value, struct config_report *report,
                        struct config *config)
{
    struct string_list list = {.items = NULL};
    struct slice rest = value->text, word;
    while (next_word(&rest, &word)) {
        bool is_name = slice_find(word, '/') < 0 && !slice_equal(word, SLICE_LITERAL(".")) &&
                       !slice_equal(word, SLICE_LITERAL(".."));
        if (!is_name)
            report_error(report, value->place, "%s: \"%.*s\" is not a file name without \"/\"",
                         value->row->key, REPORT_VALUE(word));
        if (!is_name || !append_name(&list, word, report)) {
            free_names(&list);
            return;
        }
    }
    struct string_list *field = field_of(value->row, config);
    free_names(field);
    *field = list;
}

/* Port of an address without one: that of http (RFC 9110 section 4.2.1). */
#define DEFAULT_PORT 80

static bool parse_address(const struct config_value *value, struct slice word,
                          struct config_report *report, struct listen_address *ret_listen)
{
    struct config_place place = value->place;
    if (place.column > 0)
        place.column += (unsigned)(word.data - value->text.data);
    int err = address_parse(word, DEFAULT_PORT, &ret_listen->addr);
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

static void store_addresses(const struct config_value *value, struct config_report *report,
                            struct config *config)
{
    struct listen_address *list = NULL;
    size_t count = 0;
    bool is_valid = true;
    struct slice rest = value->text, word;
    while (next_word(&rest, &word)) {
        struct listen_address *grown = realloc(list, (count + 1) * sizeof(*list));
        if (!grown) {
            report->out_of_memory = true;
            break;
        }
        list = grown;
        if (parse_address(value, word, report, &list[count]))
            count++;
        else
            is_valid = false;
    }
    if (!is_valid || report->out_of_memory) {
        free(list);
        return;
    }
    free(config->server.listen);
    config->server.listen = list;
    config->server.listen_count = count;
}

static void store_level(const struct config_value *value, struct config_report *report,
                        struct config *config)
{
    enum log_level level;
    if (!log_level_from_name(value->text, &level)) {
        report_expected(value, report);
        return;
    }
    if (value->row->type == CFG_LOG_LEVEL) {
        config->server.default_log_level = level;
        return;
    }
    enum log_module module;
    if (log_module_from_name(value->member, &module))
        config->server.log_level[module] = level;
    else
        report_error(report, value->place, "log_level: there is no module \"%.*s\"",
                     REPORT_VALUE(value->member));
}

static void free_page(struct error_page_config *page)
{
    free(page->path);
    free(page->content);
    free(page->extension);
    free(page->file);
}

/* The page of that status, a new one if need be; NULL without memory. */
static struct error_page_config *page_of(unsigned status, struct config *config)
{
    struct server_config *server = &config->server;
    for (size_t i = 0; i < server->error_page_count; i++) {
        if (server->error_pages[i].status == status)
            return &server->error_pages[i];
    }
    struct error_page_config *pages = realloc(server->error_pages,
                                              (server->error_page_count + 1) * sizeof(*pages));
    if (!pages)
        return NULL;
    server->error_pages = pages;
    struct error_page_config *page = &pages[server->error_page_count++];
    *page = (struct error_page_config){.status = status};
    return page;
}

/*
 * Only notes the text: in `path` when it starts with "/", which may mean the root of the site,
 * else in `file`. What it is gets decided when the root is known.
 */
static void store_page(const struct config_value *value, struct config_report *report,
                       struct config *config)
{
    uint64_t status = 0;
    if (value->member.len != 3 || number_parse(value->member, 599, &status) != 0 || status < 400) {
        report_error(report, value->place, "error_page: \"%.*s\" is not a status from 400 to 599",
                     REPORT_VALUE(value->member));
        return;
    }
    char *path = absolute_path(value, report);
    struct error_page_config *page = path ? page_of((unsigned)status, config) : NULL;
    if (!page) {
        free(path);
        report->out_of_memory = true;
        return;
    }
    bool is_relative = value->text.data[0] != '/';
    free_page(page);
    *page = (struct error_page_config){
        .status = (unsigned)status,
        .path = is_relative ? NULL : path,
        .file = is_relative ? path : NULL,
        .line = value->place.line,
    };
}

void value_store(const struct config_value *value, struct config_report *report,
                 struct config *config)
{
    if (value->text.len == 0) {
        char expected[DIRECTIVE_TEXT_SIZE];
        directive_expected(value->row, expected);
        report_error(report, value->place, "%s has no value, expected %s", value->row->key,
                     expected);
        return;
    }
    switch (value->row->type) {
    case CFG_BOOL: store_bool(value, report, config); break;
    case CFG_COUNT:
    case CFG_SIZE:
    case CFG_DURATION: store_number(value, report, config); break;
    case CFG_CHOICE: store_choice(value, report, config); break;
    case CFG_NAMES: store_names(value, report, config); break;
    case CFG_ADDRESSES: store_addresses(value, report, config); break;
    case CFG_USER:
    case CFG_GROUP:
    case CFG_TOKEN:
    case CFG_MEDIA_TYPE: store_string(value, report, config); break;
    case CFG_DIRECTORY:
    case CFG_FILE: store_path(value, report, config); break;
    case CFG_LOG: store_log(value, report, config); break;
    case CFG_LOG_LEVEL:
    case CFG_MODULE_LEVELS: store_level(value, report, config); break;
    case CFG_ERROR_PAGES: store_page(value, report, config); break;
    }
}

void value_free(const struct directive *row, struct config *config)
{
    switch (row->type) {
    case CFG_BOOL:
    case CFG_COUNT:
    case CFG_SIZE:
    case CFG_DURATION:
    case CFG_CHOICE:
    case CFG_LOG_LEVEL:
    case CFG_MODULE_LEVELS: break;
    case CFG_NAMES: free_names(field_of(row, config)); break;
    case CFG_ADDRESSES:
        free(config->server.listen);
        config->server.listen = NULL;
        config->server.listen_count = 0;
        break;
    case CFG_USER:
    case CFG_GROUP:
    case CFG_TOKEN:
    case CFG_MEDIA_TYPE:
    case CFG_DIRECTORY:
    case CFG_FILE: put_string(row, config, NULL); break;
    case CFG_LOG: free(((struct log_destination *)field_of(row, config))->path); break;
    case CFG_ERROR_PAGES:
        for (size_t i = 0; i < config->server.error_page_count; i++)
            free_page(&config->server.error_pages[i]);
        free(config->server.error_pages);
        config->server.error_pages = NULL;
        config->server.error_page_count = 0;
        break;
    }
}
