/* SPDX-License-Identifier: MIT */
/* config_report.c - collects the mistakes of one configuration. */

#include "config/config_report.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

/* More than anybody reads; a binary file must not give a million lines. */
#define MESSAGES_MAX 100

static void make_printable(char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
    }
}

static int format_place(char *out, size_t size, struct config_place place)
{
    if (!place.file)
        return snprintf(out, size, "%s", "");
    if (place.line == 0)
        return snprintf(out, size, "%s: ", place.file);
    if (place.column == 0)
        return snprintf(out, size, "%s:%u: ", place.file, place.line);
    return snprintf(out, size, "%s:%u:%u: ", place.file, place.line, place.column);
}

static char *format_message(struct config_place place, bool is_error, size_t *ret_off,
                            const char *format, va_list args) PRINTF_LIKE(4, 0);

static char *format_message(struct config_place place, bool is_error, size_t *ret_off,
                            const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int head = format_place(NULL, 0, place);
    int body = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (head < 0 || body < 0)
        return NULL;

    const char *kind = is_error ? "" : "warning: ";
    size_t size = (size_t)head + strlen(kind) + (size_t)body + 1;
    char *text = malloc(size);
    if (!text)
        return NULL;
    size_t len = (size_t)format_place(text, size, place);
    len += (size_t)snprintf(text + len, size - len, "%s", kind);
    (void)vsnprintf(text + len, size - len, format, args);
    *ret_off = len;
    make_printable(text);
    return text;
}

static bool make_room(struct config_report *report)
{
    if (report->count < report->capacity)
        return true;
    size_t capacity = report->capacity ? report->capacity * 2 : 16;
    struct config_message *messages = realloc(report->messages,
                                              capacity * sizeof(*report->messages));
    if (!messages)
        return false;
    report->messages = messages;
    report->capacity = capacity;
    return true;
}

/* A copy that lives as long as the report; NULL for none, and without memory. */
static const char *own_name(struct config_report *report, const char *name)
{
    for (size_t i = 0; i < report->name_count && name; i++) {
        if (strcmp(report->names[i], name) == 0)
            return report->names[i];
    }
    if (!name)
        return NULL;
    char **names = realloc(report->names, (report->name_count + 1) * sizeof(*names));
    if (names)
        report->names = names;
    char *copy = names ? strdup(name) : NULL;
    if (copy)
        names[report->name_count++] = copy;
    else
        report->out_of_memory = true;
    return copy;
}

/* What is of no file comes first. */
static size_t rank_of(const struct config_report *report, const char *file)
{
    for (size_t i = 0; i < report->text_count && file; i++) {
        if (strcmp(report->texts[i].name, file) == 0)
            return i + 1;
    }
    return 0;
}

static void add_message(struct config_report *report, struct config_place place, bool is_error,
                        const char *format, va_list args) PRINTF_LIKE(4, 0);

static void add_message(struct config_report *report, struct config_place place, bool is_error,
                        const char *format, va_list args)
{
    if (is_error)
        report->error_count++;
    if (report->count >= MESSAGES_MAX)
        return;

    struct config_place order = report->anchor.file ? report->anchor : place;
    size_t off = 0;
    place.file = own_name(report, place.file);
    order.file = own_name(report, order.file);
    char *text = format_message(place, is_error, &off, format, args);
    if (!text || !make_room(report)) {
        free(text);
        report->out_of_memory = true;
        return;
    }
    report->messages[report->count++] = (struct config_message){
        .place = place,
        .order = order,
        .rank = rank_of(report, order.file),
        .is_error = is_error,
        .text = text,
        .message_off = off,
    };
}

void report_error(struct config_report *report, struct config_place place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_message(report, place, true, format, args);
    va_end(args);
}

void report_warning(struct config_report *report, struct config_place place, const char *format,
                    ...)
{
    va_list args;
    va_start(args, format);
    add_message(report, place, false, format, args);
    va_end(args);
}

static bool comes_after(const struct config_message *a, const struct config_message *b)
{
    if (a->rank != b->rank)
        return a->rank > b->rank;
    return a->order.line != b->order.line ? a->order.line > b->order.line
                                          : a->order.column > b->order.column;
}

/* Insertion sort: stable, and the messages are few and nearly sorted. */
static void sort_by_place(struct config_report *report)
{
    for (size_t i = 1; i < report->count; i++) {
        struct config_message moved = report->messages[i];
        size_t place = i;
        for (; place > 0 && comes_after(&report->messages[place - 1], &moved); place--)
            report->messages[place] = report->messages[place - 1];
        report->messages[place] = moved;
    }
}

