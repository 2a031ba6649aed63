/* SPDX-License-Identifier: MIT */
/* directive_text.c - a directive's type and range in words. */

#include "config/directive_text.h"

#include "base/log.h"
#include "base/macros.h"
#include "base/number.h"
#include "base/writer.h"

#include <assert.h>

static_assert(DIRECTIVE_TEXT_SIZE >= NUMBER_TEXT_SIZE + 2, "a number must fit");

const char *directive_type_name(enum directive_type type)
{
    static const char *const names[] = {
        [CFG_BOOL] = "boolean",
        [CFG_COUNT] = "number",
        [CFG_SIZE] = "size",
        [CFG_DURATION] = "duration",
        [CFG_CHOICE] = "choice",
        [CFG_INCLUDES] = "files",
        [CFG_NAMES] = "names",
        [CFG_ADDRESSES] = "addresses",
        [CFG_NETWORKS] = "networks",
        [CFG_HOST_NAMES] = "names",
        [CFG_LABEL] = "name",
        [CFG_PREFIX] = "path",
        [CFG_GLOBS] = "patterns",
        [CFG_ORIGINS] = "origins",
        [CFG_REDIRECT] = "redirect",
        [CFG_SITE_FILE] = "path",
        [CFG_USER] = "user",
        [CFG_GROUP] = "group",
        [CFG_TOKEN] = "token",
        [CFG_MEDIA_TYPE] = "media-type",
        [CFG_MEDIA_TYPES] = "media-types",
        [CFG_DIRECTORY] = "directory",
        [CFG_FILE] = "file",
        [CFG_LOG] = "log",
        [CFG_LOG_LEVEL] = "level",
        [CFG_MODULE_LEVELS] = "level",
        [CFG_CACHE_CONTROL] = "text",
        [CFG_TEXT] = "text",
        [CFG_ERROR_PAGES] = "file",
        [CFG_HEADERS] = "text",
        [CFG_SET_HEADERS] = "text",
        [CFG_FIELD_NAMES] = "names",
        [CFG_FORWARD_HOST] = "host",
        [CFG_AUTHORITY] = "host",
        [CFG_SERVERS] = "servers",
        [CFG_SERVER] = "server",
        [CFG_WORDS] = "words",
        [CFG_HASH_KEY] = "key",
        [CFG_TARGET] = "path",
        [CFG_STATUS_RANGE] = "range",
    };
    static_assert(COUNT_OF(names) == CFG_STATUS_RANGE + 1, "a name for each type");
    return names[type];
}

void directive_number(enum directive_type type, uint64_t value, char out[DIRECTIVE_TEXT_SIZE])
{
    if (type == CFG_SIZE)
        number_format_size(out, value);
    else if (type == CFG_DURATION)
        number_format_duration(out, value);
    else
        out[number_format(out, value)] = '\0';
}

static void write_range(struct writer *w, const struct directive *row)
{
    char number[DIRECTIVE_TEXT_SIZE];
    directive_number(row->type, row->min, number);
    writer_string(w, number);
    writer_literal(w, " to ");
    directive_number(row->type, row->max, number);
    writer_string(w, number);
}

static void write_levels(struct writer *w)
{
    for (unsigned level = 0; level < LOG_LEVEL_COUNT; level++) {
        if (level > 0)
            writer_string(w, level + 1 < LOG_LEVEL_COUNT ? ", " : " or ");
        writer_string(w, log_level_name((enum log_level)level));
    }
}

/* What the type takes besides the row's words; NULL: only those. */
static const char *type_grammar(enum directive_type type)
{
    switch (type) {
    case CFG_BOOL: return "on or off";
    case CFG_INCLUDES: return "files such as conf.d/*.conf";
    case CFG_NAMES: return "file names without \"/\"";
    case CFG_ADDRESSES: return "HOST:PORT, [IPV6]:PORT, *:PORT or PORT, and proxy_protocol";
    case CFG_NETWORKS: return "networks such as 10.0.0.0/8, fd00::/8 or 192.0.2.1";
    case CFG_HOST_NAMES: return "names such as example.com, *.example.com or default";
    case CFG_LABEL: return "the name of a section";
    case CFG_PREFIX: return "a path from the root of the site such as /api/";
    case CFG_GLOBS: return "patterns such as *.css or /img/**";
    case CFG_REDIRECT: return "301, 302, 307 or 308 and a target such as /new/$tail";
    case CFG_SITE_FILE: return "a path from the root of the site such as /index.html";
    case CFG_USER: return "a user";
    case CFG_GROUP: return "a group";
    case CFG_TOKEN: return "a name";
    case CFG_MEDIA_TYPE: return "a type such as text/html";
    case CFG_MEDIA_TYPES: return "types such as text/html or text/*";
    case CFG_DIRECTORY: return "a directory";
    case CFG_ORIGINS: return "*, or origins such as https://example.org";
    case CFG_CACHE_CONTROL: return "the value of the field";
    case CFG_TEXT: return "a text of printable ASCII characters";
    case CFG_HEADERS:
    case CFG_SET_HEADERS: return "the value of the field, or nothing";
    case CFG_FIELD_NAMES: return "names of header fields";
    case CFG_FORWARD_HOST:
    case CFG_AUTHORITY: return "a host such as app.example.com:8080";
    case CFG_SERVERS: return "servers such as 10.0.0.1:8080 weight=2, unix:/run/app.sock backup";
    case CFG_SERVER: return "a server such as 10.0.0.1:8080 weight=2";
    case CFG_HASH_KEY: return "uri, client, cookie:NAME or header:NAME";
    case CFG_TARGET: return "a path such as /health";
    case CFG_STATUS_RANGE: return "a status such as 200, or a range such as 200-399";
    case CFG_FILE:
    case CFG_LOG:
    case CFG_ERROR_PAGES: return "a file";
    case CFG_COUNT:
    case CFG_SIZE:
    case CFG_DURATION:
    case CFG_CHOICE:
    case CFG_WORDS:
    case CFG_LOG_LEVEL:
    case CFG_MODULE_LEVELS: break;
    }
    return NULL;
}

/* "off, or some of connect, reset and timeout". */
static void write_some_of(struct writer *w, const struct directive_word *words)
{
    assert(words); /* every set has some */
    writer_string(w, words[0].word);
    writer_literal(w, ", or some of ");
    for (const struct directive_word *word = words + 1; word->word; word++) {
        if (word > words + 1)
            writer_string(w, word[1].word ? ", " : " and ");
        writer_string(w, word->word);
    }
}

static bool is_number(enum directive_type type)
{
    return type == CFG_COUNT || type == CFG_SIZE || type == CFG_DURATION;
}

void directive_expected(const struct directive *row, char out[DIRECTIVE_TEXT_SIZE])
{
    struct writer w = writer_on(out, DIRECTIVE_TEXT_SIZE - 1);
    const char *grammar = type_grammar(row->type);
    bool has_more = grammar || is_number(row->type), is_set = row->type == CFG_WORDS;

    for (const struct directive_word *word = is_set ? NULL : row->words; word && word->word;
         word++) {
        bool is_last = !word[1].word && !has_more;
        if (word > row->words)
            writer_string(&w, is_last ? " or " : ", ");
        writer_string(&w, word->word);
    }
    if (row->words && has_more)
        writer_literal(&w, " or ");
    if (is_set)
        write_some_of(&w, row->words);
    else if (is_number(row->type))
        write_range(&w, row);
    else if (grammar)
        writer_string(&w, grammar);
    else if (row->type != CFG_CHOICE)
        write_levels(&w);
    out[w.len] = '\0';
}
