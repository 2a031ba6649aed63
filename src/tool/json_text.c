/* SPDX-License-Identifier: MIT */
/* json_text.c - strings in pieces of valid UTF-8. */

#include "tool/json_text.h"

#include "base/utf8.h"
#include "base/writer.h"

/* Bytes that are escaped at a time. */
#define PIECE 128

/* Without the quotes. */
static void write_piece(struct slice text, FILE *out)
{
    char block[6 * PIECE + 2];
    struct writer w = writer_on(block, sizeof(block));
    writer_json_string(&w, text);
    (void)fwrite(block + 1, 1, w.len - 2, out); /* errors stay in the stream */
}

void json_string(struct slice text, FILE *out)
{
    if (!text.data) {
        fputs("null", out);
        return;
    }
    fputc('"', out);
    while (text.len > 0) {
        size_t valid = utf8_valid_length(text);
        for (struct slice rest = slice_of(text.data, valid); rest.len > 0;) {
            size_t len = MIN(rest.len, (size_t)PIECE);
            write_piece(slice_of(rest.data, len), out);
            rest = slice_from(rest, len);
        }
        if (valid < text.len)
            fputc('?', out);
        text = slice_from(text, MIN(valid + 1, text.len));
    }
    fputc('"', out);
}

void json_member(const char *name, struct slice text, bool is_first, FILE *out)
{
    fprintf(out, "%s\"%s\": ", is_first ? "" : ", ", name);
    json_string(text, out);
}
