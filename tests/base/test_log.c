/* SPDX-License-Identifier: MIT */
/* test_log.c - the line, what is dropped, and what several processes write to one file. */
#include "support/unit.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_SIZE 2048

static int pipe_read, pipe_write;

static int set_up(void **state)
{
    int fds[2];

    if (pipe(fds) != 0)
        return -1;
    pipe_read = fds[0];
    pipe_write = fds[1];
    log_set_fd(pipe_write);
    log_set_all_levels(LOG_NOTICE);
    return 0;
}

static int tear_down(void **state)
{
    (void)close(pipe_read);
    (void)close(pipe_write);
    log_set_fd(STDERR_FILENO);
    return 0;
}

/* What is in the pipe; "" if nothing. */
static const char *written(void)
{
    static char text[65536 + 1];
    ssize_t len;

    (void)fcntl(pipe_read, F_SETFL, O_NONBLOCK);
    len = read(pipe_read, text, sizeof(text) - 1);
    text[len > 0 ? len : 0] = '\0';
    return text;
}

/* The same from the module's name on: what does not change from run to run. */
static const char *written_message(void)
{
    const char *level = strstr(written(), " [");

    return level ? level + 1 : "";
}

/* Digits, then @after; *@text moves behind both. */
static int take(const char **text, const char *after)
{
    char *end;
    long number = strtol(*text, &end, 10);

    if (end == *text || strncmp(end, after, strlen(after)) != 0)
        fail_msg("no number followed by '%s' in '%s'", after, *text);
    *text = end + strlen(after);
    return (int)number;
}

static void a_line_has_time_pid_level_and_module(void **state)
{
    struct tm utc = {0};
    time_t before = time(NULL);
    const char *line;

    log_error(LOG_NET, "worker %d: %s", 3, "cannot accept");
    line = written();
    assert_int_equal(strcspn(line, " "), strlen("2026-11-24T10:15:42.123Z"));
    utc.tm_year = take(&line, "-") - 1900;
    utc.tm_mon = take(&line, "-") - 1;
    utc.tm_mday = take(&line, "T");
    utc.tm_hour = take(&line, ":");
    utc.tm_min = take(&line, ":");
    utc.tm_sec = take(&line, ".");
    /* time() reads a coarser clock, which may be a tick behind. */
    assert_in_range(timegm(&utc), before, time(NULL) + 1);
    assert_in_range(take(&line, "Z "), 0, 999);
    assert_int_equal(take(&line, " "), getpid());
    assert_string_equal(line, "[error] net: worker 3: cannot accept\n");
}

