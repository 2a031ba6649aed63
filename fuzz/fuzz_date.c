/* SPDX-License-Identifier: MIT */
/* fuzz_date.c - any bytes as a date: what is read is written and read again as the same second. */

#include "http/http_date.h"

#include <stdint.h>
#include <stdlib.h>

#define NOW 1795515342 /* fixed, so that a crash can be repeated */
#define FIRST (-62167219200)
#define LAST 253402300799

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_true)
{
    if (!is_true)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[HTTP_DATE_SIZE];
    time_t seconds = 0;
    time_t again;

    if (http_date_parse(slice_of((const char *)data, size), NOW, &seconds) != 0) {
        check(seconds == 0);
        return 0;
    }
    check(seconds >= FIRST && seconds <= LAST);
    if (seconds >= 0) {
        http_date_format(text, seconds);
        check(http_date_parse(slice_of(text, sizeof(text)), NOW, &again) == 0);
        check(again == seconds);
    }
    return 0;
}
