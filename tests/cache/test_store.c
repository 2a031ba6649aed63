/* SPDX-License-Identifier: MIT */
/* test_store.c - files that appear whole or not at all; pwrite(2) is wrapped to fail. */
#include "support/unit.h"

#include "cache/store.h"
#include "support/scratch_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

static int fail_with;      /* errno of the next writes; 0: they succeed */
static size_t write_limit; /* bytes that one write takes; 0: all */

static int64_t clock_now_ms; /* what clock_gettime(2) says */
static int64_t write_ms;     /* that a write takes by it */

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_time);

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_time)
{
    assert_int_equal(clock, CLOCK_MONOTONIC);
    *ret_time = (struct timespec){clock_now_ms / 1000, clock_now_ms % 1000 * 1000000};
    return 0;
}

ssize_t __real_pwrite(int fd, const void *data, size_t len, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *data, size_t len, off_t offset);

ssize_t __wrap_pwrite(int fd, const void *data, size_t len, off_t offset)
{
    clock_now_ms += write_ms;
    if (fail_with != 0) {
        errno = fail_with;
        return -1;
    }
    return __real_pwrite(fd, data, write_limit > 0 && len > write_limit ? write_limit : len,
                         offset);
}

struct fixture {
    struct scratch_folder folder;
    struct store store;
    struct store_name name;
};

static int setup(void **state)
{
    static struct fixture fixture;

    fail_with = 0;
    write_limit = 0;
    clock_now_ms = 70000;
    write_ms = 0;
    scratch_init(&fixture.folder);
    fixture.store = (struct store){.dir_fd = fixture.folder.fd, .max_object = 100};
    store_name_of(SLICE_LITERAL("http://a.org/"), &fixture.name);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    scratch_done(&fixture->folder);
    return 0;
}

/* The bytes below the folder; -1: there is no such file. */
static ssize_t content_of(const struct fixture *fixture, const char *path, char *out, size_t size)
{
    int fd = openat(fixture->folder.fd, path, O_RDONLY | O_CLOEXEC);
    ssize_t len;

    if (fd == -1)
        return -1;
    len = read(fd, out, size);
    close(fd);
    return len;
}

static void assert_absent(const struct fixture *fixture, const char *path)
{
    assert_int_equal(faccessat(fixture->folder.fd, path, F_OK, 0), -1);
}

static void a_file_has_its_name_only_when_it_is_whole(void **state)
{
    struct fixture *fixture = *state;
    struct store_file file;
    char bytes[64];

    assert_int_equal(store_begin(&fixture->store, &fixture->name, 0, &file), 0);
    assert_int_equal(store_append(&file, SLICE_LITERAL("....one "), 0), 0);
    assert_int_equal(store_append(&file, SLICE_LITERAL("two"), 0), 0);
    assert_absent(fixture, fixture->name.text);
    assert_int_equal(store_commit(&file, SLICE_LITERAL("head"), 0), 0);
    assert_int_equal(pread(file.fd, bytes, 4, 4), 4); /* still to be read */
    store_close(&file);
    assert_int_equal(file.fd, -1);
    assert_int_equal(content_of(fixture, fixture->name.text, bytes, sizeof(bytes)), 11);
    assert_memory_equal(bytes, "headone two", 11);
    assert_absent(fixture, file.temp);
    assert_true(store_remove(&fixture->store, &fixture->name));
    assert_false(store_remove(&fixture->store, &fixture->name));
}

static void a_second_file_takes_the_place_of_the_first(void **state)
{
    struct fixture *fixture = *state;
    struct store_file first, second;
    char bytes[8];

    assert_int_equal(store_begin(&fixture->store, &fixture->name, 0, &first), 0);
    assert_int_equal(store_begin(&fixture->store, &fixture->name, 0, &second), 0);
    assert_string_not_equal(first.temp, second.temp);
    assert_int_equal(store_append(&first, SLICE_LITERAL("1"), 0), 0);
    assert_int_equal(store_append(&second, SLICE_LITERAL("2"), 0), 0);
    assert_int_equal(store_commit(&first, SLICE_LITERAL(""), 0), 0);
    assert_int_equal(store_commit(&second, SLICE_LITERAL(""), 0), 0);
    store_close(&first);
    store_close(&second);
    assert_int_equal(content_of(fixture, fixture->name.text, bytes, sizeof(bytes)), 1);
    assert_int_equal(bytes[0], '2');
}

static void what_is_aborted_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct store_file file;

    assert_int_equal(store_begin(&fixture->store, &fixture->name, 0, &file), 0);
    assert_int_equal(store_append(&file, SLICE_LITERAL("x"), 0), 0);
    store_close(&file);
    assert_absent(fixture, file.temp);
    store_close(&file);
}

static void short_writes_are_gone_on_with(void **state)
{
    struct fixture *fixture = *state;
    struct store_file file;
    char bytes[64];

    write_limit = 3;
    assert_int_equal(store_begin(&fixture->store, &fixture->name, 0, &file), 0);
    assert_int_equal(store_append(&file, SLICE_LITERAL("....0123456789"), 0), 0);
    assert_int_equal(store_commit(&file, SLICE_LITERAL("head"), 0), 0);
    store_close(&file);
    assert_int_equal(content_of(fixture, fixture->name.text, bytes, sizeof(bytes)), 14);
    assert_memory_equal(bytes, "head0123456789", 14);
}

