/* SPDX-License-Identifier: MIT */
/*
 * mime_file.c - statements of media types.
 *
 * Both grammars are a list of statements, each a list of words; only what ends one differs: ";"
 * with nginx, the end of the line with /etc/mime.types. So one parser collects the words.
 */

#include "config/mime_file.h"

#include "config/file_text.h"
#include "config/media_grammar.h"
#include "config/mime_lexer.h"
#include "config/mime_table.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

/* One file being read; the chain leads to the file that includes it. */
struct mime_reader {
    const struct mime_reader *parent;
    const char *name; /* for messages */
    dev_t device;
    ino_t inode;
    unsigned depth;
    bool may_include;
    struct config_report *report;
    struct mime_config *mime;
    struct mime_lexer lexer;
    bool in_block; /* nginx: within "types {" */
    bool is_full;  /* said once that there are too many rows */
};

static struct config_place place_of(const struct mime_reader *reader, struct mime_token token)
{
    return (struct config_place){.file = reader->name, .line = token.line, .column = token.column};
}

static bool is_word(struct mime_token token, const char *word)
{
    return token.kind == MIME_WORD && slice_equal(token.text, slice_from_string(word));
}

static bool is_own_ancestor(const struct mime_reader *reader, const struct stat *st)
{
    for (; reader; reader = reader->parent) {
        if (reader->inode == st->st_ino && reader->device == st->st_dev)
            return true;
    }
    return false;
}

static void parse_text(struct mime_reader *reader, struct slice text);

/* @place is that of the include; @parent is NULL for the first file. */
static void read_file(const struct mime_reader *parent, const char *path, struct config_place place,
                      struct config_report *report, struct mime_config *mime)
{
    struct stat st = {.st_ino = 0};
    unsigned depth = parent ? parent->depth + 1 : 1;
    if (depth > MIME_DEPTH_MAX) {
        report_error(report, place, "include: more than %d files include each other",
                     MIME_DEPTH_MAX);
        return;
    }
    if (stat(path, &st) == 0 && is_own_ancestor(parent, &st)) {
        report_error(report, place, "include: \"%s\" includes itself", path);
        return;
    }
    char *text = NULL;
    size_t len = 0;
    int err = file_text_read(path, MIME_FILE_SIZE_MAX, &text, &len);
    if (err == -ENOMEM)
        report->out_of_memory = true;
    else if (err)
        report_error(report, place, "include: cannot read \"%s\": %s", path, strerror(-err));
    if (err)
        return;
    struct mime_reader reader = {
        .parent = parent,
        .name = path,
        .device = st.st_dev,
        .inode = st.st_ino,
        .depth = depth,
        .may_include = true,
        .report = report,
        .mime = mime,
    };
    parse_text(&reader, slice_of(text, len));
    free(text);
}

/* Relative to the folder of the file that names it. */
static void include_file(struct mime_reader *reader, struct mime_token name)
{
    struct config_place place = place_of(reader, name);
    if (!reader->may_include) {
        report_error(reader->report, place, "include is not possible here");
        return;
    }
    struct slice own = slice_from_string(reader->name);
    ptrdiff_t slash = slice_find_last(own, '/');
    int folder_len = name.text.len > 0 && name.text.data[0] == '/' ? 0 : (int)(slash + 1);
    char path[PATH_MAX];
    int len = snprintf(path, sizeof(path), "%.*s%.*s", folder_len, own.data,
                       SLICE_PRINTF(name.text));
    if (len < 0 || (size_t)len >= sizeof(path))
        report_error(reader->report, place, "include: the path is too long");
    else
        read_file(reader, path, place, reader->report, reader->mime);
}

static void add_row(struct mime_reader *reader, struct mime_token type, struct mime_token word)
{
    if (!media_is_extension(word.text)) {
        report_error(reader->report, place_of(reader, word), "\"%.*s\" is not an extension%s",
                     REPORT_VALUE(word.text),
                     media_is_type(word.text)                        ? ": is a \";\" missing?"
                     : word.text.len > 0 && word.text.data[0] == '.' ? ": leave its dot away"
                                                                     : "");
        return;
    }
    int err = mime_table_append(reader->mime, word.text, type.text);
    if (err == -ENOMEM) {
        reader->report->out_of_memory = true;
    } else if (err && !reader->is_full) {
        reader->is_full = true;
        report_error(reader->report, place_of(reader, word), "more than %d extensions",
                     MIME_ROWS_MAX);
    }
}

/*
 * The words from @first to the end of the statement; returns the token that ended it.
 * Without a table there is no need to keep them: each is used as soon as it is read.
 */
