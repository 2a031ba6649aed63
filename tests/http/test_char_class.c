/* SPDX-License-Identifier: MIT */
/* test_char_class.c - the table says what the grammar says. */
#include "support/unit.h"

#include "http/char_class.h"

#include <string.h>

static const char alphanumeric[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

static bool is_in(const char *set, unsigned byte)
{
    return byte != 0 && byte < 0x80 && strchr(set, (int)byte) != NULL;
}

static unsigned expected_class(unsigned byte)
{
    bool is_alphanumeric = is_in(alphanumeric, byte);
    unsigned expected = 0;

    if (is_alphanumeric || is_in("!#$%&'*+-.^_`|~", byte))
        expected |= CHAR_TOKEN;
    if (is_alphanumeric || is_in("-._~!$&'()*+,;=%", byte))
        expected |= CHAR_HOST;
    if (byte > 0x20 && byte != 0x7f && !is_in("#\"<>\\?", byte))
        expected |= CHAR_PATH;
    if (byte >= 0x80)
        expected |= CHAR_HIGH;
    if (byte == '/')
        expected |= CHAR_SLASH;
    if (byte == '.')
        expected |= CHAR_DOT;
    if (byte == '%')
        expected |= CHAR_PERCENT;
    return expected;
}

static void every_byte_has_the_classes_of_the_grammar(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++)
        assert_int_equal(char_class((char)byte), expected_class(byte));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_has_the_classes_of_the_grammar),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
