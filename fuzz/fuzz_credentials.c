/* SPDX-License-Identifier: MIT */
/* fuzz_credentials.c - the value of an Authorization field: what is read is what was encoded. */

#include "http/basic_credentials.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_true)
{
    if (!is_true)
        abort();
}

/* base64 without padding. */
static size_t encode(struct slice bytes, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t len = 0;

    for (size_t bit = 0; bit < 8 * bytes.len; bit += 6) {
        unsigned value = (unsigned)(unsigned char)bytes.data[bit / 8] << 8;

        if (bit / 8 + 1 < bytes.len)
            value |= (unsigned char)bytes.data[bit / 8 + 1];
        out[len++] = digits[value >> (10 - bit % 8) & 63];
    }
    return len;
}

static void check_read(struct slice field, const struct basic_credentials *credentials)
{
    struct slice all = slice_of(credentials->user.data,
                                credentials->user.len + 1 + credentials->password.len);
    char encoded[2 * BASIC_CREDENTIALS_MAX];
    size_t len = encode(all, encoded);
    struct slice text = slice_trim(slice_from(field, 5));

    check(all.len <= BASIC_CREDENTIALS_MAX && slice_find(credentials->user, ':') < 0);
    check(all.data[credentials->user.len] == ':' && all.data[all.len] == '\0');
    check(strlen(all.data) == all.len);
    while (text.len > 0 && text.data[text.len - 1] == '=')
        text.len--;
    /* The last digit may have bits that stand for nothing. */
    check(text.len == len && memcmp(text.data, encoded, len - 1) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice field = slice_of((const char *)data, size);
    struct basic_credentials credentials;

    if (basic_credentials_read(field, &credentials))
        check_read(field, &credentials);
    return 0;
}
