/* SPDX-License-Identifier: MIT */
/* test_privileges.c - rights are given up for good. In forked children, and mostly as root. */
#include "support/unit.h"

#include "os/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            _exit(__LINE__ % 250 + 1);                                                             \
    } while (0)

static void run_in_child(void (*test)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        test();
        _exit(0);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void child_finds_all_groups(void)
{
    struct identity identity;
    gid_t groups[PRIV_GROUPS_MAX];
    int count = PRIV_GROUPS_MAX;

    CHECK(priv_find("nobody", NULL, &identity) == 0);
    CHECK(getgrouplist("nobody", identity.gid, groups, &count) > 0);
    CHECK(identity.group_count == count);
    CHECK(memcmp(identity.groups, groups, (size_t)count * sizeof(groups[0])) == 0);
}

static void a_user_is_in_the_groups_that_the_name_service_tells(void **state)
{
    run_in_child(child_finds_all_groups);
}

static void child_looks_into_its_memory(void)
{
    struct identity identity;
    char line[1024];
    FILE *maps;

    CHECK(priv_find("root", "nogroup", &identity) == 0);
    maps = fopen("/proc/self/maps", "re");
    CHECK(maps);
    while (fgets(line, sizeof(line), maps))
        CHECK(!strstr(line, "libnss_"));
    CHECK(fclose(maps) == 0);
}

static void nothing_of_the_name_service_stays(void **state)
{
    run_in_child(child_looks_into_its_memory);
}

static void users_are_found(void **state)
{
    struct identity identity;

    assert_int_equal(priv_find("root", NULL, &identity), 0);
    assert_int_equal(identity.uid, 0);
    assert_int_equal(identity.gid, 0);
    assert_string_equal(identity.user, "root");
    assert_int_equal(priv_find("root", "nogroup", &identity), 0);
    assert_int_equal(identity.gid, getgrnam("nogroup")->gr_gid);
    assert_int_equal(priv_find("no-such-user", NULL, &identity), -ENOENT);
    assert_int_equal(priv_find("", NULL, &identity), -ENOENT);
    assert_int_equal(priv_find("root", "no-such-group", &identity), -ESRCH);
}

static void without_a_name_it_is_somebody_harmless(void **state)
{
    struct identity identity;

    assert_int_equal(priv_find(NULL, NULL, &identity), 0);
    assert_int_not_equal(identity.uid, 0);
    if (getpwnam("www-data"))
        assert_string_equal(identity.user, "www-data");
    else
        assert_string_equal(identity.user, "nobody");
}

/* The line "NAME:\thex" of /proc/self/status. */
static unsigned long long status_mask(const char *name)
{
    char line[256];
    unsigned long long mask = ~0ULL;
    FILE *file = fopen("/proc/self/status", "re");

    CHECK(file);
    while (fgets(line, sizeof(line), file)) {
        size_t len = strlen(name);
        if (strncmp(line, name, len) == 0 && line[len] == ':')
            mask = strtoull(line + len + 1, NULL, 16);
    }
    CHECK(fclose(file) == 0);
    return mask;
}

static void check_groups(void)
{
    gid_t groups[64];
    int count = getgroups((int)COUNT_OF(groups), groups);

    for (int i = 0; i < count; i++)
        CHECK(groups[i] != 0);
    CHECK(setgid(0) == -1 && setgroups(0, NULL) == -1);
}

static void check_capabilities(void)
{
    static const char *const names[] = {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        CHECK(status_mask(names[i]) == 0);
}

static void child_drops(void)
{
    struct identity identity;

    CHECK(setgroups(3, (gid_t[]){0, 1, 2}) == 0);
    CHECK(priv_find(NULL, NULL, &identity) == 0);
    CHECK(priv_drop(&identity) == 0);
    CHECK(priv_harden() == 0);

    CHECK(!priv_is_root());
    CHECK(getuid() == identity.uid && geteuid() == identity.uid);
    CHECK(getgid() == identity.gid && getegid() == identity.gid);
    check_groups();
    check_capabilities();
    CHECK(setuid(0) == -1 && seteuid(0) == -1);
    CHECK(access("/etc/shadow", R_OK) == -1);

    CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
#ifndef TINYWEB_SANITIZERS
    CHECK(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
#endif

    /* It is that user already: nothing to do. Another one: out of reach. */
    CHECK(priv_drop(&identity) == 0);
    identity.uid++;
    CHECK(priv_drop(&identity) == -EPERM);
}

static void dropped_rights_do_not_come_back(void **state)
{
    if (!priv_is_root())
        skip();
    run_in_child(child_drops);
}

static void child_stays_root(void)
{
    struct identity identity;

    CHECK(priv_find("root", NULL, &identity) == 0);
    CHECK(priv_drop(&identity) == 0);
    CHECK(priv_harden() == 0);
    CHECK(priv_is_root());
    CHECK(access("/etc/shadow", R_OK) == 0);
    CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
}

static void root_may_stay_root(void **state)
{
    if (!priv_is_root())
        skip();
    run_in_child(child_stays_root);
}

static void child_is_not_root(void)
{
    struct identity identity = {.uid = getuid(), .gid = getgid(), .user = "me"};

    if (priv_is_root()) {
        CHECK(priv_find("nobody", NULL, &identity) == 0);
        CHECK(setresgid(identity.gid, identity.gid, identity.gid) == 0);
        CHECK(setresuid(identity.uid, identity.uid, identity.uid) == 0);
    }
    CHECK(priv_harden() == 0);
    CHECK(priv_drop(&identity) == 0);
    CHECK(priv_find("root", NULL, &identity) == 0);
    CHECK(priv_drop(&identity) == -EPERM);
}

static void others_can_only_stay_who_they_are(void **state)
{
    run_in_child(child_is_not_root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_of_the_name_service_stays), /* first: nothing is loaded yet */
        cmocka_unit_test(a_user_is_in_the_groups_that_the_name_service_tells),
        cmocka_unit_test(users_are_found),
        cmocka_unit_test(without_a_name_it_is_somebody_harmless),
        cmocka_unit_test(dropped_rights_do_not_come_back),
        cmocka_unit_test(root_may_stay_root),
        cmocka_unit_test(others_can_only_stay_who_they_are),
    };

    return cmocka_run_group_tests_name("privileges", tests, NULL, NULL);
}
