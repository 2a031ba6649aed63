/* SPDX-License-Identifier: MIT */
/*
 * config_fixture.h - loads configurations out of a folder of its own, and keeps what was reported.
 *
 * The test runs inside that folder, which holds a "www" to serve; messages name files as given.
 */
#ifndef TESTS_CONFIG_FIXTURE_H
#define TESTS_CONFIG_FIXTURE_H

#include "config/config.h"

struct config_fixture {
    char *folder, *former_folder;
    const char *const *environment; /* of the next load; NULL: an empty one */
    struct config *config;          /* of the last load, NULL after a mistake */
    char messages[65536];           /* of the last load, one a line, errors and warnings */
    unsigned error_count, warning_count;
};

/* For cmocka_unit_test_setup_teardown: the state is the fixture. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

void fixture_write(const char *name, const char *text, size_t len);
void fixture_write_text(const char *name, const char *text);

/* Returns what config_load does. @path may be NULL; overrides end with a NULL text. */
int fixture_load(struct config_fixture *fixture, const char *path,
                 const struct config_override *overrides);

/* Load a text as the file "t.conf". */
int fixture_load_text(struct config_fixture *fixture, const char *text);
/* The same below "[server]\nroot = www\n", so the text starts in line 3; must succeed. */
const struct config *fixture_load_good(struct config_fixture *fixture, const char *text);

#endif
