/* SPDX-License-Identifier: MIT */
/* test_one_shot.c - from the name of a folder to a configuration. */
#include "support/unit.h"

#include "os/socket.h"
#include "tool/one_shot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];

/* In a folder of its own, without what it says on the terminal. */
static int set_up(void **state)
{
    int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    static int terminal;

    terminal = dup(STDERR_FILENO);
    *state = &terminal;
    if (null_fd == -1 || dup2(null_fd, STDERR_FILENO) == -1)
        return -1;
    close(null_fd);
    strcpy(dir, "/tmp/tinyweb-test-XXXXXX");
    return mkdtemp(dir) && chdir(dir) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    const int *terminal = *state;

    (void)rmdir("folder");
    (void)rmdir("blank ");
    (void)unlink("file");
    if (chdir("/") == -1 || rmdir(dir) == -1)
        return -1;
    return dup2(*terminal, STDERR_FILENO) == -1 ? -1 : close(*terminal);
}

static const char * override(const struct one_shot *one_shot, const char *name)
{
    for (size_t i = 0; i < one_shot->override_count; i++) {
        const char *text = one_shot->overrides[i].text;
        size_t len = strlen(name);
        if (strncmp(text, name, len) == 0 && text[len] == '=')
            return text + len + 1;
    }
    return NULL;
}

static void a_folder_is_served_to_this_machine(void **state)
{
    struct one_shot one_shot;
    struct address addr;
    char expected[128], text[ADDRESS_TEXT_SIZE];

    assert_int_equal(mkdir("folder", 0755), 0);
    assert_int_equal(one_shot_prepare(&one_shot, "folder",
                                      &(struct one_shot_options){.port = 0, .is_lan = false}),
                     0);
    (void)snprintf(expected, sizeof(expected), "%s/folder", dir);
    assert_string_equal(override(&one_shot, "server.root"), expected);
    assert_string_equal(override(&one_shot, "server.access_log"), "stdout");
    assert_int_equal(socket_check_listening(one_shot.listen_fd), 0);
    assert_int_equal(socket_local_address(one_shot.listen_fd, &addr), 0);
    assert_true(address_is_loopback(&addr));
    assert_in_range(address_port(&addr), ONE_SHOT_FIRST_PORT, ONE_SHOT_LAST_PORT);
    (void)address_format(&addr, text);
    assert_string_equal(override(&one_shot, "server.listen"), text);

    /* That port is taken now. */
    struct one_shot second;
    assert_int_equal(
        one_shot_prepare(&second, "folder", &(struct one_shot_options){.port = 0, .is_lan = false}),
        0);
    assert_string_not_equal(override(&second, "server.listen"), text);
    close(second.listen_fd);
    close(one_shot.listen_fd);
}

static void a_port_is_left_to_the_server_to_bind(void **state)
{
    struct one_shot one_shot;

    assert_int_equal(mkdir("folder", 0755), 0);
    assert_int_equal(one_shot_prepare(&one_shot, "folder",
                                      &(struct one_shot_options){.port = 80, .is_lan = true}),
                     0);
    assert_int_equal(one_shot.listen_fd, -1);
    assert_string_equal(override(&one_shot, "server.listen"), "0.0.0.0:80");
}

static void a_blank_at_the_end_of_a_name_is_kept(void **state)
{
    struct one_shot one_shot;
    char expected[128];

    assert_int_equal(mkdir("blank ", 0755), 0);
    assert_int_equal(one_shot_prepare(&one_shot, "blank ",
                                      &(struct one_shot_options){.port = 80, .is_lan = false}),
                     0);
    (void)snprintf(expected, sizeof(expected), "%s/blank /.", dir);
    assert_string_equal(override(&one_shot, "server.root"), expected);
}

static void what_is_no_folder_is_refused(void **state)
{
    struct one_shot one_shot;
    int fd = open("file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(
        one_shot_prepare(&one_shot, "file", &(struct one_shot_options){.port = 0, .is_lan = false}),
        -ENOTDIR);
    assert_int_equal(one_shot_prepare(&one_shot, "nothing",
                                      &(struct one_shot_options){.port = 0, .is_lan = false}),
                     -ENOENT);
    assert_int_equal(
        one_shot_prepare(&one_shot, "", &(struct one_shot_options){.port = 0, .is_lan = false}),
        -ENOENT);
    assert_int_equal(one_shot.listen_fd, -1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_folder_is_served_to_this_machine),
        TEST(a_port_is_left_to_the_server_to_bind),
        TEST(a_blank_at_the_end_of_a_name_is_kept),
        TEST(what_is_no_folder_is_refused),
    };

    return cmocka_run_group_tests_name("one_shot", tests, NULL, NULL);
}
