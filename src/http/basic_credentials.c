/* SPDX-License-Identifier: MIT */
/* basic_credentials.c - a scheme, spaces, and base64 (RFC 4648 section 4) of "user:password". */
#include "http/basic_credentials.h"

/* The value of a digit, or -1. */
static int digit_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (ascii_is_digit(c))
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

/* A last group may lack its padding, as some clients send it; but nothing stands behind padding. */
static struct slice without_padding(struct slice text)
{
    for (int i = 0; i < 2 && text.len > 0 && text.data[text.len - 1] == '='; i++)
        text.len--;
    return text;
}

/* The number of bytes, or -1. */
static ptrdiff_t decode(struct slice text, char *out, size_t size)
{
    unsigned bits = 0, value = 0;
    size_t len = 0;

    text = without_padding(text);
    if (text.len % 4 == 1)
        return -1;
    for (size_t i = 0; i < text.len; i++) {
        int digit = digit_value(text.data[i]);

        if (digit < 0)
            return -1;
        value = (value << 6 | (unsigned)digit) & 0xffff;
        bits += 6;
        if (bits < 8)
            continue;
        if (len == size)
            return -1;
        bits -= 8;
        out[len++] = (char)(value >> bits & 0xff);
    }
    return (ptrdiff_t)len;
}

bool basic_credentials_read(struct slice authorization, struct basic_credentials *credentials)
{
    static const char scheme[] = "Basic";
    const size_t scheme_len = sizeof(scheme) - 1;
    struct slice text = authorization;
    ptrdiff_t len, colon;

    if (text.len <= scheme_len || text.data[scheme_len] != ' ' ||
        !slice_equal_nocase(slice_of(text.data, scheme_len), slice_of(scheme, scheme_len)))
        return false;
    text = slice_trim(slice_from(text, scheme_len));
    len = decode(text, credentials->space, BASIC_CREDENTIALS_MAX);
    if (len < 0)
        return false;
    credentials->space[len] = '\0';
    text = slice_of(credentials->space, (size_t)len);
    colon = slice_find(text, ':');
    if (colon < 0 || slice_has_control(text))
        return false;
    credentials->user = slice_of(text.data, (size_t)colon);
    credentials->password = slice_from(text, (size_t)colon + 1);
    return true;
}

void basic_credentials_wipe(struct basic_credentials *credentials)
{
    explicit_bzero(credentials, sizeof(*credentials));
}
