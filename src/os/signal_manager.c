/* SPDX-License-Identifier: MIT */
/* signal_manager.c - the table of signals, and signalfd(2). */

#include "os/signal_manager.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const struct sig_row rows[] = {
    {SIGTERM, SIG_ACTION_STOP, "TERM", "stop", "end at once", SIG_ARGUMENT_NONE},
    {SIGINT, SIG_ACTION_STOP, "INT", NULL, NULL, SIG_ARGUMENT_NONE},
    {SIGQUIT, SIG_ACTION_QUIT, "QUIT", "quit", "finish running requests, then end",
     SIG_ARGUMENT_NONE},
    {SIGHUP, SIG_ACTION_RELOAD, "HUP", "reload", "read the configuration anew", SIG_ARGUMENT_NONE},
    {SIGUSR1, SIG_ACTION_REOPEN, "USR1", "reopen", "open the log files anew", SIG_ARGUMENT_NONE},
    {SIGUSR2, SIG_ACTION_UPGRADE, "USR2", "upgrade",
     "replace the program by what is on the disk now", SIG_ARGUMENT_NONE},
    {SIGWINCH, SIG_ACTION_WINCH, "WINCH", NULL, NULL, SIG_ARGUMENT_NONE},
    {SIGCHLD, SIG_ACTION_REAP, "CHLD", NULL, NULL, SIG_ARGUMENT_NONE},
};

static const struct sig_row word_rows[] = {
    {0, SIG_ACTION_STATUS, "(none)", "status", "tell how the workers are", SIG_ARGUMENT_NONE},
    {0, SIG_ACTION_DRAIN, "(none)", "drain",
     "say \"not ready\" and go on serving; or give a server of an upstream no new work",
     SIG_ARGUMENT_MAYBE},
    {0, SIG_ACTION_UNDRAIN, "(none)", "undrain", "say \"ready\" again", SIG_ARGUMENT_NONE},
    {0, SIG_ACTION_MAINT, "(none)", "maint", "take a server of an upstream out", SIG_ARGUMENT_ONE},
    {0, SIG_ACTION_READY, "(none)", "ready", "put it back", SIG_ARGUMENT_ONE},
    {0, SIG_ACTION_PURGE, "(none)", "purge", "remove what is kept of a URL", SIG_ARGUMENT_ONE},
};

const struct sig_row *sig_word_row(size_t index)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].word && index-- == 0)
            return &rows[i];
    }
    return index < COUNT_OF(word_rows) ? &word_rows[index] : NULL;
}

const struct sig_row *sig_find_word(const char *word)
{
    const struct sig_row *row;
    for (size_t i = 0; (row = sig_word_row(i)); i++) {
        if (strcmp(row->word, word) == 0)
            break;
    }
    return row;
}

const struct sig_row *sig_find_number(int number)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].number == number)
            return &rows[i];
    }
    return NULL;
}

const struct sig_row *sig_rows(size_t *ret_count)
{
    *ret_count = COUNT_OF(rows);
    return rows;
}

static void fill_set(sigset_t *set)
{
    sigemptyset(set);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        sigaddset(set, rows[i].number);
}

int sig_block(bool *ret_hangup_ignored)
{
    sigset_t set;
    struct sigaction hangup;
    fill_set(&set);
    if (sigaction(SIGHUP, NULL, &hangup) == -1 || sigprocmask(SIG_BLOCK, &set, NULL) == -1)
        return -errno;
    /* A parent may have left SIGCHLD ignored, and then no child would ever be ours to reap. */
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (signal(rows[i].number, SIG_DFL) == SIG_ERR)
            return -errno;
    }
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        return -errno;
    *ret_hangup_ignored = hangup.sa_handler == SIG_IGN;
    return 0;
}

int sig_unblock(void)
{
    sigset_t set;
    fill_set(&set);
    if (signal(SIGPIPE, SIG_DFL) == SIG_ERR)
        return -errno;
    return sigprocmask(SIG_UNBLOCK, &set, NULL) == -1 ? -errno : 0;
}

int sig_open(int *ret_fd)
{
    sigset_t set;
    fill_set(&set);
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd == -1)
        return -errno;
    *ret_fd = fd;
    return 0;
}

int sig_next(int fd, struct sig_event *ret_event)
{
    for (;;) {
        struct signalfd_siginfo info;
        ssize_t len = read(fd, &info, sizeof(info));
        if (len == -1 && errno == EINTR)
            continue;
        if (len == -1)
            return -errno;
        if (len != (ssize_t)sizeof(info))
            return -EIO;
        const struct sig_row *row = sig_find_number((int)info.ssi_signo);
        if (!row)
            continue;
        *ret_event = (struct sig_event){
            .row = row,
            .sender = (pid_t)info.ssi_pid,
            .is_from_terminal = info.ssi_code == SI_KERNEL && row->action != SIG_ACTION_REAP,
        };
        return 0;
    }
}
