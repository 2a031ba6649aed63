/* SPDX-License-Identifier: MIT */
/* fuzz_auth_file.c - a file of users: all that were taken are found, and their hashes are whole. */

#include "config/auth_file.h"
#include "config/password_scheme.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_true)
{
    if (!is_true)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config_report report = {.messages = NULL};
    struct auth_users *users = calloc(1, sizeof(*users));

    check(users != NULL);
    users->path = strdup("users");
    users->text = malloc(size + 1);
    check(users->path && users->text);
    if (size > 0)
        memcpy(users->text, data, size);
    users->text[size] = '\0';
    auth_users_parse(users, &report);
    check(!report.out_of_memory);
    for (size_t i = 0; i < users->count; i++) {
        const struct auth_user *user = &users->users[i];
        const struct auth_user *found = auth_users_find(users, slice_from_string(user->name));

        check(found && strcmp(found->name, user->name) == 0);
        check(found == user || report.error_count > 0);
        check(user->name[0] != '\0' && strlen(user->name) <= AUTH_USER_LENGTH_MAX);
        check(!strchr(user->name, ':') && !strchr(user->name, '\n'));
        check(!password_scheme_problem(slice_from_string(user->hash)));
    }
    auth_users_free(users);
    report_done(&report);
    return 0;
}