static void a_child_logs_its_own_pid(void **state)
{
    int status;
    const char *line;
    pid_t child = fork();

    assert_int_not_equal(child, -1);
    if (child == 0) {
        log_error(LOG_MAIN, "child");
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    line = strchr(written(), ' ');
    assert_non_null(line);
    assert_int_equal(take(&line, " [error] main: child\n"), child);
}

static void control_bytes_are_escaped_and_utf8_is_kept(void **state)
{
    static const struct {
        const char *message, *expected;
    } rows[] = {
        {"plain", "plain"},
        {"", ""},
        {"two\nlines\r", "two\\x0Alines\\x0D"},
        {"\t\x1b[31m\x7f", "\\x09\\x1B[31m\\x7F"},
        {"'\xe4\xb8\xad\xe6\x96\x87.html'", "'\xe4\xb8\xad\xe6\x96\x87.html'"},
        {"back\\slash \"quote\" 100%", "back\\slash \"quote\" 100%"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char expected[128];

        (void)snprintf(expected, sizeof(expected), "[warn] file: %s\n", rows[i].expected);
        log_warn(LOG_FILE, "%s", rows[i].message);
        assert_string_equal(written_message(), expected);
    }
}

static void an_errno_is_explained_and_errno_itself_kept(void **state)
{
    errno = ENOENT;
    log_error_errno(LOG_NET, -EMFILE, "worker %u: cannot accept", 1U);
    assert_int_equal(errno, ENOENT);
    assert_string_equal(written_message(),
                        "[error] net: worker 1: cannot accept: Too many open files\n");
    log_warn_errno(LOG_NET, EMFILE, "x");
    assert_string_equal(written_message(), "[warn] net: x: Too many open files\n");
    log_error_errno(LOG_NET, 0, "x");
    assert_string_equal(written_message(), "[error] net: x\n");
    log_error_errno(LOG_NET, 123456, "x");
    assert_string_equal(written_message(), "[error] net: x: Unknown error 123456\n");
    log_set_fd(-1);
    log_error(LOG_NET, "lost");
    assert_int_equal(errno, ENOENT);
}

static void a_long_message_is_cut_but_not_its_reason(void **state)
{
    static char message[3 * LINE_MAX_SIZE];
    size_t longest = 0;

    for (size_t len = LINE_MAX_SIZE - 120; len < sizeof(message); len += len < 2100 ? 1 : 997) {
        static const char reason[] = ": Too many open files\n";
        const char *line;
        size_t got;

        memset(message, 'm', len);
        message[len] = '\0';
        log_error_errno(LOG_NET, EMFILE, "%s", message);
        line = written();
        got = strlen(line);
        assert_in_range(got, LINE_MAX_SIZE - 120, LINE_MAX_SIZE);
        assert_string_equal(line + got - strlen(reason), reason);
        assert_int_equal(!strstr(line, message), strstr(line, "...: ") != NULL);
        longest = got > longest ? got : longest;
    }
    assert_int_equal(longest, LINE_MAX_SIZE);
}

static void a_cut_leaves_neither_half_a_character_nor_half_an_escape(void **state)
{
    static const char *const units[] = {"\xc3\xa9", "\xe4\xb8\xad", "\xf0\x9f\x98\x80", "\n"};

    for (size_t u = 0; u < COUNT_OF(units); u++) {
        const char *logged = units[u][0] == '\n' ? "\\x0A" : units[u];

        for (int shift = 0; shift < 4; shift++) {
            static char message[2 * LINE_MAX_SIZE];
            const char *text;
            size_t len = (size_t)shift;

            memset(message, 'x', len);
            for (; len + 4 < sizeof(message); len += strlen(units[u]))
                memcpy(message + len, units[u], strlen(units[u]));
            message[len] = '\0';
            log_error(LOG_NET, "%s", message);

            text = strstr(written_message(), "net: ") + 5 + shift;
            while (strncmp(text, logged, strlen(logged)) == 0)
                text += strlen(logged);
            assert_string_equal(text, "...\n");
        }
    }
}

static void a_level_is_set_for_each_module(void **state)
{
    log_set_level(LOG_NET, LOG_DEBUG);
    log_set_level(LOG_HTTP, LOG_ERROR);
    for (unsigned module = 0; module < LOG_MODULE_COUNT; module++) {
        for (unsigned level = 0; level < LOG_LEVEL_COUNT; level++) {
            bool expected = level <= LOG_NOTICE;

            if (module == LOG_NET)
                expected = true;
            if (module == LOG_HTTP)
                expected = level == LOG_ERROR;
            log_at((enum log_module)module, (enum log_level)level, 0, "x");
            assert_int_equal(written()[0] != '\0', expected);
        }
    }
}

static int evaluated;

static int evaluate(void)
{
    return ++evaluated;
}

static void arguments_are_not_evaluated_below_the_level(void **state)
{
    evaluated = 0;
    log_info(LOG_NET, "%d", evaluate());
    log_debug(LOG_NET, "%d", evaluate());
    assert_int_equal(evaluated, 0);
    log_notice(LOG_NET, "%d", evaluate());
    log_warn(LOG_NET, "%d", evaluate());
    assert_int_equal(evaluated, 2);
}

static void names_go_both_ways(void **state)
{
    enum log_level level = LOG_DEBUG;
    enum log_module module = LOG_HANDLER;

    for (unsigned i = 0; i < LOG_LEVEL_COUNT; i++) {
        const char *name = log_level_name((enum log_level)i);

        assert_true(log_level_from_name(slice_from_string(name), &level));
        assert_int_equal(level, i);
    }
    for (unsigned i = 0; i < LOG_MODULE_COUNT; i++) {
        const char *name = log_module_name((enum log_module)i);

        assert_true(log_module_from_name(slice_from_string(name), &module));
        assert_int_equal(module, i);
    }
    assert_false(log_level_from_name(SLICE_LITERAL("Error"), &level));
    assert_false(log_level_from_name(SLICE_LITERAL(""), &level));
    assert_false(log_module_from_name(SLICE_LITERAL("nets"), &module));
    assert_int_equal(level, LOG_DEBUG);
    assert_int_equal(module, LOG_HANDLER);
}

static void a_full_pipe_drops_lines_and_never_blocks(void **state)
{
    uint64_t before = log_dropped();
    int lines = 0;

    alarm(20); /* the test fails by a signal, should a write block */
    while (log_dropped() == before && ++lines < 100000)
        log_error(LOG_NET, "line %d", lines);
    log_error(LOG_NET, "lost");
    assert_int_equal(log_dropped(), before + 2);
    while (written()[0] != '\0') {
    }
    log_error(LOG_NET, "found");
    assert_string_equal(written_message(), "[error] net: found\n");
    assert_int_equal(log_dropped(), before + 2);
    alarm(0);
}

static void a_reader_that_left_costs_lines_and_no_signal(void **state)
{
    uint64_t before = log_dropped();

    (void)close(pipe_read);
    pipe_read = -1;
    log_error(LOG_NET, "lost");
    assert_int_equal(log_dropped(), before + 1);
}

static void a_full_disk_costs_lines(void **state)
{
    uint64_t before = log_dropped();
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    if (full == -1)
        skip();
    log_set_fd(full);
    errno = ENOENT;
    log_error(LOG_NET, "lost");
    assert_int_equal(errno, ENOENT);
    assert_int_equal(log_dropped(), before + 1);
    (void)close(full);
    log_error(LOG_NET, "lost too"); /* to a descriptor that is closed */
    assert_int_equal(log_dropped(), before + 2);
    assert_int_equal(log_fd(), full);
}

enum { WRITERS = 4, LINES = 5000, PAD_MAX = 700 };

/* An unlinked file, open for appending in @ret_append. */
static FILE *open_shared_file(int *ret_append)
{
    char path[] = "/tmp/tinyweb-log-XXXXXX";
    int fd = mkstemp(path);

    assert_int_not_equal(fd, -1);
    *ret_append = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    (void)unlink(path);
    assert_int_not_equal(*ret_append, -1);
    return fdopen(fd, "r");
}

static void write_many(int writer)
{
    char pad[PAD_MAX + 1];

    memset(pad, 'a' + writer, sizeof(pad));
    for (int line = 0; line < LINES; line++)
        log_error(LOG_NET, "%d %d %.*s.", writer, line, line % PAD_MAX, pad);
    _exit(log_dropped() == 0 ? 0 : 1);
}

static void lines_of_several_processes_are_never_torn(void **state)
{
    int append;
    FILE *file = open_shared_file(&append);
    int next[WRITERS] = {0};
    char line[LINE_MAX_SIZE + 2];

    assert_non_null(file);
    log_set_fd(append);
    for (int writer = 0; writer < WRITERS; writer++) {
        pid_t child = fork();

        assert_int_not_equal(child, -1);
        if (child == 0)
            write_many(writer);
    }
    for (int writer = 0; writer < WRITERS; writer++) {
        int status;

        assert_int_not_equal(wait(&status), -1);
        assert_int_equal(status, 0);
    }
    for (int i = 0; i < WRITERS * LINES; i++) {
        const char *rest;
        int writer, number;
        size_t pad;

        assert_non_null(fgets(line, sizeof(line), file));
        rest = strchr(line, ' ');
        assert_non_null(rest);
        (void)take(&rest, " [error] net: ");
        writer = take(&rest, " ");
        number = take(&rest, " ");
        assert_in_range(writer, 0, WRITERS - 1);
        assert_int_equal(number, next[writer]++);
        pad = strspn(rest, (char[]){(char)('a' + writer), '\0'});
        assert_int_equal(pad, number % PAD_MAX);
        assert_string_equal(rest + pad, ".\n");
    }
    assert_null(fgets(line, sizeof(line), file));
    (void)fclose(file);
    (void)close(append);
}

static void a_syslog_daemon_gets_datagrams_with_a_priority(void **state)
{
    char got[256], wanted[128];
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
    log_set_fd(ends[0]);
    log_error(LOG_NET, "cannot %s", "accept");
    log_notice(LOG_HTTP, "two\nlines");
    snprintf(wanted, sizeof(wanted), " tinyweb[%ld]: [error] net: cannot accept", (long)getpid());
    for (int i = 0; i < 2; i++) {
        ssize_t len = recv(ends[1], got, sizeof(got) - 1, 0);

        assert_true(len > 0);
        got[len] = '\0';
        assert_memory_equal(got, i == 0 ? "<27>" : "<29>", 4);
        assert_non_null(strstr(got, i == 0 ? wanted : ": [notice] http: two\\x0Alines"));
        assert_null(strchr(got, '\n'));
        if (i == 0)
            assert_string_equal(got + sizeof("<27>Nov 24 10:15:42") - 1, wanted);
    }
    close(ends[1]);
    uint64_t before = log_dropped();
    log_error(LOG_NET, "nobody there");
    assert_int_equal(log_dropped(), before + 1);
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_of_several_processes_are_never_torn, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_line_has_time_pid_level_and_module, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_child_logs_its_own_pid, set_up, tear_down),
        cmocka_unit_test_setup_teardown(control_bytes_are_escaped_and_utf8_is_kept, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_errno_is_explained_and_errno_itself_kept, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_long_message_is_cut_but_not_its_reason, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_cut_leaves_neither_half_a_character_nor_half_an_escape,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_level_is_set_for_each_module, set_up, tear_down),
        cmocka_unit_test_setup_teardown(arguments_are_not_evaluated_below_the_level, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(names_go_both_ways, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_pipe_drops_lines_and_never_blocks, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_reader_that_left_costs_lines_and_no_signal, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_full_disk_costs_lines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_syslog_daemon_gets_datagrams_with_a_priority, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
