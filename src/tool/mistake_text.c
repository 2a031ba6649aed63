/* SPDX-License-Identifier: MIT */
/* mistake_text.c - the message, the line, and a caret below the byte that is meant. */

#include "tool/mistake_text.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <unistd.h>

/* Of a longer line, a part around the place is shown. */
#define SHOWN_MAX 100
#define SHOWN_BEFORE 60

#define RED "\x1b[31m"
#define YELLOW "\x1b[33m"
#define PLAIN "\x1b[0m"

static bool continues_character(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* One column for each character; returns how many they were before @caret. */
static unsigned print_line(struct slice line, size_t caret, FILE *out)
{
    unsigned column = 0;
    for (size_t i = 0; i < line.len;) {
        struct slice rest = slice_from(line, i);
        size_t len = 1;
        while (len < rest.len && len < 4 && continues_character(rest.data[len]))
            len++;
        unsigned char first = (unsigned char)rest.data[0];
        bool is_text = utf8_valid_length(slice_of(rest.data, len)) == len;
        if (first == '\t')
            fputc(' ', out);
        else if (first < 0x20 || first == 0x7f || !is_text)
            fputc('?', out);
        else
            fprintf(out, "%.*s", (int)len, rest.data);
        if (!is_text)
            len = 1;
        if (i < caret)
            column++;
        i += len;
    }
    return column;
}

static void print_excerpt(const struct config_mistake *mistake, bool is_coloured, FILE *out)
{
    struct slice line = mistake->line;
    size_t caret = mistake->place.column > 0 ? mistake->place.column - 1 : 0;
    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    if (caret > line.len)
        caret = line.len;
    size_t start = caret > SHOWN_BEFORE && line.len > SHOWN_MAX ? caret - SHOWN_BEFORE : 0;
    while (start < caret && continues_character(line.data[start]))
        start++;
    size_t end = MIN(line.len, start + SHOWN_MAX);
    while (end < line.len && end > caret && continues_character(line.data[end]))
        end--;
    fprintf(out, "%5u | %s", mistake->place.line, start > 0 ? "..." : "");
    unsigned column = print_line(slice_of(line.data + start, end - start), caret - start, out);
    fprintf(out, "%s\n", end < line.len ? "..." : "");
    if (mistake->place.column > 0)
        fprintf(out, "      | %*s%s^%s\n", (int)(column + (start > 0 ? 3 : 0)), "",
                !is_coloured        ? ""
                : mistake->is_error ? RED
                                    : YELLOW,
                is_coloured ? PLAIN : "");
}

void mistake_print(const struct config_mistake *mistake, bool is_coloured, FILE *out)
{
    fprintf(out, "%s\n", mistake->text);
    if (mistake->line.data)
        print_excerpt(mistake, is_coloured, out);
}

bool mistake_wants_colour(int fd)
{
    const char *no = getenv("NO_COLOR");
    return isatty(fd) && !(no && no[0] != '\0');
}
