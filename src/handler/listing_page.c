/* SPDX-License-Identifier: MIT */
/* listing_page.c - names, sizes and dates, as every form of a listing writes them. */
#include "handler/listing_page.h"

#include "base/number.h"
#include "base/utf8.h"

#include <time.h>

#define YEAR_0 INT64_C(-62167219200)
#define YEAR_9999_END INT64_C(253402300799)

static bool is_control(unsigned char byte)
{
    return byte < 0x20 || byte == 0x7f;
}

/* U+2400 and the following in UTF-8; DEL has the one behind those of 0x00 to 0x20. */
static void write_picture(struct writer *w, unsigned char byte)
{
    const char picture[] = {'\xe2', '\x90', (char)(0x80 + (byte == 0x7f ? 0x21 : byte))};

    writer_append(w, picture, sizeof(picture));
}

static void write_utf8(struct writer *w, struct slice text)
{
    size_t start = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (!is_control((unsigned char)text.data[i]))
            continue;
        writer_slice(w, slice_of(text.data + start, i - start));
        write_picture(w, (unsigned char)text.data[i]);
        start = i + 1;
    }
    writer_slice(w, slice_from(text, start));
}

void listing_write_name(struct writer *w, struct slice name)
{
    for (;;) {
        size_t valid = utf8_valid_length(name);

        write_utf8(w, slice_of(name.data, valid));
        if (valid == name.len)
            return;
        writer_literal(w, "\\x");
        writer_hex(w, (unsigned char)name.data[valid]); /* 80 at least: two digits */
        name = slice_from(name, valid + 1);
    }
}

void listing_write_time(struct writer *w, int64_t seconds)
{
    char text[] = "0000-00-00T00:00:00Z";
    time_t time = (time_t)MAX(MIN(seconds, YEAR_9999_END), YEAR_0);
    struct tm tm;

    if (!gmtime_r(&time, &tm))
        return; /* cannot be: the year fits */
    number_format_padded(text, 4, (uint64_t)tm.tm_year + 1900);
    number_format_padded(text + 5, 2, (uint64_t)tm.tm_mon + 1);
    number_format_padded(text + 8, 2, (uint64_t)tm.tm_mday);
    number_format_padded(text + 11, 2, (uint64_t)tm.tm_hour);
    number_format_padded(text + 14, 2, (uint64_t)tm.tm_min);
    number_format_padded(text + 17, 2, (uint64_t)tm.tm_sec);
    writer_append(w, text, sizeof(text) - 1);
}
