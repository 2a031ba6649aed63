/* SPDX-License-Identifier: MIT */
/* test_control.c - the control socket and its language, from both sides. */
#include "support/unit.h"

#include "process/control.h"
#include "process/control_client.h"
#include "process/control_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
    char dir[64];
    char pid_path[80];
    char path[96];
    struct event_loop *loop;
    struct control control;
    unsigned requests;
    struct control_client *last;
    enum sig_action action;
} test;

static void on_request(void *context, struct control_client *client, const struct sig_row *row)
{
    assert_ptr_equal(context, &test);
    test.requests++;
    test.last = client;
    test.action = row->action;
}

static int set_up(void **state)
{
    memset(&test, 0, sizeof(test));
    strcpy(test.dir, "/tmp/tinyweb-test-XXXXXX");
    assert_non_null(mkdtemp(test.dir));
    (void)snprintf(test.pid_path, sizeof(test.pid_path), "%s/pid", test.dir);
    (void)snprintf(test.path, sizeof(test.path), "%s" CONTROL_SUFFIX, test.pid_path);
    assert_int_equal(loop_create(&test.loop), 0);
    control_init(&test.control, test.loop, on_request, &test);
    assert_int_equal(control_open(&test.control, test.pid_path), 0);
    return 0;
}

static int tear_down(void **state)
{
    control_close(&test.control);
    loop_destroy(test.loop);
    (void)unlink(test.path);
    return rmdir(test.dir);
}

static void turn(void)
{
    for (int i = 0; i < 4; i++)
        assert_int_equal(loop_run_once(test.loop, 5), 0);
}

static int dial(void)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};

    strcpy(addr.sun_path, test.path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
    turn();
    return fd;
}

static int ask(const char *word)
{
    int fd = dial();

    assert_int_equal(send(fd, word, strlen(word), 0), strlen(word));
    turn();
    return fd;
}

/* NULL: the end of the connection. */
static void assert_packet(int fd, const char *expected)
{
    char packet[2 * CONTROL_PACKET_MAX] = "";
    ssize_t len = recv(fd, packet, sizeof(packet) - 1, MSG_DONTWAIT);

    if (!expected) {
        assert_int_equal(len, 0);
        close(fd);
        return;
    }
    assert_int_equal(len, strlen(expected));
    assert_string_equal(packet, expected);
}

static void a_word_is_asked_and_answered(void **state)
{
    int fd = ask("status");

    assert_int_equal(test.requests, 1);
    assert_int_equal(test.action, SIG_ACTION_STATUS);
    assert_int_equal(test.last->peer, getpid());
    control_say(test.last, "%d\n\tworkers", 3);
    control_end(test.last, true);
    assert_packet(fd, "-3??workers");
    assert_packet(fd, "=0");
    assert_packet(fd, NULL);
}

static void only_the_owner_may_connect(void **state)
{
    struct stat status;

    assert_int_equal(lstat(test.path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_true(S_ISSOCK(status.st_mode));
}

static void what_is_no_word_is_refused(void **state)
{
    static const char *const bad[] = {
        "RELOAD", "reload ", "reload\n",      "kill",   "statusstatusstatus", "=0",   "-x", "ready",
        "maint",  "maint ",  "undrain app/a", "drain ", "drain a b",          "purge"};

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        int fd = ask(bad[i]);
        assert_packet(fd, "-this server does not know what that means");
        assert_packet(fd, "=1");
        assert_packet(fd, NULL);
    }
    int fd = dial();
    assert_int_equal(send(fd, "", 0, 0), 0); /* like an end */
    turn();
    assert_packet(fd, NULL);
    assert_int_equal(test.requests, 0);
}

static void a_client_that_leaves_or_says_more_is_dropped(void **state)
{
    int first = ask("reload");
    int second = ask("reload");

    close(first);
    assert_int_equal(send(second, "status", 6, 0), 6);
    turn();
    control_say_all(&test.control, SIG_ACTION_RELOAD, "nobody hears it");
    assert_packet(second, NULL);
    assert_int_equal(test.requests, 2);
}

static void each_hears_of_what_it_waits_for(void **state)
{
    int now = ask("reload"), later = ask("reload"), other = ask("upgrade");

    test.control.clients[1].waits_for_next = true;
    control_say_all(&test.control, SIG_ACTION_RELOAD, "a");
    control_end_all(&test.control, SIG_ACTION_RELOAD, false);
    control_begin(&test.control, SIG_ACTION_RELOAD);
    control_end_all(&test.control, SIG_ACTION_RELOAD, true);
    control_end_all(&test.control, SIG_ACTION_UPGRADE, true);
    assert_packet(now, "-a");
    assert_packet(now, "=1");
    assert_packet(now, NULL);
    assert_packet(later, "=0");
    assert_packet(later, NULL);
    assert_packet(other, "=0");
    assert_packet(other, NULL);
}

static void the_silent_make_room_and_those_who_wait_do_not(void **state)
{
    int silent[CONTROL_CLIENTS_MAX], fds[CONTROL_CLIENTS_MAX];

    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        silent[i] = dial();
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        fds[i] = ask("reload");
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
        assert_packet(silent[i], NULL);
    int late = dial();
    assert_packet(late, NULL);
    control_end_all(&test.control, SIG_ACTION_RELOAD, true);
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        assert_packet(fds[i], "=0");
        assert_packet(fds[i], NULL);
    }
}

