/* SPDX-License-Identifier: MIT */
/* test_byte_block.c - every byte at every place, beside what the words in the header say. Built a
 * second time without SSE2. */
#include "support/unit.h"

#include "base/macros.h"
#include "http/byte_block.h"

#include <stdbool.h>
#include <string.h>

static bool is_letter_or_digit(int c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_text(int c)
{
    return c >= ' ' && c <= '~';
}

static bool is_name(int c)
{
    return is_letter_or_digit(c) || c == '-';
}

static bool is_host(int c)
{
    return is_letter_or_digit(c) || c == '-' || c == '.';
}

static bool is_path(int c)
{
    return is_letter_or_digit(c) || c == '-' || c == '.' || c == '/' || c == '_';
}

static void each_byte_is_told_at_each_place(void **state)
{
    static const struct {
        const char *name;
        unsigned (*measure)(const char *);
        bool (*is_of_kind)(int c);
    } kinds[] = {
        {"text", block_not_text, is_text},
        {"name", block_not_name, is_name},
        {"host", block_not_host, is_host},
        {"path", block_not_path, is_path},
    };
    char block[BLOCK_SIZE + 1];

    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        for (int c = 0; c < 256; c++) {
            for (unsigned at = 0; at < BLOCK_SIZE; at++) {
                unsigned expected = kinds[i].is_of_kind(c) ? 0 : BIT(at);

                memset(block, 'a', sizeof(block));
                block[at + 1] = (char)c; /* not aligned */
                if (kinds[i].measure(block + 1) != expected)
                    fail_msg("%s: byte %d at %u", kinds[i].name, c, at);
            }
        }
    }
}

static void a_single_character_is_found_wherever_it_stands(void **state)
{
    const char *block = "/a./..//b.cde./.";

    assert_int_equal(block_of(block, '/'), BIT(0) | BIT(3) | BIT(6) | BIT(7) | BIT(14));
    assert_int_equal(block_of(block, '.'), BIT(2) | BIT(4) | BIT(5) | BIT(9) | BIT(13) | BIT(15));
    assert_int_equal(block_of(block, 'x'), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_byte_is_told_at_each_place),
        cmocka_unit_test(a_single_character_is_found_wherever_it_stands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
