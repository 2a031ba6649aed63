/* SPDX-License-Identifier: MIT */
/* fuzz_mime.c - a file of media types: whatever becomes a row can stand in a header field. */

#include "config/config_report.h"
#include "config/media_grammar.h"
#include "config/mime_file.h"
#include "config/mime_table.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_lower(const char *text)
{
    for (; *text; text++) {
        if (ascii_lower(*text) != *text)
            return false;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config_report report = {.messages = NULL};
    struct mime_config mime = {.rows = NULL};
    mime_file_parse("fuzz", slice_of((const char *)data, size), &report, &mime);
    for (size_t i = 0; i < mime.count; i++) {
        const struct mime_row *row = &mime.rows[i];
        if (!media_is_type(slice_from_string(row->type)) || !is_lower(row->type) ||
            !media_is_extension(slice_from_string(row->extension)) || !is_lower(row->extension))
            abort();
    }
    report_done(&report);
    mime_table_clear(&mime);
    return 0;
}