void report_no_section(struct config_report *report, struct config_place place, const char *key,
                       const char *kind, const char *name, const char *best)
{
    report_error(report, place, "%s: there is no [%s %s]%s%s%s", key, kind, name,
                 best ? ", did you mean \"" : "", best ? best : "", best ? "\"?" : "");
}

bool report_keep_text(struct config_report *report, const char *name, struct slice text)
{
    struct config_text *texts = report->texts;
    name = own_name(report, name);
    if (!name)
        return false;
    if ((report->text_count & (report->text_count + 1)) == 0) /* 0, 1, 3, 7 …: full */
        texts = realloc(texts, (2 * report->text_count + 1) * sizeof(*texts));
    if (!texts) {
        report->out_of_memory = true;
        return false;
    }
    report->texts = texts;
    texts[report->text_count++] = (struct config_text){name, text};
    return true;
}

/* NULL data: it is not known. */
static struct slice line_at(const struct config_report *report, struct config_place place)
{
    struct slice line = {.data = NULL};
    size_t rank = place.line > 0 ? rank_of(report, place.file) : 0;
    struct slice rest = rank > 0 ? report->texts[rank - 1].text : line;
    for (unsigned number = 0; number < place.line && slice_next(&rest, '\n', &line);)
        number++;
    return line;
}

static void hand_over(const struct config_report *report, const struct config_message *message,
                      const struct config_reporter *reporter)
{
    const struct config_mistake mistake = {
        .is_error = message->is_error,
        .text = message->text,
        .message = message->text + message->message_off,
        .place = message->place,
        .line = line_at(report, message->place),
    };
    if (reporter && reporter->report)
        reporter->report(reporter->context, &mistake);
}

static struct slice line_of(const struct config_report *report, struct config_place place)
{
    size_t rank = rank_of(report, place.file);
    struct slice rest = rank > 0 ? report->texts[rank - 1].text : slice_of(NULL, 0);
    struct slice line = rest;
    for (unsigned number = 0; number < place.line; number++) {
        if (!slice_next(&rest, '\n', &line))
            return slice_of(NULL, 0);
    }
    return line;
}

struct config_place report_place_of(const struct config_report *report, struct config_place place,
                                    const char *word)
{
    struct slice line = line_of(report, place), wanted = slice_from_string(word);
    for (size_t at = MAX(place.column, 1U) - 1; at < line.len; at++) {
        struct slice rest = slice_from(line, at);
        bool starts = at == 0 || strchr(" \t=\"'", line.data[at - 1]);
        bool ends = rest.len == wanted.len ||
                    (rest.len > wanted.len && strchr(" \t\r;#\"'", rest.data[wanted.len]));
        if (!starts || !ends || !slice_starts_with(rest, wanted))
            continue;
        place.column = (unsigned)at + 1;
        return place;
    }
    return place;
}

void report_flush(struct config_report *report, const struct config_reporter *reporter)
{
    static const char too_many[] = "too many mistakes: the rest is not shown";
    bool is_full = report->count >= MESSAGES_MAX;
    sort_by_place(report);
    for (size_t i = 0; i < report->count; i++) {
        struct config_message *message = &report->messages[i];
        hand_over(report, message, reporter);
        free(message->text);
    }
    report->count = 0;
    if (is_full && reporter && reporter->report)
        reporter->report(
            reporter->context,
            &(struct config_mistake){.is_error = true, .text = too_many, .message = too_many});
}

void report_done(struct config_report *report)
{
    for (size_t i = 0; i < report->count; i++)
        free(report->messages[i].text);
    for (size_t i = 0; i < report->text_count; i++)
        free((void *)(uintptr_t)report->texts[i].text.data);
    for (size_t i = 0; i < report->name_count; i++)
        free(report->names[i]);
    free(report->names);
    free(report->texts);
    free(report->messages);
    *report = (struct config_report){.messages = NULL};
}

char *report_copy(struct config_report *report, struct slice text)
{
    char *copy = malloc(text.len + 1);
    if (!copy) {
        report->out_of_memory = true;
        return NULL;
    }
    if (text.len > 0)
        memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    return copy;
}

char *report_copy_lower(struct config_report *report, struct slice text)
{
    char *copy = report_copy(report, text);
    for (char *c = copy; c && *c; c++)
        *c = ascii_lower(*c);
    return copy;
}

void place_reference(char out[PLACE_REFERENCE_SIZE], struct config_place from,
                     struct config_place to)
{
    if (from.file && to.file && strcmp(from.file, to.file) == 0)
        (void)snprintf(out, PLACE_REFERENCE_SIZE, "line %u", to.line);
    else
        (void)snprintf(out, PLACE_REFERENCE_SIZE, "%s:%u", to.file, to.line);
}
