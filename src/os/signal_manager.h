/* SPDX-License-Identifier: MIT */
/*
 * signal_manager.h - signals as ordinary events: blocked, and read from a signalfd(2).
 *
 * One table serves the running server and the `-s` words of the command line. A signalfd reports
 * the signals of the process that reads it, but an epoll instance those of the process that
 * registered it: so each process opens its own after fork.
 */
#ifndef TINYWEB_OS_SIGNAL_MANAGER_H
#define TINYWEB_OS_SIGNAL_MANAGER_H

#include "base/macros.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum sig_action {
    SIG_ACTION_STOP,    /* end at once */
    SIG_ACTION_QUIT,    /* end gracefully */
    SIG_ACTION_RELOAD,  /* read the configuration anew */
    SIG_ACTION_REOPEN,  /* open the logs anew */
    SIG_ACTION_UPGRADE, /* run a new program on the same sockets */
    SIG_ACTION_WINCH,   /* let the workers of a replaced program leave */
    SIG_ACTION_STATUS,  /* tell how the workers are; no signal says it */
    SIG_ACTION_DRAIN,   /* say "not ready", and go on; or no new work for a server; the same */
    SIG_ACTION_UNDRAIN, /* say "ready" again; the same */
    SIG_ACTION_MAINT,   /* take a server out; the same */
    SIG_ACTION_READY,   /* put it back; the same */
    SIG_ACTION_PURGE,   /* forget answers that are kept; the same */
    SIG_ACTION_REAP     /* a child has ended */
};

/* Whether a word is followed by what it is about. */
enum sig_argument { SIG_ARGUMENT_NONE, SIG_ARGUMENT_MAYBE, SIG_ARGUMENT_ONE };

struct sig_row {
    int number; /* 0: only a word, for the control socket */
    enum sig_action action;
    const char *name; /* "QUIT" */
    const char *word; /* of -s; NULL: none */
    const char *help; /* of that word */
    enum sig_argument argument;
};

/* The first row with the word or number; NULL: none. */
const struct sig_row *sig_find_word(const char *word);
const struct sig_row *sig_find_number(int number);
/* The rows that have a word, one after the other; NULL: no more. */
const struct sig_row *sig_word_row(size_t index);
/* The rows that have a signal. */
const struct sig_row *sig_rows(size_t *ret_count);

/* Before the first fork: block all of the table, ignore SIGPIPE. Children inherit both, so that
 * none of them is lost or mishandled before the child listens. *@ret_hangup_ignored: SIGHUP was
 * ignored until now, as nohup(1) does. */
MUST_CHECK int sig_block(bool *ret_hangup_ignored);
/* Before another program is executed: as if sig_block had not been called. */
MUST_CHECK int sig_unblock(void);

/* A signalfd for all of the table: non-blocking, close-on-exec, the caller's. 0 or -errno. */
MUST_CHECK int sig_open(int *ret_fd);

struct sig_event {
    const struct sig_row *row;
    pid_t sender;          /* 0: the kernel */
    bool is_word;          /* over the control socket, no signal */
    bool is_from_terminal; /* a key, or a changed window: sent to the whole group */
};

/* The next signal that came; -EAGAIN: no more. Equal ones that came before the first was read are
 * one. */
MUST_CHECK int sig_next(int fd, struct sig_event *ret_event);

#endif
