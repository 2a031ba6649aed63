/* SPDX-License-Identifier: MIT */
/* test_open_file.c - a file as it was at one moment, or not at all. */
#include "support/unit.h"

#include "file/folder.h"
#include "file/open_file.h"
#include "support/fake_clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MEMORY_MAX 1000
#define HEADROOM 100

ssize_t __real_pread(int fd, void *buf, size_t len, off_t offset);
ssize_t __wrap_pread(int fd, void *buf, size_t len, off_t offset);
/* What it is with _FORTIFY_SOURCE. */
ssize_t __wrap___pread_chk(int fd, void *buf, size_t len, off_t offset, size_t size);

static struct folder folder;

/* What happens within a read, after half of the bytes are there. */
static struct {
    void (*meanwhile)(void);
    unsigned times; /* how often it still happens */
    int error;      /* given instead, once */
    unsigned calls;
} read_plan;

ssize_t __wrap_pread(int fd, void *buf, size_t len, off_t offset)
{
    ssize_t n;

    read_plan.calls++;
    if (read_plan.error) {
        errno = read_plan.error;
        read_plan.error = 0;
        return -1;
    }
    if (!read_plan.meanwhile || read_plan.times == 0)
        return __real_pread(fd, buf, len, offset);
    read_plan.times--;
    n = __real_pread(fd, buf, (len + 1) / 2, offset);
    read_plan.meanwhile();
    return n;
}

ssize_t __wrap___pread_chk(int fd, void *buf, size_t len, off_t offset, size_t size)
{
    assert_true(len <= size);
    return __wrap_pread(fd, buf, len, offset);
}

static int set_up(void **state)
{
    folder_init(&folder);
    folder_write(&folder, "a", "content of a");
    fake_clock_set(folder_ctime_ms(&folder, "a") + 10000);
    return 0;
}

static int tear_down(void **state)
{
    memset(&read_plan, 0, sizeof(read_plan));
    fake_clock_off();
    folder_done(&folder);
    return 0;
}

static int try_open(const char *path, struct open_file **ret_file)
{
    return open_file_open(folder.fd, path, MEMORY_MAX, HEADROOM, ret_file);
}

static struct open_file *open_good(const char *path)
{
    struct open_file *file;

    assert_int_equal(try_open(path, &file), 0);
    return file;
}

static void assert_body(const struct open_file *file, const char *content)
{
    assert_non_null(file->body);
    assert_true(slice_equal(slice_of(file->body, file->size), slice_from_string(content)));
}

static void a_small_file_is_in_memory_behind_free_room(void **state)
{
    unsigned descriptors = open_descriptors();
    struct open_file *file = open_good("a");
    struct stat st;

    assert_body(file, "content of a");
    assert_int_equal(file->fd, -1);
    assert_int_equal(open_descriptors(), descriptors);
    memset(file->body - HEADROOM, 'x', file->headroom);
    assert_int_equal(file->headroom, HEADROOM);
    assert_int_equal(fstatat(folder.fd, "a", &st, 0), 0);
    assert_memory_equal(&file->mtime, &st.st_mtim, sizeof(st.st_mtim));
    assert_string_equal(file->path, "a");
    assert_int_equal(file->path_len, 1);
    open_file_unref(file);
}

static void the_size_decides_between_memory_and_a_descriptor(void **state)
{
    static const size_t sizes[] = {0, 1, MEMORY_MAX - 1, MEMORY_MAX, MEMORY_MAX + 1, 100000};
    unsigned descriptors = open_descriptors();

    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct open_file *file;
        char byte;

        folder_fill(&folder, "f", 'f', sizes[i]);
        file = open_good("f");
        assert_int_equal(file->size, sizes[i]);
        assert_int_equal(file->body != NULL, sizes[i] <= MEMORY_MAX);
        assert_int_equal(file->fd != -1, sizes[i] > MEMORY_MAX);
        if (file->fd != -1)
            assert_int_equal(__real_pread(file->fd, &byte, 1, (off_t)sizes[i] - 1), 1);
        open_file_unref(file);
    }
    assert_int_equal(open_descriptors(), descriptors);
}

static void what_is_no_regular_file_within_the_root_is_refused(void **state)
{
    static const struct {
        const char *path;
        int expected;
    } rows[] = {
        {"missing", -ENOENT},  {"a/b", -ENOTDIR},  {"folder", -EISDIR}, {"folder/", -EISDIR},
        {"", -EISDIR},         {"fifo", -EACCES},  {"out", -EXDEV},     {"loop", -ELOOP},
        {"dangling", -ENOENT}, {"socket", -ENXIO},
    };
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    unsigned descriptors;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", folder.path);
    assert_int_equal(bind(fd, (const struct sockaddr *)(const void *)&address, sizeof(address)), 0);
    (void)close(fd);
    assert_int_equal(mkdirat(folder.fd, "folder", 0755), 0);
    assert_int_equal(mkfifoat(folder.fd, "fifo", 0644), 0);
    assert_int_equal(symlinkat("/etc/passwd", folder.fd, "out"), 0);
    assert_int_equal(symlinkat("loop", folder.fd, "loop"), 0);
    assert_int_equal(symlinkat("missing", folder.fd, "dangling"), 0);
    descriptors = open_descriptors();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct open_file *file = NULL;
        int err = try_open(rows[i].path, &file);

        if (err != rows[i].expected)
            fail_msg("%d instead of %d for '%s'", err, rows[i].expected, rows[i].path);
        assert_null(file);
    }
    assert_int_equal(open_descriptors(), descriptors);
}