static void after_an_error_it_rests_for_a_second(void **state)
{
    struct fixture *fixture = *state;
    struct store_file file, other;

    assert_int_equal(store_begin(&fixture->store, &fixture->name, 5000, &file), 0);
    fail_with = ENOSPC;
    assert_int_equal(store_append(&file, SLICE_LITERAL("x"), 5000), -ENOSPC);
    store_close(&file);
    fail_with = 0;
    assert_int_equal(store_begin(&fixture->store, &fixture->name, 5999, &other), -EAGAIN);
    assert_int_equal(other.fd, -1);
    assert_int_equal(store_begin(&fixture->store, &fixture->name, 6000, &other), 0);
    fail_with = EIO;
    assert_int_equal(store_commit(&other, SLICE_LITERAL("head"), 6000), -EIO);
    fail_with = 0;
    store_close(&other);
    assert_absent(fixture, other.temp);
    assert_absent(fixture, fixture->name.text);
    assert_int_equal(store_begin(&fixture->store, &fixture->name, 6999, &file), -EAGAIN);
}

static void a_slow_disk_is_left_alone_for_much_longer_than_it_took(void **state)
{
    struct fixture *fixture = *state;
    struct store_file slow, other, more;

    assert_int_equal(store_begin(&fixture->store, &fixture->name, 5000, &slow), 0);
    assert_int_equal(store_begin(&fixture->store, &fixture->name, 5000, &other), 0);
    write_ms = STORE_SLOW_MS;
    assert_int_equal(store_append(&slow, SLICE_LITERAL("1"), 4000), 0);
    assert_int_equal(store_append(&slow, SLICE_LITERAL("2"), 4000), 0);
    write_ms = STORE_SLOW_MS - 1; /* it was chance */
    assert_int_equal(store_append(&slow, SLICE_LITERAL("3"), 4000), 0);
    write_ms = STORE_SLOW_MS;
    for (unsigned i = 0; i < STORE_SLOW_CALLS; i++)
        assert_int_equal(store_append(&slow, SLICE_LITERAL("x"), 5000), 0);
    /* The loop has its time back at 5100, and twenty times 500 ms are free of the disk. */
    assert_int_equal(store_append(&slow, SLICE_LITERAL("z"), 15099), -EAGAIN);
    assert_int_equal(store_append(&other, SLICE_LITERAL("x"), 15099), -EAGAIN);
    assert_int_equal(store_commit(&other, SLICE_LITERAL("x"), 15099), -EAGAIN);
    assert_int_equal(store_begin(&fixture->store, &fixture->name, 15099, &more), -EAGAIN);
    assert_int_equal(more.fd, -1);
    assert_absent(fixture, fixture->name.text);
    write_ms = 0;
    store_close(&slow);
    store_close(&other);
    assert_absent(fixture, slow.temp);
    fixture->store.rests_until_ms = 0; /* of the commit that failed */
    assert_int_equal(store_begin(&fixture->store, &fixture->name, 15100, &more), 0);
    assert_int_equal(store_append(&more, SLICE_LITERAL("x"), 15100), 0);
    store_close(&more);
}

static void what_is_too_large_is_refused_without_rest(void **state)
{
    struct fixture *fixture = *state;
    static const char bytes[101];
    struct store_file file;

    assert_int_equal(store_begin(&fixture->store, &fixture->name, 0, &file), 0);
    assert_int_equal(store_append(&file, slice_of(bytes, 101), 0), -EFBIG);
    assert_int_equal(store_append(&file, slice_of(bytes, 100), 0), 0);
    assert_int_equal(store_append(&file, slice_of(bytes, 1), 0), -EFBIG);
    store_close(&file);
    assert_int_equal(store_begin(&fixture->store, &fixture->name, 0, &file), 0);
    store_close(&file);
}

static void nothing_is_stored_on_a_disk_that_is_nearly_full(void **state)
{
    struct fixture *fixture = *state;
    struct store_file file;

    fixture->store.min_free = UINT64_MAX;
    assert_int_equal(store_begin(&fixture->store, &fixture->name, 1, &file), -ENOSPC);
    fixture->store.min_free = 0;
    assert_int_equal(store_begin(&fixture->store, &fixture->name, 1000, &file), -EAGAIN);
    assert_int_equal(store_begin(&fixture->store, &fixture->name, 1001, &file), 0);
    store_close(&file);
}

static void names_are_those_of_their_keys(void **state)
{
    struct fixture *fixture = *state;
    struct store_name a, b, c, d;

    (void)fixture;
    store_name_of(SLICE_LITERAL("a"), &a);
    store_name_of(SLICE_LITERAL("b"), &b);
    assert_string_not_equal(a.text, b.text);
    /* Stored by one program, found by the next: this one never changes. */
    assert_string_equal(a.text, "81/1fb3e7a78c1f6674ccd20575e70d42");
    store_name_of_choice(SLICE_LITERAL("a"), 1, SLICE_LITERAL("accept:x\n"), &b);
    store_name_of_choice(SLICE_LITERAL("a"), 2, SLICE_LITERAL("accept:x\n"), &c);
    store_name_of_choice(SLICE_LITERAL("a"), 1, SLICE_LITERAL("accept:y\n"), &d);
    assert_string_not_equal(a.text, b.text);
    assert_string_not_equal(b.text, c.text);
    assert_string_not_equal(b.text, d.text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_has_its_name_only_when_it_is_whole),
        TEST(a_second_file_takes_the_place_of_the_first),
        TEST(what_is_aborted_leaves_nothing),
        TEST(short_writes_are_gone_on_with),
        TEST(after_an_error_it_rests_for_a_second),
        TEST(a_slow_disk_is_left_alone_for_much_longer_than_it_took),
        TEST(what_is_too_large_is_refused_without_rest),
        TEST(nothing_is_stored_on_a_disk_that_is_nearly_full),
        TEST(names_are_those_of_their_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
