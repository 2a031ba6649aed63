/* SPDX-License-Identifier: MIT */
/* test_entry.c - what is written is read back, and what is not whole is nothing. */
#include "support/unit.h"

#include "cache/entry.h"

#include <errno.h>

#define CONTENT "hello, world"
#define FILE_SIZE 512

static const struct cache_entry sample = {
    .kind = ENTRY_REPLY,
    .status = 200,
    .variation = 0x123456789abcdef0U,
    .content_length = sizeof(CONTENT) - 1,
    .freshness = {.stored_at = 1000000000, .age = 1, .lifetime = 2, .swr = 3, .sie = 4},
    .last_modified = -1,
    .key = {"http://a.org/b?c", 16},
    .choice = {"accept:x\n", 9},
    .etag = {"\"e\"", 3},
    .lines = {"Content-Type: text/plain\r\nETag: \"e\"\r\n", 37},
};

struct file {
    char bytes[FILE_SIZE];
    struct writer writer;
};

static void write_file(struct file *file, const struct cache_entry *entry)
{
    file->writer = writer_on(file->bytes, sizeof(file->bytes));
    entry_write_front(entry, &file->writer);
    assert_int_equal(file->writer.len, entry_front_size(entry));
    writer_literal(&file->writer, CONTENT);
    assert_false(file->writer.overflow);
    entry_write_head(entry, file->bytes);
}

static int parse(const struct file *file, struct cache_entry *entry)
{
    return entry_parse(writer_content(&file->writer), file->writer.len, entry);
}

static void what_is_written_is_read_back(void **state)
{
    struct file file;
    struct cache_entry got;

    write_file(&file, &sample);
    assert_int_equal(entry_front_needed(slice_of(file.bytes, ENTRY_HEAD_SIZE)),
                     entry_front_size(&sample));
    assert_int_equal(parse(&file, &got), 0);
    assert_int_equal(got.kind, ENTRY_REPLY);
    assert_int_equal(got.status, 200);
    assert_true(got.variation == sample.variation);
    assert_int_equal(got.content_length, sample.content_length);
    assert_memory_equal(&got.freshness, &sample.freshness, sizeof(got.freshness));
    assert_int_equal(got.last_modified, -1);
    assert_true(slice_equal(got.key, sample.key));
    assert_true(slice_equal(got.choice, sample.choice));
    assert_true(slice_equal(got.etag, sample.etag));
    assert_true(slice_equal(got.lines, sample.lines));
}

static void a_file_without_its_head_is_nothing(void **state)
{
    struct file file;
    struct cache_entry got;

    write_file(&file, &sample);
    memset(file.bytes, 0, ENTRY_HEAD_SIZE);
    assert_int_equal(parse(&file, &got), -EBADMSG);
}

static void a_file_of_another_length_is_nothing(void **state)
{
    struct file file;
    struct cache_entry got;

    write_file(&file, &sample);
    for (size_t len = 0; len < sizeof(file.bytes); len++) {
        size_t front = len < file.writer.len ? len : file.writer.len;
        int expected = len == file.writer.len ? 0 : -EBADMSG;

        assert_int_equal(entry_parse(slice_of(file.bytes, front), len, &got), expected);
    }
}

static void each_changed_bit_of_head_and_texts_is_seen(void **state)
{
    struct file file;
    struct cache_entry got;

    write_file(&file, &sample);
    for (size_t i = 0; i < 8 * entry_front_size(&sample); i++) {
        file.bytes[i / 8] ^= (char)BIT(i % 8);
        assert_int_equal(parse(&file, &got), -EBADMSG);
        file.bytes[i / 8] ^= (char)BIT(i % 8);
    }
    assert_int_equal(parse(&file, &got), 0);
}

static void numbers_that_cannot_be_are_refused_though_the_checksum_is_right(void **state)
{
    struct cache_entry wrong[6], got;
    struct file file;

    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        wrong[i] = sample;
    wrong[0].kind = (enum entry_kind)3;
    wrong[1].status = 100;
    wrong[2].status = 600;
    wrong[3].freshness.lifetime = DELTA_SECONDS_MAX + 1;
    wrong[4].freshness.stored_at = -1;
    wrong[5].content_length++;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        write_file(&file, &wrong[i]);
        assert_int_equal(parse(&file, &got), -EBADMSG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(a_file_without_its_head_is_nothing),
        cmocka_unit_test(a_file_of_another_length_is_nothing),
        cmocka_unit_test(each_changed_bit_of_head_and_texts_is_seen),
        cmocka_unit_test(numbers_that_cannot_be_are_refused_though_the_checksum_is_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
