/* SPDX-License-Identifier: MIT */
/* test_pid_file.c - who runs, who ran, and what only looks like a pid file. */
#include "support/unit.h"

#include "process/pid_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[64];
static char path[80];

static int set_up(void **state)
{
    strcpy(dir, "/tmp/tinyweb-test-XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    (void)snprintf(path, sizeof(path), "%s/pid", dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)unlink(path);
    return rmdir(dir);
}

static void write_text(const char *text)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void assert_text(const char *expected)
{
    char text[64] = "";
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    size_t len = fread(text, 1, sizeof(text) - 1, file);
    text[len] = '\0';
    assert_int_equal(fclose(file), 0);
    assert_string_equal(text, expected);
}

/* The process that asks is another one, as it is in life. */
static int read_elsewhere(pid_t *ret_pid)
{
    struct answer {
        int err;
        pid_t pid;
    } answer = {.err = -EIO};
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        answer.err = pid_file_read(path, &answer.pid);
        _exit(write(ends[1], &answer, sizeof(answer)) == sizeof(answer) ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(read(ends[0], &answer, sizeof(answer)), sizeof(answer));
    close(ends[0]);
    close(ends[1]);
    *ret_pid = answer.pid;
    return answer.err;
}

/* A server that holds the file until it is killed. */
static pid_t fork_server(void)
{
    int ends[2];
    char byte;

    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct pid_file file;
        pid_t holder;
        if (pid_file_create(&file, path, &holder) || write(ends[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    return pid;
}

static void it_says_who_runs(void **state)
{
    struct pid_file file;
    struct stat status;
    char expected[32];
    pid_t pid = 0;

    assert_int_equal(pid_file_create(&file, path, &pid), 0);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0644);
    assert_int_equal(fcntl(file.fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(read_elsewhere(&pid), 0);
    assert_int_equal(pid, getpid());
    (void)snprintf(expected, sizeof(expected), "%d\n", getpid());
    assert_text(expected); /* last: closing the file frees our lock on it */
    pid_file_remove(&file);
    assert_int_equal(access(path, F_OK), -1);
    pid_file_remove(&file); /* once more does nothing */
    assert_int_equal(read_elsewhere(&pid), -ENOENT);
}

static void a_second_server_is_refused(void **state)
{
    pid_t server = fork_server(), holder = 0;
    struct pid_file file;

    assert_int_equal(pid_file_create(&file, path, &holder), -EEXIST);
    assert_int_equal(holder, server);
    assert_int_equal(kill(server, SIGKILL), 0);
    assert_int_equal(waitpid(server, NULL, 0), server);
    assert_int_equal(pid_file_read(path, &holder), -ESRCH); /* left behind */
    assert_int_equal(pid_file_create(&file, path, &holder), 0);
    pid_file_remove(&file);
}

static void a_child_does_not_hold_it(void **state)
{
    struct pid_file file;
    pid_t pid;

    assert_int_equal(pid_file_create(&file, path, &pid), 0);
    pid = fork();
    if (pid == 0) {
        close(file.fd); /* of no consequence for its parent's lock */
        _exit(0);
    }
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(read_elsewhere(&pid), 0);
    assert_int_equal(pid, getpid());

    pid = fork();
    if (pid == 0) {
        pid_file_remove(&file); /* it holds another pid than this process's */
        _exit(0);
    }
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(access(path, F_OK), 0);
    pid_file_remove(&file);
}

static void a_stale_one_is_replaced(void **state)
{
    static const char *const texts[] = {"1\n", "999999999999999999999\n", "", "nonsense", "-1\n"};

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct pid_file file;
        pid_t pid;
        char expected[32];

        write_text(texts[i]);
        assert_int_equal(read_elsewhere(&pid), -ESRCH);
        assert_int_equal(pid_file_create(&file, path, &pid), 0);
        (void)snprintf(expected, sizeof(expected), "%d\n", getpid());
        assert_text(expected);
        pid_file_remove(&file);
    }
}

static void one_that_was_replaced_is_left_alone(void **state)
{
    struct pid_file file;
    pid_t pid;

    assert_int_equal(pid_file_create(&file, path, &pid), 0);
    assert_int_equal(unlink(path), 0);
    write_text("12345\n");
    pid_file_remove(&file);
    assert_text("12345\n");
}

static void text_and_lock_must_agree(void **state)
{
    pid_t server = fork_server(), pid;
    static const char *const texts[] = {"1\n",   "",     "x\n", "12",
                                        "1 2\n", "+1\n", "0\n", "99999999999999999999999999999\n"};

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        write_text(texts[i]);
        assert_int_equal(pid_file_read(path, &pid), -EINVAL);
    }
    assert_int_equal(kill(server, SIGKILL), 0);
    assert_int_equal(waitpid(server, NULL, 0), server);
}

static void links_fifos_and_folders_are_refused(void **state)
{
    struct pid_file file;
    pid_t pid;

    assert_int_equal(symlink("/tmp/tinyweb-elsewhere", path), 0);
    assert_int_equal(pid_file_create(&file, path, &pid), -ELOOP);
    assert_int_equal(pid_file_read(path, &pid), -ELOOP);
    assert_int_equal(access("/tmp/tinyweb-elsewhere", F_OK), -1);
    assert_int_equal(unlink(path), 0);

    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(pid_file_create(&file, path, &pid), -EINVAL);
    assert_int_equal(pid_file_read(path, &pid), -EINVAL);
    assert_int_equal(unlink(path), 0);

    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(pid_file_create(&file, path, &pid), -EISDIR);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(pid_file_create(&file, "/nonexistent/pid", &pid), -ENOENT);
}

static void of_many_starts_at_once_one_wins(void **state)
{
    int winners = 0, others = 0;
    pid_t pids[20];
    int gate[2];

    assert_int_equal(pipe(gate), 0);
    write_text("4711\n"); /* stale */
    for (size_t i = 0; i < COUNT_OF(pids); i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            struct pid_file file;
            pid_t holder;
            char byte;
            close(gate[1]);
            (void)!read(gate[0], &byte, 1); /* until all are there */
            int err = pid_file_create(&file, path, &holder);
            usleep(200000); /* keep it until all have tried */
            _exit(err == 0 ? 0 : err == -EEXIST ? 1 : 2);
        }
    }
    close(gate[1]);
    for (size_t i = 0; i < COUNT_OF(pids); i++) {
        int status;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        winners += WIFEXITED(status) && WEXITSTATUS(status) == 0;
        others += WIFEXITED(status) && WEXITSTATUS(status) == 1;
    }
    assert_int_equal(winners, 1);
    assert_int_equal(others, COUNT_OF(pids) - 1);
    close(gate[0]);
}

static void a_renamed_one_is_still_ours(void **state)
{
    struct pid_file file = {.fd = -1}, second = {.fd = -1};
    char old_path[96];
    pid_t holder;

    (void)snprintf(old_path, sizeof(old_path), "%s.oldbin", path);
    assert_int_equal(pid_file_create(&file, path, &holder), 0);
    assert_int_equal(pid_file_rename(&file, old_path), 0);
    assert_string_equal(file.path, old_path);
    assert_int_equal(read_elsewhere(&holder), -ENOENT);
    assert_int_equal(pid_file_create(&second, path, &holder), 0); /* somebody else's, now gone */
    close(second.fd);
    free(second.path);
    assert_int_equal(pid_file_rename(&file, path), 0);
    assert_int_equal(access(old_path, F_OK), -1);
    assert_int_equal(read_elsewhere(&holder), 0);
    assert_int_equal(holder, getpid());

    assert_int_equal(pid_file_rename(&file, "/nonexistent/pid"), -ENOENT);
    assert_string_equal(file.path, path);
    assert_int_equal(unlink(path), 0);
    write_text("1\n");
    assert_int_equal(pid_file_rename(&file, old_path), -ESTALE);
    pid_file_remove(&file);
    assert_text("1\n");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_says_who_runs),
        TEST(a_second_server_is_refused),
        TEST(a_child_does_not_hold_it),
        TEST(a_stale_one_is_replaced),
        TEST(one_that_was_replaced_is_left_alone),
        TEST(text_and_lock_must_agree),
        TEST(links_fifos_and_folders_are_refused),
        TEST(a_renamed_one_is_still_ours),
        TEST(of_many_starts_at_once_one_wins),
    };

    return cmocka_run_group_tests_name("pid_file", tests, NULL, NULL);
}
