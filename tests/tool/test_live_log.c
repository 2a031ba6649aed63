/* SPDX-License-Identifier: MIT */
/* test_live_log.c - lines through a pipe, in pieces. */
#include "support/unit.h"

#include "base/macros.h"
#include "tool/live_log.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE(path) "127.0.0.1 - - [x] \"GET " path " HTTP/1.1\" 200 1 \"-\" \"-\" 0.000 ok\n"

/* What is shown of @pieces, terminated. */
static const char *shown(const char *const *pieces, size_t count)
{
    static char text[8192];
    int in[2], out[2];
    size_t len = 0;
    ssize_t got;
    pid_t pid;

    assert_int_equal(pipe(in), 0);
    assert_int_equal(pipe(out), 0);
    pid = fork();
    if (pid == 0) {
        close(in[1]);
        close(out[0]);
        _exit(live_log_run(in[0], out[1], false) ? 1 : 0);
    }
    close(in[0]);
    close(out[1]);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(write(in[1], pieces[i], strlen(pieces[i])), strlen(pieces[i]));
    close(in[1]);
    while ((got = read(out[0], text + len, sizeof(text) - 1 - len)) > 0)
        len += (size_t)got;
    text[len] = '\0';
    close(out[0]);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    return text;
}

static void lines_are_put_together_and_counted(void **state)
{
    static const char *const pieces[] = {
        "Serving\n127.0.0.1 - - [x] \"GET /a HT",
        "TP/1.1\" 200 1 \"-\" \"-\" 0.000 ok\n" LINE("/b"),
    };
    const char *text = shown(pieces, COUNT_OF(pieces));

    assert_int_equal(strncmp(text, "Serving\n", 8), 0);
    assert_non_null(strstr(text, "  200  GET         1 B    <1 ms  /a\n"));
    assert_non_null(strstr(text, "/b\n2 requests in "));
}

static void text_without_an_end_is_shown_at_the_end(void **state)
{
    static const char *const pieces[] = {"no newline"};

    assert_int_equal(strncmp(shown(pieces, 1), "no newline\n0 requests", 21), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_put_together_and_counted),
        cmocka_unit_test(text_without_an_end_is_shown_at_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
