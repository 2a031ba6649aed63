/* SPDX-License-Identifier: MIT */
/* config_fixture.c - loads configurations out of a folder of its own. */
#include "support/unit.h"

#include "config/config_fixture.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int fixture_setup(void **state)
{
    struct config_fixture *fixture = calloc(1, sizeof(*fixture));
    char name[] = "/tmp/tinyweb-config-XXXXXX";
    if (!fixture || !mkdtemp(name))
        return -1;
    fixture->folder = realpath(name, NULL);
    fixture->former_folder = getcwd(NULL, 0);
    *state = fixture;
    (void)umask(022); /* else each file is one that its group can change */
    return fixture->folder && chdir(fixture->folder) == 0 && mkdir("www", 0755) == 0 ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
    (void)st;
    (void)kind;
    (void)walk;
    return remove(path);
}

int fixture_teardown(void **state)
{
    struct config_fixture *fixture = *state;
    config_free(fixture->config);
    int err = chdir(fixture->former_folder);
    if (!err)
        err = nftw(fixture->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(fixture->folder);
    free(fixture->former_folder);
    free(fixture);
    return err;
}

void fixture_write(const char *name, const char *text, size_t len)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

void fixture_write_text(const char *name, const char *text)
{
    fixture_write(name, text, strlen(text));
}

static void keep_message(void *context, const struct config_mistake *mistake)
{
    const char *text = mistake->text;
    struct config_fixture *fixture = context;
    size_t len = strlen(fixture->messages);
    size_t room = sizeof(fixture->messages) - len;
    assert_null(strchr(text, '\n'));
    assert_true((size_t)snprintf(fixture->messages + len, room, "%s\n", text) < room);
    if (mistake->is_error)
        fixture->error_count++;
    else
        fixture->warning_count++;
}

int fixture_load(struct config_fixture *fixture, const char *path,
                 const struct config_override *overrides)
{
    size_t count = 0;
    while (overrides && overrides[count].text)
        count++;
    config_free(fixture->config);
    fixture->config = NULL;
    fixture->messages[0] = '\0';
    fixture->error_count = fixture->warning_count = 0;

    int err = config_load(&(struct config_source){.path = path,
                                                  .environment = fixture->environment,
                                                  .overrides = overrides,
                                                  .override_count = count},
                          &(struct config_reporter){.report = keep_message, .context = fixture},
                          &fixture->config);
    assert_int_equal(err != 0, fixture->error_count > 0);
    assert_int_equal(err != 0, fixture->config == NULL);
    return err;
}

int fixture_load_text(struct config_fixture *fixture, const char *text)
{
    fixture_write_text("t.conf", text);
    return fixture_load(fixture, "t.conf", NULL);
}

const struct config *fixture_load_good(struct config_fixture *fixture, const char *text)
{
    char whole[4096];
    size_t len = (size_t)snprintf(whole, sizeof(whole), "[server]\nroot = www\n%s", text);
    assert_true(len < sizeof(whole));
    if (fixture_load_text(fixture, whole) != 0)
        fail_msg("'%s': %s", text, fixture->messages);
    return fixture->config;
}
