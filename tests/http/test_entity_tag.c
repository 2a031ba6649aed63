/* SPDX-License-Identifier: MIT */
/* test_entity_tag.c - what the validators of a file are made of. */
#include "support/unit.h"

#include "file/content_hash.h"
#include "http/entity_tag.h"

#define NOW 1000000000
#define DAY 86400
#define EPOCH_1980 315532800

static char out[ENTITY_TAG_SIZE];

/* A file in memory; its bytes and itself are valid until the next call. */
static struct open_file *file_of(const char *content, time_t mtime)
{
    static struct open_file file;
    static char bytes[64];

    memset(bytes, 0, sizeof(bytes));
    (void)strcpy(bytes, content);
    file = (struct open_file){
        .fd = -1, .body = bytes, .size = strlen(content), .mtime = {.tv_sec = mtime}};
    return &file;
}

static struct slice tag(const char *content, time_t mtime, enum content_coding coding,
                        enum etag_kind kind)
{
    return entity_tag_write(out, file_of(content, mtime), coding, kind, 0);
}

static void assert_tag(struct slice got, const char *expected)
{
    if (!slice_equal(got, slice_from_string(expected)))
        fail_msg("%.*s instead of %s", SLICE_PRINTF(got), expected);
}

static void by_time_it_is_size_and_time(void **state)
{
    assert_tag(tag("abc", NOW, CODING_IDENTITY, ETAG_MTIME), "\"3-3b9aca00.0\"");
    assert_tag(tag("xyz", NOW, CODING_IDENTITY, ETAG_MTIME), "\"3-3b9aca00.0\"");
    assert_tag(tag("abcd", NOW, CODING_GZIP, ETAG_MTIME), "\"4-3b9aca00.0-gz\"");
    assert_tag(tag("abcd", NOW, CODING_ZSTD, ETAG_MTIME), "\"4-3b9aca00.0-zst\"");
    assert_tag(tag("abcd", NOW, CODING_BR, ETAG_MTIME), "\"4-3b9aca00.0-br\"");
}

static void by_hash_it_is_the_bytes_alone(void **state)
{
    char first[ENTITY_TAG_SIZE + 1] = "";
    struct slice got;

    if (!content_hash_is_available())
        skip();
    got = tag("abc", NOW, CODING_IDENTITY, ETAG_HASH);
    memcpy(first, got.data, got.len);
    assert_tag(tag("abc", NOW - DAY, CODING_IDENTITY, ETAG_HASH), first);
    assert_false(
        slice_equal(tag("abd", NOW, CODING_IDENTITY, ETAG_HASH), slice_from_string(first)));
    assert_true(slice_ends_with(tag("abc", NOW, CODING_BR, ETAG_HASH), SLICE_LITERAL("-br\"")));
}

static void a_time_that_says_nothing_is_not_used(void **state)
{
    static const time_t times[] = {-5, 0, 1, EPOCH_1980, EPOCH_1980 + DAY};

    for (size_t i = 0; i < COUNT_OF(times); i++) {
        struct slice got = tag("abc", times[i], CODING_IDENTITY, ETAG_MTIME);

        assert_int_equal(got.len > 0, content_hash_is_available());
        assert_int_equal(last_modified_of(file_of("abc", times[i]), NOW), -1);
    }
    assert_tag(tag("abc", EPOCH_1980 + DAY + 1, CODING_IDENTITY, ETAG_MTIME), "\"3-12cff781.0\"");
    assert_int_equal(last_modified_of(file_of("abc", EPOCH_1980 + DAY + 1), NOW),
                     EPOCH_1980 + DAY + 1);
}

static void what_is_too_large_for_a_hash_has_size_and_time_or_nothing(void **state)
{
    struct open_file *file = file_of("abc", NOW);

    file->size = (uint64_t)CONTENT_HASH_FILE_MAX + 1;
    assert_tag(entity_tag_write(out, file, CODING_IDENTITY, ETAG_HASH, 0),
               "\"1000001-3b9aca00.0\"");
    file->mtime.tv_sec = 1;
    assert_int_equal(entity_tag_write(out, file, CODING_IDENTITY, ETAG_HASH, 0).len, 0);
}

static void off_is_off(void **state)
{
    assert_int_equal(tag("abc", NOW, CODING_IDENTITY, ETAG_OFF).len, 0);
    assert_int_equal(tag("abc", 0, CODING_GZIP, ETAG_OFF).len, 0);
}

static void a_time_later_than_the_answer_is_not_said(void **state)
{
    assert_int_equal(last_modified_of(file_of("abc", NOW), NOW), NOW);
    assert_int_equal(last_modified_of(file_of("abc", NOW + 1), NOW), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_time_it_is_size_and_time),
        cmocka_unit_test(by_hash_it_is_the_bytes_alone),
        cmocka_unit_test(a_time_that_says_nothing_is_not_used),
        cmocka_unit_test(what_is_too_large_for_a_hash_has_size_and_time_or_nothing),
        cmocka_unit_test(off_is_off),
        cmocka_unit_test(a_time_later_than_the_answer_is_not_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