static void a_file_is_current_until_anything_of_it_changes(void **state)
{
    struct open_file *file = open_good("a");

    assert_true(open_file_is_current(file, folder.fd));
    assert_true(open_file_is_current(file, folder.fd));
    folder_write(&folder, "b", "content of b");
    assert_true(open_file_is_current(file, folder.fd));
    /* Of the same size: the times tell. */
    folder_write(&folder, "a", "other text  ");
    assert_false(open_file_is_current(file, folder.fd));
    open_file_unref(file);

    file = open_good("a");
    folder_replace(&folder, "a", "other text  ");
    assert_false(open_file_is_current(file, folder.fd));
    open_file_unref(file);

    file = open_good("a");
    assert_int_equal(fchmodat(folder.fd, "a", 0640, 0), 0);
    assert_false(open_file_is_current(file, folder.fd));
    open_file_unref(file);

    file = open_good("a");
    folder_remove(&folder, "a");
    assert_false(open_file_is_current(file, folder.fd));
    open_file_unref(file);
}

/* The times of two changes within one tick of the kernel's clock are equal. */
static void a_file_that_changed_just_now_is_not_trusted(void **state)
{
    static const struct {
        int64_t age_ms;
        bool is_trusted;
    } rows[] = {{-10000, false}, {-1, false}, {0, false}, {50, false}, {99, false}, {150, true}};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct open_file *file;

        fake_clock_set(folder_ctime_ms(&folder, "a") + rows[i].age_ms);
        file = open_good("a");
        fake_clock_advance(10000);
        assert_int_equal(open_file_is_current(file, folder.fd), rows[i].is_trusted);
        open_file_unref(file);
    }
}

static void wait_long(void)
{
    fake_clock_advance(5000);
}

/* It may have changed while it was read, when its times could still say the same. */
static void a_file_read_slowly_just_after_its_change_is_not_trusted(void **state)
{
    struct open_file *file;

    fake_clock_set(folder_ctime_ms(&folder, "a") + 1);
    read_plan.meanwhile = wait_long;
    read_plan.times = 1;
    file = open_good("a");
    assert_false(open_file_is_current(file, folder.fd));
    open_file_unref(file);
}

static void edit(void)
{
    static unsigned count;
    char content[16];

    (void)snprintf(content, sizeof(content), "CONTENT %04u", ++count % 10000);
    folder_write(&folder, "a", content);
}

static void shrink(void)
{
    folder_write(&folder, "a", "c");
}

static void grow(void)
{
    folder_fill(&folder, "a", 'g', MEMORY_MAX + 1000);
}

static void a_file_that_is_edited_while_it_is_read_is_read_again(void **state)
{
    struct open_file *file;

    read_plan.meanwhile = edit;
    read_plan.times = 2;
    file = open_good("a");
    assert_memory_equal(file->body, "CONTENT ", 8);
    assert_int_equal(file->size, 12);
    open_file_unref(file);

    read_plan.meanwhile = shrink;
    read_plan.times = 1;
    file = open_good("a");
    assert_body(file, "c");
    open_file_unref(file);
}

static void a_file_that_never_rests_is_given_up(void **state)
{
    struct open_file *file = NULL;
    unsigned descriptors = open_descriptors();

    read_plan.meanwhile = edit;
    read_plan.times = 1000;
    assert_int_equal(try_open("a", &file), -EAGAIN);
    assert_null(file);
    assert_int_equal(open_descriptors(), descriptors);
    assert_true(read_plan.calls < 20);
}

static void a_file_that_outgrows_memory_while_it_is_read_gets_a_descriptor(void **state)
{
    struct open_file *file;

    read_plan.meanwhile = grow;
    read_plan.times = 1;
    file = open_good("a");
    assert_int_equal(file->size, MEMORY_MAX + 1000);
    assert_null(file->body);
    assert_int_not_equal(file->fd, -1);
    open_file_unref(file);
}

static void errors_of_reading_are_told(void **state)
{
    struct open_file *file = NULL;
    unsigned descriptors = open_descriptors();

    read_plan.error = EIO;
    assert_int_equal(try_open("a", &file), -EIO);
    assert_null(file);
    read_plan.error = EINTR;
    assert_int_equal(try_open("a", &file), 0);
    assert_body(file, "content of a");
    open_file_unref(file);
    assert_int_equal(open_descriptors(), descriptors);
}

static void count_free(void *attachment)
{
    ++*(int *)attachment;
}

static void the_attachment_goes_with_the_last_reference(void **state)
{
    struct open_file *file = open_good("a");
    int freed = 0;

    file->attachment = &freed;
    file->free_attachment = count_free;
    open_file_ref(file);
    assert_false(open_file_is_unshared(file));
    open_file_unref(file);
    assert_true(open_file_is_unshared(file));
    assert_int_equal(freed, 0);
    open_file_unref(file);
    assert_int_equal(freed, 1);
    open_file_unref(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_small_file_is_in_memory_behind_free_room, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_size_decides_between_memory_and_a_descriptor, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_regular_file_within_the_root_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_is_current_until_anything_of_it_changes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_changed_just_now_is_not_trusted, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_read_slowly_just_after_its_change_is_not_trusted,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_edited_while_it_is_read_is_read_again,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_never_rests_is_given_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_file_that_outgrows_memory_while_it_is_read_gets_a_descriptor, set_up, tear_down),
        cmocka_unit_test_setup_teardown(errors_of_reading_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_attachment_goes_with_the_last_reference, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
