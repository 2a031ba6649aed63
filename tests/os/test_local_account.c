/* SPDX-License-Identifier: MIT */
/* test_local_account.c - users of files that the test wrote, and of this system's. */
#include "support/scratch_folder.h"
#include "support/unit.h"

#include "os/local_account.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#define PASSWD                                                                                     \
    "root:x:0:0:root:/root:/bin/bash\n"                                                            \
    "www:x:33:34::/var/www:/usr/sbin/nologin\n"                                                    \
    "not a line of this format\n"                                                                  \
    "last:x:7:8::/:/bin/false"
#define GROUP                                                                                      \
    "root:x:0:www\n"                                                                               \
    "www:x:34:www\n"                                                                               \
    "nobodies:x:50:\n"                                                                             \
    "media:x:60:other,www\n"                                                                       \
    "wwwlonger:x:70:wwwlonger\n"                                                                   \
    "again:x:60:www"

static struct scratch_folder folder;
static char passwd_path[96], group_path[96];

static int set_up(void **state)
{
    scratch_init(&folder);
    scratch_file(&folder, "passwd", PASSWD);
    scratch_file(&folder, "group", GROUP);
    (void)snprintf(passwd_path, sizeof(passwd_path), "%s/passwd", folder.path);
    (void)snprintf(group_path, sizeof(group_path), "%s/group", folder.path);
    return 0;
}

static int tear_down(void **state)
{
    scratch_done(&folder);
    return 0;
}

static int find(const char *user, struct identity *ret_identity)
{
    return local_account_find(user, passwd_path, group_path, ret_identity);
}

static void a_user_has_its_own_group_first_and_each_other_once(void **state)
{
    struct identity identity;

    assert_int_equal(find("www", &identity), 0);
    assert_string_equal(identity.user, "www");
    assert_int_equal(identity.uid, 33);
    assert_int_equal(identity.gid, 34);
    assert_int_equal(identity.group_count, 3);
    assert_memory_equal(identity.groups, ((gid_t[]){34, 0, 60}), 3 * sizeof(gid_t));
}

static void a_last_line_may_be_without_an_end(void **state)
{
    struct identity identity;

    assert_int_equal(find("last", &identity), 0);
    assert_int_equal(identity.uid, 7);
    assert_int_equal(identity.group_count, 1);
    assert_int_equal(identity.groups[0], 8);
}

static void who_is_not_there_is_not_found(void **state)
{
    char name[PRIV_NAME_SIZE + 1];
    struct identity identity = {.uid = 99};

    assert_int_equal(find("ww", &identity), -ENOENT);
    assert_int_equal(find("", &identity), -ENOENT);
    memset(name, 'x', sizeof(name));
    name[PRIV_NAME_SIZE] = '\0';
    assert_int_equal(find(name, &identity), -ENAMETOOLONG);
    assert_int_equal(local_account_find("www", "/no/such/file", group_path, &identity), -ENOENT);
    assert_int_equal(local_account_find("www", passwd_path, "/no/such/file", &identity), -ENOENT);
    assert_int_equal(local_account_find("www", folder.path, group_path, &identity), -EIO);
    assert_int_equal(identity.uid, 99);
}

static void more_groups_than_there_is_room_for_are_refused(void **state)
{
    struct identity identity;
    char text[PRIV_GROUPS_MAX * 16] = "";
    size_t used = 0;

    for (int gid = 1000; gid < 1000 + PRIV_GROUPS_MAX - 1; gid++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "g:x:%d:www\n", gid);
    scratch_file(&folder, "group", text);
    assert_int_equal(find("www", &identity), 0);
    assert_int_equal(identity.group_count, PRIV_GROUPS_MAX);
    (void)snprintf(text + used, sizeof(text) - used, "g:x:999:www\n");
    scratch_file(&folder, "group", text);
    assert_int_equal(find("www", &identity), -E2BIG);
}

static void the_files_of_this_system_say_what_the_library_says(void **state)
{
    struct identity identity;
    gid_t groups[PRIV_GROUPS_MAX];
    int count = PRIV_GROUPS_MAX;

    assert_int_equal(local_account_find("root", LOCAL_PASSWD_FILE, LOCAL_GROUP_FILE, &identity), 0);
    assert_int_equal(identity.uid, 0);
    assert_true(getgrouplist("root", identity.gid, groups, &count) > 0);
    assert_int_equal(identity.group_count, count);
    assert_memory_equal(identity.groups, groups, (size_t)count * sizeof(groups[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_user_has_its_own_group_first_and_each_other_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_last_line_may_be_without_an_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_is_not_there_is_not_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_groups_than_there_is_room_for_are_refused, set_up,
                                        tear_down),
        cmocka_unit_test(the_files_of_this_system_say_what_the_library_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
