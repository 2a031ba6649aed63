/* SPDX-License-Identifier: MIT */
/* test_access_log.c - whole lines, whatever becomes of the descriptor; a loop whose clock is ours. */
#include "support/unit.h"

#include "base/log.h"
#include "http/access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* The few calls of event_loop.h that the log makes. */
struct event_loop {
    int64_t now_ms, wall_seconds;
    struct timer *timer;
    bool is_out_of_memory;
};

int64_t loop_now_ms(const struct event_loop *loop)
{
    return loop->now_ms;
}

time_t loop_wall_seconds(const struct event_loop *loop)
{
    return loop->wall_seconds;
}

int loop_set_timer(struct event_loop *loop, struct timer *timer, int64_t due_ms)
{
    if (loop->is_out_of_memory)
        return -ENOMEM;
    timer->position = 1;
    timer->due_ms = due_ms;
    loop->timer = timer;
    return 0;
}

void loop_cancel_timer(struct event_loop *loop, struct timer *timer)
{
    timer->position = 0;
    loop->timer = NULL;
}

static void advance(struct event_loop *loop, int64_t ms)
{
    loop->now_ms += ms;
    if (loop->timer && loop->timer->due_ms <= loop->now_ms) {
        struct timer *timer = loop->timer;

        loop_cancel_timer(loop, timer);
        timer->fire(timer);
    }
}

static struct event_loop loop;
static counter dropped;
static char directory[64];

static void path_in_directory(char out[128], const char *name)
{
    snprintf(out, 128, "%s/%s", directory, name);
}

static int open_file(const char *name)
{
    char path[128];
    int fd;

    path_in_directory(path, name);
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_int_not_equal(fd, -1);
    return fd;
}

