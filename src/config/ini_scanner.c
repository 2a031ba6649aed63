/* SPDX-License-Identifier: MIT */
/* ini_scanner.c - one line at a time; each kind of line has its function. */

#include "config/ini_scanner.h"

#include "base/macros.h"
#include "base/utf8.h"
#include "config/foreign_key.h"

#include <stdarg.h>
#include <stdio.h>

struct scanner {
    const struct ini_sink *sink;
    struct slice section; /* NULL data before the first */
    struct slice text;    /* of the line, for columns */
    unsigned line;
};

#define PROBLEM_MAX 512
/* A name or value inside a problem's text. */
#define SHOWN(s) (int)MIN((s).len, (size_t)80), (s).data

static unsigned column_of(const struct scanner *s, const char *at)
{
    return (unsigned)(at - s->text.data) + 1;
}

static void problem(const struct scanner *s, bool is_error, const char *at, const char *format, ...)
    PRINTF_LIKE(4, 5);

static void problem(const struct scanner *s, bool is_error, const char *at, const char *format, ...)
{
    char text[PROBLEM_MAX];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args); /* a long one is cut, which is fine */
    va_end(args);
    s->sink->problem(s->sink->context, is_error, s->line, column_of(s, at), text);
}

/* Whether the bytes of the line are text; false after a report. */
static bool check_bytes(const struct scanner *s)
{
    if (s->text.len > INI_LINE_MAX) {
        problem(s, true, s->text.data, "the line has %zu bytes, the limit is %d", s->text.len,
                INI_LINE_MAX);
        return false;
    }
    for (size_t i = 0; i < s->text.len; i++) {
        unsigned char c = (unsigned char)s->text.data[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            problem(s, true, s->text.data + i, "%s (0x%02x) in the line",
                    c == 0 ? "NUL byte" : "control byte", c);
            return false;
        }
    }
    size_t valid = utf8_valid_length(s->text);
    if (valid < s->text.len) {
        problem(s, true, s->text.data + valid,
                "byte 0x%02x is not UTF-8; save the file in that encoding",
                (unsigned char)s->text.data[valid]);
        return false;
    }
    return true;
}

static bool check_name(const struct scanner *s, struct slice name, const char *what)
{
    if (name.len > INI_NAME_MAX) {
        problem(s, true, name.data, "the name of the %s has %zu bytes, the limit is %d", what,
                name.len, INI_NAME_MAX);
        return false;
    }
    ptrdiff_t colon = slice_find(name, ':');
    if (colon >= 0) {
        /* iniparser joins section and key with one: "[a:b] c" would equal "[a] b:c". */
        problem(s, true, name.data + colon, "\":\" in the name of a %s", what);
        return false;
    }
    return true;
}

static bool is_comment_or_empty(struct slice text)
{
    return text.len == 0 || text.data[0] == ';' || text.data[0] == '#';
}

static void scan_section(struct scanner *s, struct slice line)
{
    s->section = SLICE_LITERAL(""); /* a broken header must not leave its keys in the one before */
    ptrdiff_t end = slice_find(line, ']');
    if (end < 0) {
        problem(s, true, line.data, "\"[\" without \"]\"");
        return;
    }
    struct slice behind = slice_trim(slice_from(line, (size_t)end + 1));
    if (!is_comment_or_empty(behind)) {
        problem(s, true, behind.data, "text after \"]\": \"%.*s\"", SHOWN(behind));
        return;
    }
    struct slice name = slice_trim(slice_of(line.data + 1, (size_t)end - 1));
    if (name.len == 0) {
        problem(s, true, line.data, "section without a name");
        return;
    }
    if (!check_name(s, name, "section"))
        return;
    s->section = name;
    s->sink->section(s->sink->context, name, s->line, column_of(s, line.data));
}

/* @raw starts with a quote. Fills the values; false after a report. */
static bool scan_quoted(const struct scanner *s, struct slice raw, struct ini_pair *pair)
{
    char quote = raw.data[0];
    struct slice rest = slice_from(raw, 1);
    ptrdiff_t end = slice_find(rest, quote);
    if (end < 0) {
        problem(s, true, raw.data, "the quote %c is not closed", quote);
        return false;
    }
    struct slice value = slice_of(rest.data, (size_t)end);
    ptrdiff_t backslash = slice_find(value, '\\');
    if (backslash >= 0) {
        /* 4.1 keeps it, 4.2 takes it for an escape. */
        problem(s, true, value.data + backslash, "\"\\\" inside quotes: there are no escapes");
        return false;
    }
    struct slice behind = slice_trim(slice_from(rest, (size_t)end + 1));
    if (!is_comment_or_empty(behind)) {
        problem(s, true, behind.data, "text after the closing quote: \"%.*s\"", SHOWN(behind));
        return false;
    }
    pair->value = value;
    pair->raw_value = slice_of(raw.data, value.len + 2);
    return true;
}

/* "#336699" and ";q=1", but not "# nothing here". */
static bool looks_meant(struct slice raw)
{
    return raw.len > 1 && !strchr(" \t;#-=", raw.data[1]);
}

