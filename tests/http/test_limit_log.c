/* SPDX-License-Identifier: MIT */
/* test_limit_log.c - every time is counted, few are said. */
#include "support/unit.h"

#include "base/log.h"
#include "http/limit_log.h"

#include <string.h>
#include <unistd.h>

static int pipe_read, pipe_write;
static struct worker_counters counters;
static struct limit_log limits;
static struct address peer;

static int set_up(void **state)
{
    int fds[2];

    if (pipe(fds) != 0)
        return -1;
    pipe_read = fds[0];
    pipe_write = fds[1];
    log_set_fd(pipe_write);
    log_set_all_levels(LOG_DEBUG);
    counters = (struct worker_counters){.requests = 0};
    limit_log_init(&limits, &counters);
    return address_parse(SLICE_LITERAL("192.0.2.7:1000"), 0, &peer);
}

static int tear_down(void **state)
{
    (void)close(pipe_read);
    (void)close(pipe_write);
    log_set_fd(STDERR_FILENO);
    log_set_all_levels(LOG_NOTICE);
    return 0;
}

/* Lines written since the last call. */
static unsigned lines(char *text, size_t size)
{
    unsigned count = 0;
    ssize_t len;

    log_write(LOG_MAIN, LOG_ERROR, 0, "end"); /* so that reading never waits */
    len = read(pipe_read, text, size - 1);
    assert_true(len > 0);
    text[len] = '\0';
    for (const char *c = text; *c; c++)
        count += *c == '\n';
    return count - 1;
}

static void every_limit_has_a_sentence_that_names_the_client(void **state)
{
    char text[8192];

    for (int limit = 0; limit < LIMIT_COUNT; limit++) {
        limit_log_note(&limits, (enum limit)limit, &peer, 1);
        assert_int_equal(lines(text, sizeof(text)), 1);
        assert_non_null(strstr(text, "http: client 192.0.2.7 "));
        assert_int_equal(counter_get(&counters.limits[limit]), 1);
    }
}

static void a_crowd_has_one_line_in_ten_seconds(void **state)
{
    char text[8192];

    for (int i = 0; i < 1000; i++)
        limit_log_note(&limits, LIMIT_REQUEST_RATE, &peer, 5000 + i);
    assert_int_equal(lines(text, sizeof(text)), 1);
    assert_null(strstr(text, "times more"));
    limit_log_note(&limits, LIMIT_REQUEST_RATE, &peer, 5000 + LIMIT_LOG_PAUSE_MS - 1);
    assert_int_equal(lines(text, sizeof(text)), 0);
    limit_log_note(&limits, LIMIT_REQUEST_RATE, &peer, 5000 + LIMIT_LOG_PAUSE_MS);
    assert_int_equal(lines(text, sizeof(text)), 1);
    assert_non_null(strstr(text, "(and 1000 times more"));
    assert_int_equal(counter_get(&counters.limits[LIMIT_REQUEST_RATE]), 1002);
}

static void limits_do_not_silence_each_other(void **state)
{
    char text[8192];

    limit_log_note(&limits, LIMIT_REQUEST_RATE, &peer, 5000);
    limit_log_note(&limits, LIMIT_BODY_SIZE, &peer, 5000);
    assert_int_equal(lines(text, sizeof(text)), 2);
}

static void below_the_level_it_is_only_counted(void **state)
{
    char text[8192];

    log_set_all_levels(LOG_NOTICE);
    limit_log_note(&limits, LIMIT_KEEPALIVE_TIMEOUT, &peer, 1);
    limit_log_note(&limits, LIMIT_HEADER_TIMEOUT, &peer, 1);
    assert_int_equal(lines(text, sizeof(text)), 0);
    assert_int_equal(counter_get(&counters.limits[LIMIT_HEADER_TIMEOUT]), 1);
}

static void a_client_may_be_unknown(void **state)
{
    char text[8192];

    limit_log_note(&limits, LIMIT_MEMORY, NULL, 1);
    assert_int_equal(lines(text, sizeof(text)), 1);
    assert_non_null(strstr(text, "client (unknown) "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_limit_has_a_sentence_that_names_the_client, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_crowd_has_one_line_in_ten_seconds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(limits_do_not_silence_each_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(below_the_level_it_is_only_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_client_may_be_unknown, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
