/* SPDX-License-Identifier: MIT */
/*
 * password_check.h - passwords that are being compared with their hashes, away from the event loop.
 *
 * Hashing takes 50 ms and more, so it goes to the thread pool; a few at a time, since files are read
 * there, too. The others wait, and when there are too many, no more are taken: the slow work is
 * what a stranger can ask for. Those who send the same credentials at the same time, as a browser does
 * on its connections, share one check.
 */
#ifndef TINYWEB_HANDLER_PASSWORD_CHECK_H
#define TINYWEB_HANDLER_PASSWORD_CHECK_H

#include "base/list.h"
#include "base/siphash.h"
#include "config/config.h"
#include "event/thread_pool.h"
#include "http/basic_credentials.h"

/* In the pool at once, and waiting. */
#define PASSWORD_CHECKS_RUNNING 2
#define PASSWORD_CHECKS_WAITING 64

struct password_checks;
struct password_check;

/* Someone who waits for the outcome; embedded. */
struct password_waiter {
    /* Once; not before password_checks_ask() returns. @result is 1: right, 0: wrong, or -errno. May
     * free the waiter. */
    void (*done)(struct password_waiter *waiter, int result);
    struct list_node node;        /* private */
    struct password_check *check; /* private: NULL: not waiting any more */
};

/* What is asked; borrowed for the call, but for the hash. */
struct password_question {
    struct siphash_tag tag;      /* of the credentials */
    const struct auth_users *of; /* with the tag: what makes two questions the same one */
    const char *password, *hash;
};

/* Borrows @pool. NULL: out of memory. */
struct password_checks *password_checks_create(struct thread_pool *pool);
/* After the pool has ended; nobody waits any more. NULL is fine. */
void password_checks_destroy(struct password_checks *checks);

/* 0; or -EAGAIN: too many are waiting already, or -ENOMEM. Nobody waits then. */
MUST_CHECK int password_checks_ask(struct password_checks *checks,
                                   const struct password_question *question,
                                   struct password_waiter *waiter);

/* @waiter has lost interest, and done() is not called; harmless after it. */
void password_checks_forget(struct password_checks *checks, struct password_waiter *waiter);

#endif
