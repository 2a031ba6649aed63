/* SPDX-License-Identifier: MIT */
/* live_log.c - whole lines in, whole lines out. */
#include "tool/live_log.h"

#include "os/descriptors.h"
#include "tool/live_line.h"
#include "tool/live_summary.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A line of the log is shorter than PIPE_BUF; shown it is longer by colours and words. */
#define INPUT_SIZE 65536
#define SHOWN_SIZE 8192

struct reader {
    FILE *out;
    bool has_colours;
    size_t len;
    char input[INPUT_SIZE];
    struct live_summary summary;
};

static void show(struct reader *reader, struct slice text)
{
    char shown[SHOWN_SIZE], clock[sizeof("10:15:42")] = "";
    struct writer w = writer_on(shown, sizeof(shown));
    time_t now = time(NULL);
    struct live_line line;
    struct tm parts;

    if (!live_line_parse(text, &line)) {
        fprintf(reader->out, "%.*s\n", SLICE_PRINTF(text));
        return;
    }
    if (localtime_r(&now, &parts))
        (void)strftime(clock, sizeof(clock), "%H:%M:%S", &parts);
    live_summary_add(&reader->summary, &line);
    live_line_write(&w, &line, clock, reader->has_colours);
    if (!w.overflow)
        (void)fwrite(w.data, 1, w.len, reader->out);
}

/* Shows the lines that are complete; one that fills the whole input is taken for one. */
static void show_lines(struct reader *reader)
{
    struct slice rest = slice_of(reader->input, reader->len);
    ptrdiff_t end;

    while ((end = slice_find(rest, '\n')) >= 0) {
        show(reader, slice_of(rest.data, (size_t)end));
        rest = slice_from(rest, (size_t)end + 1);
    }
    if (rest.len == sizeof(reader->input)) {
        show(reader, rest);
        rest.len = 0;
    }
    if (rest.len > 0)
        memmove(reader->input, rest.data, rest.len);
    reader->len = rest.len;
    (void)fflush(reader->out);
}

static int read_all(struct reader *reader, int in_fd)
{
    for (;;) {
        ssize_t len = read(in_fd, reader->input + reader->len, INPUT_SIZE - reader->len);

        if (len == 0)
            break;
        if (len == -1 && errno == EINTR)
            continue;
        if (len == -1)
            return -errno;
        reader->len += (size_t)len;
        show_lines(reader);
    }
    if (reader->len > 0)
        show(reader, slice_of(reader->input, reader->len));
    return 0;
}

int live_log_run(int in_fd, int out_fd, bool has_colours)
{
    struct reader *reader = calloc(1, sizeof(*reader));
    time_t started = time(NULL);
    int err;

    if (!reader)
        return -ENOMEM;
    reader->has_colours = has_colours;
    reader->out = fdopen(out_fd, "w");
    if (!reader->out) {
        err = -errno;
        free(reader);
        return err;
    }
    err = read_all(reader, in_fd);
    if (has_colours)
        fputc('\n', reader->out); /* behind the ^C of the terminal */
    live_summary_print(&reader->summary, (uint64_t)(time(NULL) - started), reader->out);
    if (fclose(reader->out) != 0 && !err)
        err = -errno;
    free(reader);
    return err;
}

/* https://no-color.org: any value but an empty one. */
static bool wants_colours(void)
{
    const char *no_color = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");

    return isatty(STDOUT_FILENO) && !(no_color && no_color[0] != '\0') &&
           !(terminal && strcmp(terminal, "dumb") == 0);
}

/* The keys of the terminal, and what a whole group is told, are for the server; this ends when the
 * server has. */
static _Noreturn void be_reader(const int fds[2])
{
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGQUIT, SIG_IGN);
    (void)signal(SIGTERM, SIG_IGN);
    (void)signal(SIGTSTP, SIG_DFL);
    if (descriptors_close_others((int[]){fds[0]}, 1)) /* a listening socket among them */
        _exit(1);
    _exit(live_log_run(fds[0], STDOUT_FILENO, wants_colours()) ? 1 : 0);
}

int live_log_start(struct live_log *log, struct process_title *title)
{
    int fds[2], err = 0;

    log->pid = 0;
    if (fflush(stdout) != 0 || pipe2(fds, O_CLOEXEC) == -1)
        return -errno;
    log->pid = fork();
    if (log->pid == 0) {
        title_set(title, "tinyweb: shows requests");
        be_reader(fds);
    }
    if (log->pid == -1) {
        err = -errno;
        log->pid = 0;
    } else if (dup2(fds[1], STDOUT_FILENO) == -1) {
        err = -errno;
    }
    close(fds[0]);
    close(fds[1]);
    return err;
}

void live_log_finish(struct live_log *log)
{
    if (log->pid == 0)
        return;
    (void)fflush(stdout);
    close(STDOUT_FILENO);
    while (waitpid(log->pid, NULL, 0) == -1 && errno == EINTR)
        continue;
    log->pid = 0;
}
