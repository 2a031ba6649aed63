/* SPDX-License-Identifier: MIT */
/* sandbox.c - both parts, and the words for them. */

#include "os/sandbox.h"

#include "os/landlock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool sandbox_is_instrumented(void)
{
#ifdef TINYWEB_INSTRUMENTED
    return true;
#else
    return false;
#endif
}

void sandbox_init(struct sandbox *sandbox, const struct sandbox_policy *policy)
{
    *sandbox = (struct sandbox){.policy = *policy, .landlock = landlock_abi()};
    sandbox->filter_err = syscall_filter_create(policy->may_connect, policy->own_count > 0,
                                                &sandbox->filter);
}

void sandbox_done(struct sandbox *sandbox)
{
    syscall_filter_destroy(sandbox->filter);
    *sandbox = (struct sandbox){0};
}

bool sandbox_is_whole(const struct sandbox *sandbox)
{
    return sandbox->landlock > 0 && sandbox->filter;
}

static const char *why_no_landlock(int err)
{
    switch (err) {
    case -ENOSYS: return "this kernel has none";
    case -EOPNOTSUPP: return "this kernel was started without";
    case -EPERM: return "it is forbidden here";
    default: return strerror(abs(err));
    }
}

static const char *why_no_filter(int err)
{
    switch (err) {
    case -ENOSYS: return "built without libseccomp";
    case -EINVAL: return "this kernel has no filters";
    case -EPERM: return "it is forbidden here";
    default: return strerror(abs(err));
    }
}

void sandbox_describe(const struct sandbox *sandbox, char *text, size_t size)
{
    char landlock[SANDBOX_TEXT_SIZE / 2];
    const char *files = sandbox->landlock >= LANDLOCK_ABI_NET ? "" : ", files only";
    if (sandbox->landlock > 0)
        (void)snprintf(landlock, sizeof(landlock), "Landlock (ABI %d%s)", sandbox->landlock, files);
    else
        (void)snprintf(landlock, sizeof(landlock), "no Landlock: %s",
                       why_no_landlock(sandbox->landlock));
    if (sandbox_is_whole(sandbox))
        (void)snprintf(text, size, "%s and seccomp", landlock);
    else if (sandbox->filter)
        (void)snprintf(text, size, "seccomp; %s", landlock);
    else
        (void)snprintf(text, size, "%s; no seccomp: %s", landlock,
                       why_no_filter(sandbox->filter_err));
}

int sandbox_restrict_files(const struct sandbox *sandbox)
{
    const struct sandbox_policy *policy = &sandbox->policy;
    if (sandbox->landlock <= 0)
        return 0;
    return landlock_restrict(&(struct landlock_grant){
        .dir_fds = policy->dir_fds,
        .dir_count = policy->dir_count,
        .own_fds = policy->own_fds,
        .own_count = policy->own_count,
        .may_connect = policy->may_connect,
    });
}

int sandbox_restrict_calls(const struct sandbox *sandbox)
{
    return sandbox->filter ? syscall_filter_install(sandbox->filter) : 0;
}
