/* SPDX-License-Identifier: MIT */
/* test_shared_memory.c - parent and children see one block. */
#include "support/unit.h"

#include "os/shared_memory.h"

#include <errno.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

static void children_share_it(void **state)
{
    size_t size = 3 * 4096 + 1;
    void *block;

    assert_int_equal(shared_memory_create(size, &block), 0);
    unsigned char *bytes = block;
    for (size_t i = 0; i < size; i++)
        assert_int_equal(bytes[i], 0);
    pid_t pid = fork();
    if (pid == 0) {
        bytes[0] = 1;
        bytes[size - 1] = 2;
        _exit(0);
    }
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(bytes[0], 1);
    assert_int_equal(bytes[size - 1], 2);
    shared_memory_destroy(block, size);
}

static void what_cannot_be_had_is_an_error(void **state)
{
    void *block;

    assert_int_equal(shared_memory_create(0, &block), -EINVAL);
    assert_int_equal(shared_memory_create(SIZE_MAX / 2, &block), -ENOMEM);
    shared_memory_destroy(NULL, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(children_share_it),
        cmocka_unit_test(what_cannot_be_had_is_an_error),
    };

    return cmocka_run_group_tests_name("shared_memory", tests, NULL, NULL);
}
