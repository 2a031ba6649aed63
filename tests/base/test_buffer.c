/* SPDX-License-Identifier: MIT */
/* test_buffer.c - a block filled at its end and used up from its start. */
#include "support/unit.h"

#include "base/buffer.h"

static void put(struct buffer *buf, const char *text)
{
    size_t len = strlen(text);

    assert_true(len <= buf_room(buf));
    memcpy(buf->data + buf->end, text, len);
    buf_commit(buf, len);
}

static void assert_buffer(const struct buffer *buf, const char *content, size_t room)
{
    assert_true(slice_equal(buf_content(buf), slice_from_string(content)));
    assert_int_equal(buf_length(buf), strlen(content));
    assert_int_equal(buf_room(buf), room);
}

static void content_is_what_was_committed_and_not_consumed(void **state)
{
    char block[8];
    struct buffer buf = {.data = block, .capacity = sizeof(block)};

    assert_buffer(&buf, "", 8);
    put(&buf, "abcde");
    assert_buffer(&buf, "abcde", 3);
    buf_consume(&buf, 2);
    assert_buffer(&buf, "cde", 3);
    put(&buf, "fgh");
    assert_buffer(&buf, "cdefgh", 0);
}

static void an_emptied_buffer_starts_over(void **state)
{
    char block[4];
    struct buffer buf = {.data = block, .capacity = sizeof(block)};

    put(&buf, "abcd");
    buf_consume(&buf, 3);
    assert_buffer(&buf, "d", 0);
    buf_consume(&buf, 0);
    assert_buffer(&buf, "d", 0);
    buf_consume(&buf, 1);
    assert_buffer(&buf, "", 4);
}

static void compacting_makes_room_and_keeps_content(void **state)
{
    char block[6];
    struct buffer buf = {.data = block, .capacity = sizeof(block)};

    put(&buf, "abcdef");
    buf_compact(&buf);
    assert_buffer(&buf, "abcdef", 0);
    buf_consume(&buf, 2); /* what moves overlaps with where it goes */
    buf_compact(&buf);
    assert_buffer(&buf, "cdef", 2);
    assert_ptr_equal(buf_content(&buf).data, block);
}

static void a_buffer_without_storage_has_neither_content_nor_room(void **state)
{
    struct buffer buf = {.data = NULL};

    buf_compact(&buf);
    buf_consume(&buf, 0);
    assert_int_equal(buf_length(&buf), 0);
    assert_int_equal(buf_room(&buf), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content_is_what_was_committed_and_not_consumed),
        cmocka_unit_test(an_emptied_buffer_starts_over),
        cmocka_unit_test(compacting_makes_room_and_keeps_content),
        cmocka_unit_test(a_buffer_without_storage_has_neither_content_nor_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