static struct mime_token take_statement(struct mime_reader *reader, struct mime_token first,
                                        bool by_lines)
{
    bool is_include = is_word(first, "include");
    bool is_valid = is_include || media_is_type(first.text);
    unsigned words = 0;
    if (!is_valid)
        report_error(reader->report, place_of(reader, first),
                     "\"%.*s\" is not a media type such as text/html", REPORT_VALUE(first.text));

    struct mime_token token;
    for (;;) {
        token = mime_lexer_next(&reader->lexer);
        if (token.kind == MIME_NEWLINE && !by_lines)
            continue;
        if (token.kind != MIME_WORD)
            break;
        words++;
        if (is_include && words == 1)
            include_file(reader, token);
        else if (is_include && words == 2)
            report_error(reader->report, place_of(reader, token), "include takes one file");
        else if (!is_include && is_valid)
            add_row(reader, first, token);
    }
    if (is_include && words == 0)
        report_error(reader->report, place_of(reader, first), "include without a file");
    return token;
}

static void report_unexpected(const struct mime_reader *reader, struct mime_token token,
                              const char *expected)
{
    if (token.kind == MIME_BAD)
        report_error(reader->report, place_of(reader, token), "the quote is not closed");
    else if (token.kind == MIME_END)
        report_error(reader->report, place_of(reader, token), "the file ends, expected %s",
                     expected);
    else
        report_error(reader->report, place_of(reader, token), "\"%.*s\" is not expected here%s%s",
                     REPORT_VALUE(token.text), expected[0] ? ", expected " : "", expected);
}

/* To the end of the line or of the statement, after a mistake. */
static struct mime_token skip_rest(struct mime_reader *reader, bool by_lines)
{
    struct mime_token token;
    do
        token = mime_lexer_next(&reader->lexer);
    while (token.kind != MIME_NEWLINE && token.kind != MIME_END &&
           (by_lines || token.kind != MIME_SEMICOLON));
    return token;
}

/* /etc/mime.types. @token is the first word. */
static void parse_lines(struct mime_reader *reader, struct mime_token token)
{
    while (token.kind != MIME_END) {
        if (token.kind == MIME_WORD)
            token = take_statement(reader, token, true);
        if (token.kind != MIME_NEWLINE && token.kind != MIME_END) {
            report_unexpected(reader, token, "");
            token = skip_rest(reader, true);
        }
        if (token.kind == MIME_NEWLINE)
            token = mime_lexer_next(&reader->lexer);
    }
}

static struct mime_token next_but_newline(struct mime_reader *reader)
{
    struct mime_token token;
    do
        token = mime_lexer_next(&reader->lexer);
    while (token.kind == MIME_NEWLINE);
    return token;
}

/* nginx: a statement ends with ";". */
static void parse_nginx_statement(struct mime_reader *reader, struct mime_token first)
{
    struct mime_token end = take_statement(reader, first, false);
    if (end.kind == MIME_SEMICOLON)
        return;
    report_unexpected(reader, end, "\";\"");
    if (end.kind == MIME_CLOSE)
        reader->in_block = false;
}

/* @token is the first word: "types" or "include". */
static void parse_nginx(struct mime_reader *reader, struct mime_token token)
{
    for (; token.kind != MIME_END; token = next_but_newline(reader)) {
        if (token.kind == MIME_CLOSE && reader->in_block) {
            reader->in_block = false;
        } else if (is_word(token, "types") && !reader->in_block) {
            struct mime_token open = next_but_newline(reader);
            reader->in_block = true;
            if (open.kind != MIME_OPEN)
                report_unexpected(reader, open, "\"{\"");
        } else if (token.kind == MIME_WORD && (reader->in_block || is_word(token, "include"))) {
            parse_nginx_statement(reader, token);
        } else {
            report_unexpected(reader, token, reader->in_block ? "a type" : "\"types {\"");
            (void)skip_rest(reader, false);
        }
    }
    if (reader->in_block)
        report_unexpected(reader, token, "\"}\"");
}

/* nginx's grammar shows by its "types", or by an include that a ";" ends. */
static bool is_nginx_grammar(struct mime_reader *reader, struct mime_token first)
{
    if (is_word(first, "types"))
        return true;
    if (!is_word(first, "include"))
        return false;
    struct mime_lexer ahead = reader->lexer;
    (void)mime_lexer_next(&ahead); /* the file */
    return mime_lexer_next(&ahead).kind == MIME_SEMICOLON;
}

static void parse_text(struct mime_reader *reader, struct slice text)
{
    mime_lexer_init(&reader->lexer, text);
    struct mime_token first = next_but_newline(reader);
    if (is_nginx_grammar(reader, first))
        parse_nginx(reader, first);
    else
        parse_lines(reader, first);
}

void mime_file_load(const char *path, struct config_place place, struct config_report *report,
                    struct mime_config *mime)
{
    report->anchor = (struct config_place){.file = place.file, .line = place.line};
    read_file(NULL, path, place, report, mime);
    report->anchor.file = NULL;
}

void mime_file_parse(const char *name, struct slice text, struct config_report *report,
                     struct mime_config *mime)
{
    struct mime_reader reader = {.name = name, .depth = 1, .report = report, .mime = mime};
    parse_text(&reader, text);
}
