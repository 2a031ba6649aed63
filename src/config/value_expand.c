/* SPDX-License-Identifier: MIT */
/* value_expand.c - one pass over the text; nothing of a variable's value is looked at again. */

#include "config/value_expand.h"

#include "base/utf8.h"

#include <stdlib.h>

struct expansion {
    struct slice text;
    struct config_place place;
    environment_list environment;
    struct config_report *report;
    FILE *out;
};

const char *environment_find(environment_list environment, struct slice name)
{
    for (; environment && *environment; environment++) {
        const char *entry = *environment;
        if (strncmp(entry, name.data, name.len) == 0 && entry[name.len] == '=')
            return entry + name.len + 1;
    }
    return NULL;
}

bool environment_is_text(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return utf8_valid_length(text) == text.len;
}

static struct config_place place_of(const struct expansion *expansion, const char *at)
{
    struct config_place place = expansion->place;
    if (place.column > 0)
        place.column += (unsigned)(at - expansion->text.data);
    return place;
}

static bool is_letter(char c)
{
    char lower = ascii_lower(c);
    return (lower >= 'a' && lower <= 'z') || c == '_';
}

static size_t name_length(struct slice text)
{
    size_t len = 0;
    while (len < text.len &&
           (is_letter(text.data[len]) || (len > 0 && ascii_is_digit(text.data[len]))))
        len++;
    return len;
}

/* @inner stands between the braces. */
static void expand_variable(const struct expansion *expansion, struct slice inner)
{
    struct config_place place = place_of(expansion, inner.data - 2);
    struct slice name = slice_of(inner.data, name_length(inner)), def = slice_from(inner, name.len);
    bool has_default = slice_starts_with(def, SLICE_LITERAL(":-"));
    if (name.len == 0 || (def.len > 0 && !has_default)) {
        report_error(expansion->report, place,
                     "\"${%.*s}\" is no variable, expected ${NAME} or ${NAME:-DEFAULT}; $${ is "
                     "the text ${",
                     REPORT_VALUE(inner));
        return;
    }
    const char *value = environment_find(expansion->environment, name);
    if (value && !environment_is_text(slice_from_string(value)))
        report_error(expansion->report, place, "the variable %.*s holds control bytes or no UTF-8",
                     REPORT_VALUE(name));
    else if (value && (value[0] != '\0' || !has_default))
        fputs(value, expansion->out);
    else if (has_default)
        fprintf(expansion->out, "%.*s", SLICE_PRINTF(slice_from(def, 2)));
    else
        report_error(expansion->report, place,
                     "there is no variable %.*s in the environment: set it, or write "
                     "${%.*s:-DEFAULT}",
                     REPORT_VALUE(name), REPORT_VALUE(name));
}

/* @rest starts with "${". Returns its length to go on behind. */
static size_t expand_braces(const struct expansion *expansion, struct slice rest)
{
    struct slice inner = slice_from(rest, 2);
    ptrdiff_t end = slice_find(inner, '}');
    ptrdiff_t open = slice_find(inner, '{');
    if (end < 0) {
        report_error(expansion->report, place_of(expansion, rest.data),
                     "\"${\" without \"}\"; $${ is the text ${");
        return rest.len;
    }
    if (open > 0 && open < end && inner.data[open - 1] == '$') {
        report_error(expansion->report, place_of(expansion, inner.data + open - 1),
                     "a default cannot hold another variable");
        return rest.len;
    }
    expand_variable(expansion, slice_of(inner.data, (size_t)end));
    return 2 + (size_t)end + 1;
}

static void expand(const struct expansion *expansion)
{
    struct slice rest = expansion->text;
    while (rest.len > 0) {
        if (slice_starts_with(rest, SLICE_LITERAL("$${"))) {
            fputs("${", expansion->out);
            rest = slice_from(rest, 3);
        } else if (slice_starts_with(rest, SLICE_LITERAL("${"))) {
            rest = slice_from(rest, expand_braces(expansion, rest));
        } else {
            fputc(rest.data[0], expansion->out);
            rest = slice_from(rest, 1);
        }
    }
}

char *value_expand(struct slice text, struct config_place place, environment_list environment,
                   struct config_report *report)
{
    char *value = NULL;
    size_t len = 0;
    unsigned errors = report->error_count;
    struct expansion expansion = {.text = text,
                                  .place = place,
                                  .environment = environment,
                                  .report = report,
                                  .out = open_memstream(&value, &len)};
    if (!expansion.out) {
        report->out_of_memory = true;
        return NULL;
    }
    expand(&expansion);
    bool is_whole = fclose(expansion.out) == 0;
    report->out_of_memory |= !is_whole;
    if (is_whole && report->error_count == errors)
        return value;
    free(value);
    return NULL;
}

/* In a row of "$" before "{", the last one is doubled: the first that "${" follows starts it. */
void value_write_literal(const char *text, FILE *out)
{
    for (; *text; text++) {
        if (text[0] == '$' && text[1] == '{')
            fputc('$', out);
        fputc(*text, out);
    }
}