/* The caller frees it. */
static char *read_file(const char *name)
{
    char path[128];
    FILE *file;
    char *text = calloc(1, 16 << 20);

    path_in_directory(path, name);
    file = fopen(path, "re");
    assert_non_null(file);
    assert_non_null(text);
    text[fread(text, 1, (16 << 20) - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void remove_file(const char *name)
{
    char path[128];

    path_in_directory(path, name);
    unlink(path);
}

static struct access_log *make_sampled_log(int fd, unsigned sample)
{
    struct access_log *log;

    loop = (struct event_loop){.now_ms = 1000, .wall_seconds = 1795515342};
    counter_set(&dropped, 0);
    log = access_log_create(&loop, fd, &dropped,
                            &(struct access_log_settings){access_line_write, 1000, sample});
    assert_non_null(log);
    return log;
}

static struct access_log *make_log(int fd)
{
    return make_sampled_log(fd, 1);
}

/* Line @number, padded by @padding bytes. */
static void append(struct access_log *log, unsigned number, size_t padding)
{
    static char agent[1024];
    char request[64];
    struct address peer;

    assert_int_equal(address_parse(SLICE_LITERAL("127.0.0.1"), 1, &peer), 0);
    memset(agent, 'u', sizeof(agent));
    snprintf(request, sizeof(request), "GET /%u HTTP/1.1", number);
    access_log_append(log, &(struct access_record){.peer = &peer,
                                                   .request_line = slice_from_string(request),
                                                   .user_agent = slice_of(agent, padding),
                                                   .status = 200,
                                                   .reason = "ok"});
}

/* True, and *@text behind it, when @part stands there. */
static bool skip_text(const char **text, const char *part)
{
    if (strncmp(*text, part, strlen(part)) != 0)
        return false;
    *text += strlen(part);
    return true;
}

/* The number of the line at @text, -1 when it is not a whole one; *@ret_next is behind it. */
static int parse_line(const char *text, const char **ret_next)
{
    int number = 0;

    if (!skip_text(&text, "127.0.0.1 - - [24/Nov/2026:10:15:42 +0000] \"GET /"))
        return -1;
    /* By hand: sanitizers measure all the rest of the text for each call of strtol or strspn. */
    for (; ascii_is_digit(*text); text++)
        number = number * 10 + (*text - '0');
    if (!skip_text(&text, " HTTP/1.1\" 200 0 \"-\" \""))
        return -1;
    text += *text == '-';
    while (*text == 'u')
        text++;
    if (!skip_text(&text, "\" 0.000 ok\n"))
        return -1;
    *ret_next = text;
    return number;
}

/* Lines @first up to @last and nothing else. */
static void assert_lines(const char *text, unsigned first, unsigned last)
{
    for (unsigned number = first; number <= last; number++) {
        int got = parse_line(text, &text);

        if (got != (int)number)
            fail_msg("line %u is %d", number, got);
    }
    assert_string_equal(text, "");
}

/* What the error log got, by its descriptor. */
static int capture_error_log(void)
{
    int fd = open_file("error");

    log_set_fd(fd);
    return fd;
}

static void lines_leave_a_second_after_the_first(void **state)
{
    int fd = open_file("a");
    struct access_log *log = make_log(fd);
    char *text;

    assert_null(loop.timer); /* nothing to do, nothing to wake up for */
    append(log, 1, 0);
    assert_non_null(loop.timer);
    advance(&loop, 600);
    append(log, 2, 0);
    text = read_file("a");
    assert_string_equal(text, "");
    free(text);
    advance(&loop, 400);
    assert_null(loop.timer);
    text = read_file("a");
    assert_lines(text, 1, 2);
    free(text);
    append(log, 3, 0);
    assert_non_null(loop.timer);
    access_log_flush(log);
    assert_null(loop.timer);
    access_log_flush(log); /* of nothing */
    text = read_file("a");
    assert_lines(text, 1, 3);
    free(text);
    access_log_destroy(log);
    access_log_destroy(NULL);
    assert_int_equal(counter_get(&dropped), 0);
    close(fd);
    remove_file("a");
}

static void a_full_buffer_leaves_at_once(void **state)
{
    int fd = open_file("a");
    struct access_log *log = make_log(fd);
    char *text;

    for (unsigned i = 0; i < 20000; i++)
        append(log, i, i % 700);
    access_log_destroy(log); /* takes the rest with it */
    assert_null(loop.timer);
    text = read_file("a");
    assert_lines(text, 0, 19999);
    free(text);
    close(fd);
    remove_file("a");
}

static void without_memory_for_a_timer_lines_leave_at_once(void **state)
{
    int fd = open_file("a");
    struct access_log *log = make_log(fd);
    char *text;

    loop.is_out_of_memory = true;
    append(log, 1, 0);
    text = read_file("a");
    assert_lines(text, 1, 1);
    free(text);
    access_log_destroy(log);
    close(fd);
    remove_file("a");
}

/* They could wait, but nothing would come back for them. */
static void without_memory_for_a_timer_no_line_waits(void **state)
{
    int error_fd = capture_error_log();
    struct access_log *log;
    int fds[2];

    assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
    while (write(fds[1], "x", 1) == 1)
        ;
    log = make_log(fds[1]);
    loop.is_out_of_memory = true;
    append(log, 1, 0);
    assert_int_equal(counter_get(&dropped), 1);
    append(log, 2, 0);
    assert_int_equal(counter_get(&dropped), 2);
    access_log_destroy(log);
    close(fds[0]);
    close(fds[1]);
    close(error_fd);
    log_set_fd(STDERR_FILENO);
    remove_file("error");
}

static void reopening_puts_each_line_into_one_file(void **state)
{
    int old_fd = open_file("old");
    int new_fd = open_file("new");
    struct access_log *log = make_log(old_fd);
    char *text;

    append(log, 1, 0);
    append(log, 2, 0);
    access_log_set_fd(log, new_fd);
    close(old_fd);
    append(log, 3, 0);
    advance(&loop, 1000);
    access_log_destroy(log);
    text = read_file("old");
    assert_lines(text, 1, 2);
    free(text);
    text = read_file("new");
    assert_lines(text, 3, 3);
    free(text);
    close(new_fd);
    remove_file("old");
    remove_file("new");
}

static unsigned count_text(const char *text, const char *part)
{
    unsigned count = 0;

    while ((text = strstr(text, part))) {
        count++;
        text++;
    }
    return count;
}

static void a_full_disk_costs_lines_and_is_reported_once_a_minute(void **state)
{
    int error_fd = capture_error_log();
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    int fd = open_file("a");
    struct access_log *log = make_log(full);
    char *text;

    assert_int_not_equal(full, -1);
    for (unsigned i = 0; i < 1000; i++)
        append(log, i, 100);
    advance(&loop, 1000);
    assert_int_equal(counter_get(&dropped), 1000);
    text = read_file("error");
    assert_int_equal(count_text(text, "access log: "), 1);
    assert_int_equal(count_text(text, "No space left on device"), 1);
    free(text);

    for (unsigned second = 0; second < 118; second++) {
        append(log, 1, 0);
        advance(&loop, 1000);
    }
    assert_int_equal(counter_get(&dropped), 1118);
    text = read_file("error");
    assert_int_equal(count_text(text, "access log: "), 2);
    free(text);

    access_log_set_fd(log, fd); /* somebody made room */
    append(log, 7, 0);
    advance(&loop, 1000);
    text = read_file("a");
    assert_lines(text, 7, 7);
    free(text);
    access_log_destroy(log);
    close(full);
    close(fd);
    close(error_fd);
    log_set_fd(STDERR_FILENO);
    remove_file("a");
    remove_file("error");
}

static void limit_file_size(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Lines @first to @last as they should be, appended to @out. */
static void append_expected(char *out, unsigned first, unsigned last)
{
    for (unsigned i = first; i <= last; i++)
        sprintf(out + strlen(out),
                "127.0.0.1 - - [24/Nov/2026:10:15:42 +0000] \"GET /%u HTTP/1.1\" "
                "200 0 \"-\" \"-\" 0.000 ok\n",
                i);
}

/* A disk that fills up after each number of bytes that three lines have. */
static void a_line_cut_by_a_full_disk_never_runs_into_the_next(void **state)
{
    int error_fd = capture_error_log();
    char three[512] = "";
    size_t line_len;

    append_expected(three, 1, 3);
    line_len = strlen(three) / 3;
    for (size_t room = 0; room <= strlen(three); room++) {
        int fd = open_file("a");
        struct access_log *log = make_log(fd);
        char expected[1024] = "";
        char *text;

        for (unsigned i = 1; i <= 3; i++)
            append(log, i, 0);
        limit_file_size(room);
        access_log_flush(log);
        append(log, 4, 0);
        limit_file_size(room + 1); /* room for a newline at most */
        access_log_flush(log);
        limit_file_size(RLIM_INFINITY);
        append(log, 5, 0);
        access_log_flush(log);
        append(log, 6, 0);
        access_log_destroy(log);

        memcpy(expected, three, room);
        if (room % line_len == 0)
            strcat(expected, "1\n"); /* the first byte of line 4 */
        else
            strcat(expected, "\n");
        append_expected(expected, 5, 6);
        text = read_file("a");
        assert_string_equal(text, expected);
        assert_int_equal(counter_get(&dropped), 3 - room / line_len + 1);
        free(text);
        close(fd);
        remove_file("a");
    }
    close(error_fd);
    log_set_fd(STDERR_FILENO);
    remove_file("error");
}

static void a_pipe_gets_whole_lines_it_can_take_at_once(void **state)
{
    static char packet[2 * PIPE_BUF];
    static char all[200000];
    struct access_log *log;
    ssize_t len;
    int fds[2];

    /* In packet mode each read returns what one write wrote. */
    assert_int_equal(pipe2(fds, O_CLOEXEC | O_DIRECT), 0);
    log = make_log(fds[1]);
    for (unsigned i = 0; i < 100; i++)
        append(log, i, i * 10);
    access_log_destroy(log);
    assert_int_equal(fcntl(fds[1], F_GETFL) & O_NONBLOCK, 0); /* it is shared with others */
    close(fds[1]);
    while ((len = read(fds[0], packet, sizeof(packet))) > 0) {
        assert_in_range(len, 1, PIPE_BUF);
        assert_int_equal(packet[len - 1], '\n');
        strncat(all, packet, (size_t)len);
    }
    close(fds[0]);
    assert_lines(all, 0, 99);
    assert_int_equal(counter_get(&dropped), 0);
}

/* Everything that was written. A terminal hands it over in its own time: wait for that. */
static void drain(int fd, char *out)
{
    int wait_ms = isatty(fd) ? 500 : 0;
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    size_t len = strlen(out);

    while (poll(&readable, 1, wait_ms) == 1) {
        ssize_t got = read(fd, out + len, 65536);

        assert_true(got > 0);
        len += (size_t)got;
    }
    out[len] = '\0';
}

/* Nobody reads for a while: what fits into the buffer comes late, but comes. */
static void check_slow_reader(int read_fd, int write_fd)
{
    struct access_log *log = make_log(write_fd);
    char *all = calloc(1, 1 << 20);
    unsigned number = 0;

    assert_non_null(all);
    do { /* until a flush leaves something behind */
        for (unsigned i = 0; i < 20; i++)
            append(log, number++, 900);
        advance(&loop, 1000);
    } while (!loop.timer);
    assert_int_equal(counter_get(&dropped), 0);
    while (loop.timer) {
        drain(read_fd, all);
        advance(&loop, 1000);
    }
    drain(read_fd, all);
    assert_lines(all, 0, number - 1);
    assert_int_equal(counter_get(&dropped), 0);
    access_log_destroy(log);
    free(all);
}

static void lines_wait_for_a_slow_reader_of_a_pipe(void **state)
{
    int fds[2];

    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    check_slow_reader(fds[0], fds[1]);
    close(fds[0]);
    close(fds[1]);
}

/* Nobody reads at all: lines are lost and counted, nothing blocks, and no line is torn. */
static void check_no_reader(int read_fd, int write_fd, unsigned count)
{
    int error_fd = capture_error_log();
    struct access_log *log = make_log(write_fd);
    char *all = calloc(1, 8 << 20);
    const char *next = all;
    unsigned whole = 0;
    int last = -1;

    assert_non_null(all);
    alarm(20); /* a write that blocks ends the test */
    for (unsigned i = 0; i < count; i++) {
        append(log, i, i % 1000);
        if (i % 50 == 0)
            advance(&loop, 1000);
    }
    access_log_destroy(log);
    alarm(0);
    drain(read_fd, all);
    while (*next) {
        const char *start = next;
        int number = parse_line(start, &next);

        if (number < 0) { /* only a socket or terminal cuts: the line after stands on its own */
            next = start + strcspn(start, "\n");
            next += *next == '\n';
            continue;
        }
        assert_true(number > last);
        last = number;
        whole++;
    }
    /* A line that lacked nothing but its newline when it was cut counts as dropped, and is there. */
    assert_in_range(whole + counter_get(&dropped), count, count + (isatty(write_fd) ? count : 0));
    assert_in_range(whole, 1, count - 1);
    assert_true(counter_get(&dropped) > 0);
    free(all);
    close(error_fd);
    log_set_fd(STDERR_FILENO);
    remove_file("error");
}

static void a_full_pipe_costs_lines_and_never_blocks(void **state)
{
    int fds[2];

    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    check_no_reader(fds[0], fds[1], 5000);
    close(fds[0]);
    close(fds[1]);
}

static void a_socket_is_written_without_waiting(void **state)
{
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    check_slow_reader(fds[0], fds[1]);
    close(fds[0]);
    close(fds[1]);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    check_no_reader(fds[0], fds[1], 5000);
    close(fds[0]);
    close(fds[1]);
}

/* Opened as os/log_file.h does; a terminal has room for a part of a line, too. */
static void a_stopped_terminal_costs_lines_and_never_blocks(void **state)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios mode;
    int fd;

    if (master == -1 || grantpt(master) == -1 || unlockpt(master) == -1)
        skip();
    fd = open(ptsname(master), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    assert_int_not_equal(fd, -1);
    assert_int_equal(tcgetattr(fd, &mode), 0);
    cfmakeraw(&mode);
    assert_int_equal(tcsetattr(fd, TCSANOW, &mode), 0);
    check_no_reader(master, fd, 2000);
    close(fd);
    close(master);
}

static void a_reader_that_left_costs_lines_only(void **state)
{
    int error_fd = capture_error_log();
    struct access_log *log;
    int fds[2];

    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    log = make_log(fds[1]);
    close(fds[0]);
    append(log, 1, 0);
    append(log, 2, 0);
    advance(&loop, 1000);
    assert_int_equal(counter_get(&dropped), 2);
    assert_null(loop.timer);
    access_log_destroy(log);
    close(fds[1]);

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    log = make_log(fds[1]);
    close(fds[0]);
    append(log, 1, 0);
    access_log_destroy(log);
    assert_int_equal(counter_get(&dropped), 1);
    close(fds[1]);
    close(error_fd);
    log_set_fd(STDERR_FILENO);
    remove_file("error");
}

/* As workers do: each with a buffer of its own, all with one file. */
static void write_from_processes(int fd, unsigned processes, unsigned lines)
{
    for (unsigned p = 0; p < processes; p++) {
        pid_t pid = fork();

        assert_int_not_equal(pid, -1);
        if (pid == 0) {
            struct access_log *log = make_log(fd);

            for (unsigned i = 0; i < lines; i++) {
                append(log, p * lines + i, i % 500);
                if (i % 97 == 0)
                    access_log_flush(log);
            }
            access_log_destroy(log);
            _exit(counter_get(&dropped) != 0);
        }
    }
}

static void processes_never_tear_each_others_lines(void **state)
{
    enum { PROCESSES = 4, LINES = 5000 };
    static unsigned char seen[PROCESSES * LINES];
    int fd = open_file("a");
    char *text;
    const char *next;

    write_from_processes(fd, PROCESSES, LINES);
    for (unsigned p = 0; p < PROCESSES; p++) {
        int status;

        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    text = read_file("a");
    next = text;
    while (*next) {
        int number = parse_line(next, &next);

        assert_in_range(number, 0, PROCESSES * LINES - 1);
        assert_int_equal(seen[number]++, 0);
    }
    for (unsigned i = 0; i < PROCESSES * LINES; i++)
        assert_int_equal(seen[i], 1);
    free(text);
    close(fd);
    remove_file("a");
}

/* Statuses of a hundred answers, one of which is an error and one has none; how many lines. */
static unsigned count_sampled(unsigned sample)
{
    int fd = open_file("a");
    struct access_log *log = make_sampled_log(fd, sample);
    unsigned lines = 0;
    struct address peer;
    char *text;

    assert_int_equal(address_parse(SLICE_LITERAL("127.0.0.1"), 1, &peer), 0);
    for (unsigned i = 0; i < 100; i++) {
        unsigned status = i % 2 ? 200 : 304;

        if (i == 50)
            status = 404;
        if (i == 60)
            status = 0;
        access_log_append(
            log, &(struct access_record){.peer = &peer, .status = status, .reason = "reason"});
    }
    access_log_destroy(log);
    text = read_file("a");
    assert_non_null(strstr(text, "\" 404 0 "));
    assert_non_null(strstr(text, "\" 000 0 "));
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    free(text);
    close(fd);
    remove_file("a");
    return lines;
}

static void a_sample_has_all_errors_and_some_of_the_rest(void **state)
{
    assert_int_equal(count_sampled(1), 100);
    assert_int_equal(count_sampled(0), 2);
    assert_int_equal(count_sampled(2), 2 + 49);
    assert_int_equal(count_sampled(50), 2 + 2);
    assert_int_equal(count_sampled(1000), 2 + 1);
}

static int set_up(void **state)
{
    strcpy(directory, "/tmp/tinyweb-test-XXXXXX");
    signal(SIGPIPE, SIG_IGN); /* as the server does */
    signal(SIGXFSZ, SIG_IGN);
    return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(void **state)
{
    return rmdir(directory);
}

/* The number of the line in the next datagram, -1 without one. */
static int receive_line(int fd)
{
    char text[4096];
    const char *line, *end;
    ssize_t len = recv(fd, text, sizeof(text) - 2, MSG_DONTWAIT);
    int number;

    if (len == -1)
        return -1;
    assert_memory_equal(text, "<190>Nov 24 ", 12);
    text[len] = '\n';
    text[len + 1] = '\0';
    line = strstr(text, "]: ");
    assert_non_null(line);
    number = parse_line(line + 3, &end);
    assert_true(end == text + len + 1);
    return number;
}

static void a_syslog_daemon_gets_a_datagram_a_line(void **state)
{
    int ends[2];
    struct access_log *log;

    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    log = make_log(ends[0]);
    for (unsigned number = 0; number < 5; number++)
        append(log, number, number * 100);
    assert_int_equal(receive_line(ends[1]), -1);
    advance(&loop, 1000);
    for (int number = 0; number < 5; number++)
        assert_int_equal(receive_line(ends[1]), number);
    assert_int_equal(receive_line(ends[1]), -1);
    access_log_destroy(log);
    assert_int_equal(counter_get(&dropped), 0);
    close(ends[0]);
    close(ends[1]);
}

static void lines_wait_for_a_syslog_daemon_that_is_busy(void **state)
{
    unsigned sent = 0, got = 0;
    int ends[2], number;
    struct access_log *log;

    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    log = make_log(ends[0]);
    for (; sent < 400; sent++) /* more than its queue has room for, less than our buffer */
        append(log, sent, 0);
    while (got < sent) {
        unsigned before = got;

        advance(&loop, 1000);
        while ((number = receive_line(ends[1])) >= 0)
            assert_int_equal(number, got++);
        assert_true(got > before);
    }
    assert_int_equal(counter_get(&dropped), 0);
    access_log_destroy(log);
    close(ends[0]);
    close(ends[1]);
}

static int start_daemon(const struct sockaddr_un *name)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    (void)unlink(name->sun_path);
    assert_int_equal(bind(fd, (const struct sockaddr *)name, sizeof(*name)), 0);
    return fd;
}

static void lines_wait_for_a_syslog_daemon_to_come_back(void **state)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct access_log *log;
    int daemon;

    snprintf(name.sun_path, sizeof(name.sun_path), "%s/daemon", directory);
    daemon = start_daemon(&name);
    assert_int_equal(connect(fd, (const struct sockaddr *)&name, sizeof(name)), 0);
    log = make_log(fd);
    close(daemon);
    append(log, 0, 0);
    advance(&loop, 1000); /* refused */
    append(log, 1, 0);
    advance(&loop, 1000); /* not connected any more */
    assert_int_equal(counter_get(&dropped), 0);

    daemon = start_daemon(&name);
    assert_int_equal(connect(fd, (const struct sockaddr *)&name, sizeof(name)), 0); /* the master */
    advance(&loop, 1000);
    assert_int_equal(receive_line(daemon), 0);
    assert_int_equal(receive_line(daemon), 1);
    close(daemon);
    append(log, 2, 0);
    access_log_destroy(log); /* nobody waits at the end */
    assert_int_equal(counter_get(&dropped), 1);
    close(fd);
    remove_file("daemon");
}

static void a_syslog_daemon_that_stays_away_costs_lines(void **state)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), errors = capture_error_log();
    struct access_log *log = make_log(fd); /* never connected */
    unsigned count = 0;

    while (counter_get(&dropped) == 0) {
        append(log, count++, 500);
        assert_true(count < 1000);
    }
    assert_int_equal(counter_get(&dropped), count - 1);
    access_log_destroy(log);
    log_set_fd(STDERR_FILENO);
    close(errors);
    remove_file("error");
    close(fd);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_syslog_daemon_gets_a_datagram_a_line),
        cmocka_unit_test(lines_wait_for_a_syslog_daemon_that_is_busy),
        cmocka_unit_test(lines_wait_for_a_syslog_daemon_to_come_back),
        cmocka_unit_test(a_syslog_daemon_that_stays_away_costs_lines),
        cmocka_unit_test(lines_leave_a_second_after_the_first),
        cmocka_unit_test(a_full_buffer_leaves_at_once),
        cmocka_unit_test(a_sample_has_all_errors_and_some_of_the_rest),
        cmocka_unit_test(without_memory_for_a_timer_lines_leave_at_once),
        cmocka_unit_test(without_memory_for_a_timer_no_line_waits),
        cmocka_unit_test(reopening_puts_each_line_into_one_file),
        cmocka_unit_test(a_full_disk_costs_lines_and_is_reported_once_a_minute),
        cmocka_unit_test(a_line_cut_by_a_full_disk_never_runs_into_the_next),
        cmocka_unit_test(a_pipe_gets_whole_lines_it_can_take_at_once),
        cmocka_unit_test(lines_wait_for_a_slow_reader_of_a_pipe),
        cmocka_unit_test(a_full_pipe_costs_lines_and_never_blocks),
        cmocka_unit_test(a_socket_is_written_without_waiting),
        cmocka_unit_test(a_stopped_terminal_costs_lines_and_never_blocks),
        cmocka_unit_test(a_reader_that_left_costs_lines_only),
        cmocka_unit_test(processes_never_tear_each_others_lines),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