static bool scan_unquoted(const struct scanner *s, struct slice raw, struct ini_pair *pair)
{
    size_t end = 0;
    while (end < raw.len && raw.data[end] != ';' && raw.data[end] != '#')
        end++;
    struct slice value = slice_trim(slice_of(raw.data, end));
    if (end + 1 == raw.len && end > 0 && raw.data[end] == ';')
        problem(s, false, raw.data + end, "\";\" starts a comment: a line needs none at its end");
    else if (end < raw.len && end > 0 && value.len == end)
        problem(s, false, raw.data + end,
                "\"%c\" starts a comment, the value is only \"%.*s\": put it in quotes to keep all",
                raw.data[end], SHOWN(value));
    else if (end == 0 && looks_meant(raw))
        problem(s, false, raw.data,
                "\"%c\" starts a comment, so there is no value: put it in quotes to keep all",
                raw.data[0]);
    if (value.len > 0 && value.data[value.len - 1] == '\\') {
        problem(s, true, value.data + value.len - 1, "a line cannot be continued with \"\\\"");
        return false;
    }
    pair->value = pair->raw_value = value;
    return true;
}

/* "server {" and "}". False: there is none of them. */
static bool report_brace(const struct scanner *s, struct slice line)
{
    if (line.data[0] == '}')
        problem(s, true, line.data, "\"}\": a section ends where the next one begins");
    else if (line.data[line.len - 1] == '{')
        problem(s, true, line.data + line.len - 1,
                "\"{\": a section is a line such as [server], [host NAME] or [location NAME]");
    else
        return false;
    return true;
}

/* "root /srv" and "root: /srv" are what people write who come from other servers. */
static void report_no_equals(const struct scanner *s, struct slice line, struct slice *ret_key)
{
    size_t len = 0;
    while (len < line.len && line.data[len] != ' ' && line.data[len] != '\t' &&
           line.data[len] != ':')
        len++;
    struct slice word = slice_of(line.data, len);
    struct slice rest = slice_trim(slice_from(line, MIN(len + 1, line.len)));
    const char *remedy = foreign_key_remedy(word);
    *ret_key = word;
    if (report_brace(s, line))
        return;
    if (rest.len > 0 && rest.data[rest.len - 1] == ';')
        rest.len--;
    if (remedy)
        problem(s, true, line.data + len, "\"=\" is missing after \"%.*s\", and %s", SHOWN(word),
                remedy);
    else if (rest.len > 0)
        problem(s, true, line.data + len, "\"=\" is missing after \"%.*s\": write %.*s = %.*s",
                SHOWN(word), SHOWN(word), SHOWN(rest));
    else
        problem(s, true, line.data + len, "\"=\" is missing after \"%.*s\"", SHOWN(word));
}

static void scan_pair(const struct scanner *s, struct slice line, bool is_text)
{
    struct ini_pair pair = {.section = s->section, .line = s->line};
    bool usable = is_text;
    ptrdiff_t equals = slice_find(line, '=');
    struct slice raw = {.data = NULL};
    if (equals < 0) {
        if (is_text)
            report_no_equals(s, line, &pair.key);
        usable = false;
    } else {
        pair.key = slice_trim(slice_of(line.data, (size_t)equals));
        raw = slice_trim(slice_from(line, (size_t)equals + 1));
    }

    if (usable && pair.key.len == 0) {
        problem(s, true, line.data, "no key before \"=\"");
        return;
    }
    if (usable && !s->section.data) {
        problem(s, true, line.data, "\"%.*s\" stands outside of a section: put [server] above it",
                SHOWN(pair.key));
        return;
    }
    if (usable && !check_name(s, pair.key, "key"))
        return;
    if (usable) {
        bool is_quoted = raw.len > 0 && (raw.data[0] == '"' || raw.data[0] == '\'');
        usable = is_quoted ? scan_quoted(s, raw, &pair) : scan_unquoted(s, raw, &pair);
        pair.value_column = usable && raw.len > 0 ? column_of(s, pair.value.data) : 0;
    }
    if (s->section.len == 0 || pair.key.len == 0)
        return; /* below a broken header: one mistake, one message */
    if (!usable)
        pair.value = pair.raw_value = slice_of(NULL, 0);
    pair.key_column = column_of(s, pair.key.data);
    s->sink->pair(s->sink->context, &pair);
}

static void scan_line(struct scanner *s, struct slice line)
{
    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    s->text = line;
    struct slice trimmed = slice_trim(line);
    if (is_comment_or_empty(trimmed) && slice_find(line, '\0') < 0)
        return; /* iniparser never sees it: its bytes, length and last "\" do not matter */

    bool is_text = check_bytes(s);
    if (trimmed.len > 0 && trimmed.data[0] == '[') {
        if (is_text)
            scan_section(s, trimmed);
        else
            s->section = SLICE_LITERAL("");
    } else if (!is_comment_or_empty(trimmed)) {
        scan_pair(s, trimmed, is_text);
    }
}

static bool is_utf16(struct slice text)
{
    return slice_starts_with(text, SLICE_LITERAL("\xff\xfe")) ||
           slice_starts_with(text, SLICE_LITERAL("\xfe\xff"));
}

void ini_scan(struct slice text, const struct ini_sink *sink)
{
    struct scanner s = {.sink = sink, .line = 1, .text = text};
    if (is_utf16(text)) {
        problem(&s, true, text.data, "the file is UTF-16: save it as UTF-8");
        return;
    }
    if (slice_starts_with(text, SLICE_LITERAL("\xef\xbb\xbf")))
        text = slice_from(text, 3);

    struct slice rest = text, line;
    for (; slice_next(&rest, '\n', &line); s.line++)
        scan_line(&s, line);
}
