/* SPDX-License-Identifier: MIT */
/* password_check.c - a queue in front of the thread pool's. */
#include "handler/password_check.h"

#include "os/password_hash.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

struct password_check {
    struct job job;
    struct password_checks *checks;
    struct list_node node;    /* of one of their lists */
    struct list_node waiters; /* none is left: nobody is interested */
    struct siphash_tag tag;
    const struct auth_users *of;
    const char *hash;
    bool is_running; /* or waits in the pool */
    int result;
    size_t password_size; /* with its terminator */
    char password[];
};

struct password_checks {
    struct thread_pool *pool;
    struct list_node waiting, running; /* in turn */
    unsigned waiting_count, running_count;
};

static void free_check(struct password_check *check)
{
    explicit_bzero(check->password, check->password_size);
    free(check);
}

/* NULL: there is none. */
static struct password_check *first_of(const struct list_node *list)
{
    if (list_is_empty(list))
        return NULL;
    /* The analyzer takes the list's head for a part of the check that was freed before.
     * NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
    return container_of(list->next, struct password_check, node);
}

/* Of @check, which is waiting. */
static void drop_waiting(struct password_checks *checks, struct password_check *check)
{
    list_remove(&check->node);
    checks->waiting_count--;
    free_check(check);
}

/* In a thread. */
static void run(struct job *job)
{
    struct password_check *check = container_of(job, struct password_check, job);

    check->result = password_hash_check(check->password, check->hash);
}

/* Hand over what may run. What the pool has no room for waits for the end of what runs. */
static void start_next(struct password_checks *checks)
{
    struct password_check *check;

    while (checks->running_count < PASSWORD_CHECKS_RUNNING &&
           (check = first_of(&checks->waiting)) != NULL) {
        if (!checks->pool || threadpool_submit(checks->pool, &check->job) != 0)
            break;
        list_remove(&check->node);
        list_append(&checks->running, &check->node);
        check->is_running = true;
        checks->waiting_count--;
        checks->running_count++;
    }
}

/* Takes @check, which is in no list. */
static void finish(struct password_check *check)
{
    while (!list_is_empty(&check->waiters)) {
        struct list_node *first = check->waiters.next;
        struct password_waiter *waiter = container_of(first, struct password_waiter, node);

        list_remove(first);
        waiter->check = NULL;
        waiter->done(waiter, check->result);
    }
    free_check(check);
}

/* When nothing runs and nothing could be started, nothing would ever end the wait. */
static void give_up(struct password_checks *checks)
{
    struct password_check *check;

    while (checks->running_count == 0 && (check = first_of(&checks->waiting)) != NULL) {
        list_remove(&check->node);
        checks->waiting_count--;
        check->result = -EAGAIN;
        finish(check);
    }
}

static void on_done(struct job *job, bool has_run)
{
    struct password_check *check = container_of(job, struct password_check, job);
    struct password_checks *checks = check->checks;

    if (!has_run)
        check->result = -EAGAIN;
    list_remove(&check->node);
    checks->running_count--;
    start_next(checks);
    finish(check);
    give_up(checks);
}

static struct password_check *find_in(struct list_node *list,
                                      const struct password_question *question)
{
    for (struct list_node *node = list->next; node != list; node = node->next) {
        struct password_check *check = container_of(node, struct password_check, node);

        if (check->of == question->of && siphash_equal(check->tag, question->tag))
            return check;
    }
    return NULL;
}

static struct password_check *create(struct password_checks *checks,
                                     const struct password_question *question)
{
    size_t size = strlen(question->password) + 1;
    struct password_check *check = malloc(sizeof(*check) + size);

    if (!check)
        return NULL;
    *check = (struct password_check){
        .checks = checks,
        .tag = question->tag,
        .of = question->of,
        .hash = question->hash,
        .password_size = size,
    };
    job_init(&check->job, run, on_done);
    list_init(&check->waiters);
    memcpy(check->password, question->password, size);
    return check;
}

struct password_checks *password_checks_create(struct thread_pool *pool)
{
    struct password_checks *checks = calloc(1, sizeof(*checks));

    if (!checks)
        return NULL;
    checks->pool = pool;
    list_init(&checks->waiting);
    list_init(&checks->running);
    return checks;
}

void password_checks_destroy(struct password_checks *checks)
{
    struct password_check *check;

    if (!checks)
        return;
    while ((check = first_of(&checks->waiting)) != NULL)
        drop_waiting(checks, check);
    free(checks);
}

/* It waits, or is running already. NULL: out of memory. */
static struct password_check *begin(struct password_checks *checks,
                                    const struct password_question *question)
{
    struct password_check *check = create(checks, question);

    if (!check)
        return NULL;
    list_append(&checks->waiting, &check->node);
    checks->waiting_count++;
    start_next(checks);
    return check;
}

int password_checks_ask(struct password_checks *checks, const struct password_question *question,
                        struct password_waiter *waiter)
{
    struct password_check *check = find_in(&checks->running, question);

    if (!check)
        check = find_in(&checks->waiting, question);
    if (!check && checks->waiting_count == PASSWORD_CHECKS_WAITING)
        return -EAGAIN;
    if (!check)
        check = begin(checks, question);
    if (!check)
        return -ENOMEM;
    if (checks->running_count == 0) { /* there is no thread, so it waits for nothing */
        drop_waiting(checks, check);
        return -EAGAIN;
    }
    waiter->check = check;
    list_append(&check->waiters, &waiter->node);
    return 0;
}

void password_checks_forget(struct password_checks *checks, struct password_waiter *waiter)
{
    struct password_check *check = waiter->check;

    if (!check)
        return;
    waiter->check = NULL;
    list_remove(&waiter->node);
    if (!list_is_empty(&check->waiters))
        return;
    if (!check->is_running) {
        drop_waiting(checks, check);
    } else if (threadpool_withdraw(checks->pool, &check->job)) {
        list_remove(&check->node);
        checks->running_count--;
        free_check(check);
        start_next(checks);
        give_up(checks);
    }
}
