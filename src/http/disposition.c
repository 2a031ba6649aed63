/* SPDX-License-Identifier: MIT */
/* disposition.c - Content-Disposition: attachment. */
#include "http/disposition.h"

#include "http/char_class.h"
#include "http/path_glob.h"

static bool is_attachment(const struct site_config *site, struct slice path)
{
    for (size_t i = 0; i < site->attachment.count; i++) {
        struct path_glob glob;

        if (path_glob_compile(&glob, slice_from_string(site->attachment.items[i])) &&
            path_glob_matches(&glob, path))
            return true;
    }
    return false;
}

/* Of a quoted string that every client reads alike: some decode "%41", and backslashes differ. */
static bool is_plain(char c)
{
    return c >= 0x20 && c <= 0x7e && c != '"' && c != '\\' && c != '%';
}

/* attr-char of RFC 8187 section 3.2.1: a token's bytes, but for "*", "'" and "%". */
static bool is_attribute_char(char c)
{
    return char_is(c, CHAR_TOKEN) && c != '*' && c != '\'' && c != '%';
}

static void write_extended(struct writer *w, struct slice name)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < name.len; i++) {
        unsigned char byte = (unsigned char)name.data[i];

        if (is_attribute_char(name.data[i])) {
            writer_char(w, name.data[i]);
            continue;
        }
        writer_char(w, '%');
        writer_char(w, digits[byte >> 4]);
        writer_char(w, digits[byte & 15]);
    }
}

void disposition_write(struct writer *w, const struct site_config *site, struct slice path)
{
    struct slice name = slice_from(path, (size_t)(slice_find_last(path, '/') + 1));
    bool is_all_plain = true;

    if (!is_attachment(site, path))
        return;
    writer_literal(w, "Content-Disposition: attachment; filename=\"");
    for (size_t i = 0; i < name.len; i++) {
        is_all_plain = is_all_plain && is_plain(name.data[i]);
        writer_char(w, is_plain(name.data[i]) ? name.data[i] : '_');
    }
    writer_char(w, '"');
    if (!is_all_plain) {
        writer_literal(w, "; filename*=UTF-8''");
        write_extended(w, name);
    }
    writer_literal(w, "\r\n");
}