static void one_that_does_not_read_is_dropped(void **state)
{
    int fd = ask("reload");

    for (int i = 0; i < 10000; i++)
        control_say_all(&test.control, SIG_ACTION_RELOAD, "a line of some length for the queue");
    assert_int_equal(test.control.clients[0].watcher.fd, -1);
    close(fd);
}

static void who_opens_it_later_has_it_and_the_former_leaves_it_alone(void **state)
{
    struct control second;

    control_init(&second, test.loop, on_request, &test);
    assert_int_equal(control_open(&second, test.pid_path), 0);
    control_close(&test.control);
    int fd = ask("status");
    assert_int_equal(test.requests, 1);
    assert_ptr_equal(test.last->control, &second);
    control_end(test.last, true);
    close(fd);
    control_close(&second);
    assert_int_equal(access(test.path, F_OK), -1);
    assert_int_equal(control_open(&test.control, test.pid_path), 0); /* and back */
}

static void a_path_that_is_too_long_is_refused(void **state)
{
    char path[200];

    memset(path, 'x', sizeof(path) - 1);
    path[0] = '/';
    path[sizeof(path) - 1] = '\0';
    control_close(&test.control);
    assert_int_equal(control_open(&test.control, path), -ENAMETOOLONG);
}

/* --- the client, in a process of its own */

static pid_t start_client(const char *word, int expected_err, bool expected_done)
{
    pid_t pid = fork();
    if (pid == 0) {
        bool is_done = false;
        FILE *out = fopen("/dev/null", "w");
        int err = control_ask(test.pid_path, word, 300, out, "tinyweb: ", &is_done);
        _exit(err == expected_err && is_done == expected_done ? 0 : 1);
    }
    return pid;
}

static void wait_for_client(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, WNOHANG) == 0)
        assert_int_equal(loop_run_once(test.loop, 5), 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void wait_for_request(void)
{
    unsigned before = test.requests;
    while (test.requests == before)
        assert_int_equal(loop_run_once(test.loop, 100), 0);
}

static void the_client_hears_the_outcome(void **state)
{
    for (int is_done = 0; is_done < 2; is_done++) {
        pid_t pid = start_client("reload", 0, is_done);
        wait_for_request();
        control_say(test.last, "a line");
        control_end(test.last, is_done);
        wait_for_client(pid);
    }
}

static void the_client_does_not_wait_for_ever(void **state)
{
    pid_t pid = start_client("reload", -ETIMEDOUT, false);
    wait_for_client(pid);

    pid = start_client("reload", -EPIPE, false);
    wait_for_request();
    control_close(&test.control);
    wait_for_client(pid);

    pid = start_client("reload", -ENOENT, false);
    wait_for_client(pid);
    assert_int_equal(control_open(&test.control, test.pid_path), 0);
}

static void the_client_believes_no_nonsense(void **state)
{
    static const char *const bad[] = {"x", "=2", "=", "=00", "-a\nb", "-\x7f"};

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        pid_t pid = start_client("reload", -EBADMSG, false);
        wait_for_request();
        assert_int_equal(send(test.last->watcher.fd, bad[i], strlen(bad[i]), 0), strlen(bad[i]));
        wait_for_client(pid);
        turn();
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_word_is_asked_and_answered),
        TEST(only_the_owner_may_connect),
        TEST(what_is_no_word_is_refused),
        TEST(a_client_that_leaves_or_says_more_is_dropped),
        TEST(each_hears_of_what_it_waits_for),
        TEST(the_silent_make_room_and_those_who_wait_do_not),
        TEST(one_that_does_not_read_is_dropped),
        TEST(who_opens_it_later_has_it_and_the_former_leaves_it_alone),
        TEST(a_path_that_is_too_long_is_refused),
        TEST(the_client_hears_the_outcome),
        TEST(the_client_does_not_wait_for_ever),
        TEST(the_client_believes_no_nonsense),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
