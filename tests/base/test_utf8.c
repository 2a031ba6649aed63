/* SPDX-License-Identifier: MIT */
/* test_utf8.c - what is UTF-8 and what is not. */
#include "support/unit.h"

#include "base/macros.h"
#include "base/utf8.h"

static void well_formed_text_is_valid_to_its_end(void **state)
{
    static const char *const texts[] = {
        "",
        "ascii\x7f",
        "\xc2\x80\xdf\xbf",
        "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf",
        "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
        "中文 測試 🦀",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_int_equal(utf8_valid_length(slice_from_string(texts[i])), strlen(texts[i]));
}

static void the_first_bad_byte_is_found(void **state)
{
    static const char *const texts[] = {
        "\x80",             /* a continuation alone */
        "\xc0\xae",         /* overlong "." */
        "\xc1\xbf",         /* overlong */
        "\xe0\x9f\xbf",     /* overlong */
        "\xed\xa0\x80",     /* a surrogate */
        "\xf0\x8f\xbf\xbf", /* overlong */
        "\xf4\x90\x80\x80", /* above U+10FFFF */
        "\xf5\x80\x80\x80",
        "\xff",
        "\xc2",         /* cut */
        "\xe4\xb8",     /* cut */
        "\xf0\x9f\xa6", /* cut */
        "\xe4\xb8x",
        "\xf0\x9f\xa6x",
        "\xc3(",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        char text[16] = "ok";
        strcat(text, texts[i]);
        if (utf8_valid_length(slice_from_string(text)) != 2)
            fail_msg("row %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed_text_is_valid_to_its_end),
        cmocka_unit_test(the_first_bad_byte_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
