/* SPDX-License-Identifier: MIT */
/* resolver.c - starts the child, ends it when other names are wanted, and starts it again. */
#include "process/resolver.h"

#include "base/hash.h"
#include "base/log.h"
#include "os/descriptors.h"
#include "os/privileges.h"
#include "process/resolver_loop.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Between two of them, so that one that cannot run costs nothing. */
#define RESTART_MS 1000

/* Names of two generations. */
#define NAMES_MAX (2 * UPSTREAM_SERVERS_TOTAL)
static_assert(NAMES_MAX <= NAME_TABLE_ENTRIES, "each name has an entry");

static size_t collect(const struct resolver *resolver, struct resolved_name *names)
{
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(resolver->generations); i++) {
        if (resolver->generations[i])
            count = resolver_collect(resolver->generations[i]->config, names, count, NAMES_MAX);
    }
    return count;
}

/* Whatever their order: zero without any. */
static uint64_t number_of(const struct resolved_name *names, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += hash_bytes(names[i].interval_ms, slice_from_string(names[i].host)) | 1;
    return sum;
}

/* In the child. */
static _Noreturn void run(struct resolver *resolver, struct resolved_name *names, size_t count,
                          pid_t master)
{
    const struct generation *generation = resolver->generations[0] ? resolver->generations[0]
                                                                   : resolver->generations[1];
    const char *hosts[NAMES_MAX];
    int keep[] = {generation->logs.error_fd};

    title_set(resolver->title, "tinyweb: resolver process");
    generation_apply_log(generation);
    int err = descriptors_close_others(keep, COUNT_OF(keep));
    if (!err && generation->changes_user)
        err = priv_drop(&generation->identity);
    if (!err)
        err = priv_harden();
    if (err) {
        log_error_errno(LOG_PROCESS, err, "resolver: cannot lower its rights");
        _exit(CHILD_EXIT_STARTUP);
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* behind the change of the user, which takes it back */
    if (getppid() != master)
        _exit(0); /* it ended before that took effect */
    for (size_t i = 0; i < count; i++)
        hosts[i] = names[i].host;
    nametable_begin(&resolver->shared->names, hosts, count);
    resolver_loop(names, count, &resolver->shared->names);
}

static void start(struct resolver *resolver)
{
    struct resolved_name names[NAMES_MAX];
    size_t count = collect(resolver, names);
    resolver->names = number_of(names, count);
    resolver->is_told = false;
    if (count == 0)
        return;
    pid_t master = getpid();
    (void)fflush(NULL); /* what is buffered would be written twice */
    pid_t pid = fork();
    if (pid == 0)
        run(resolver, names, count, master);
    if (pid > 0) {
        resolver->pid = pid;
        return;
    }
    log_error_errno(LOG_PROCESS, errno, "resolver: cannot fork");
    (void)loop_set_timer(resolver->loop, &resolver->restart,
                         loop_now_ms(resolver->loop) + RESTART_MS);
}

static void on_restart(struct timer *timer)
{
    start(container_of(timer, struct resolver, restart));
}

void resolver_init(struct resolver *resolver, struct event_loop *loop, struct shared_state *shared,
                   struct process_title *title)
{
    *resolver = (struct resolver){.loop = loop, .shared = shared, .title = title};
    timer_init(&resolver->restart, on_restart);
}

/* Two must not write at once: so the next one starts when the former has ended. */
void resolver_restart(struct resolver *resolver)
{
    loop_cancel_timer(resolver->loop, &resolver->restart);
    if (resolver->pid == 0) {
        start(resolver);
        return;
    }
    resolver->is_told = true;
    (void)kill(resolver->pid,
               SIGKILL); /* not reaped, so it is still that one; it can lose nothing */
}

void resolver_follow(struct resolver *resolver, const struct generation *current,
                     const struct generation *next)
{
    struct resolved_name names[NAMES_MAX];
    resolver->generations[0] = current;
    resolver->generations[1] = next;
    if (number_of(names, collect(resolver, names)) != resolver->names)
        resolver_restart(resolver);
}

void resolver_forget(struct resolver *resolver, const struct generation *generation)
{
    for (size_t i = 0; i < COUNT_OF(resolver->generations); i++) {
        if (resolver->generations[i] == generation)
            resolver->generations[i] = NULL;
    }
}

bool resolver_reaped(struct resolver *resolver, pid_t pid, int status)
{
    if (pid != resolver->pid || pid == 0)
        return false;
    resolver->pid = 0;
    if (resolver->is_told) {
        start(resolver);
        return true;
    }
    log_warn(LOG_PROCESS, "resolver (pid %d) has ended by %s %d, and is started again", pid,
             WIFSIGNALED(status) ? "signal" : "itself, status",
             WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    /* What ends it again and again must not cost much. */
    (void)loop_set_timer(resolver->loop, &resolver->restart,
                         loop_now_ms(resolver->loop) + RESTART_MS);
    return true;
}

void resolver_done(struct resolver *resolver)
{
    resolver->generations[0] = resolver->generations[1] = NULL;
    if (!resolver->loop)
        return;
    loop_cancel_timer(resolver->loop, &resolver->restart);
    resolver->is_told = true;
    if (resolver->pid != 0)
        (void)kill(resolver->pid, SIGKILL);
}
