/* SPDX-License-Identifier: MIT */
/* config_check.c - rules across directives, and the file system. */

#include "config/config_check.h"

#include "config/config_file.h"
#include "config/config_schema.h"
#include "config/mime_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct config_place place_of(const struct config_check *check, const char *section,
                                    const char *key)
{
    struct slice member;
    const struct directive *row = schema_find(slice_from_string(section), slice_from_string(key),
                                              &member);
    for (size_t i = 0; i < schema_count(); i++) {
        if (schema_row(i) == row && check->places[i].file)
            return check->places[i];
    }
    return check->whole;
}

void check_values(const struct config_check *check)
{
    (void)check;
}

static void check_root(const struct config_check *check)
{
    struct server_config *server = &check->config->server;
    struct config_place place = place_of(check, "server", "root");
    if (!server->root) {
        if (!check->is_root_named)
            report_error(check->report, check->whole,
                         "root is missing: [server] must say which directory to serve");
        return;
    }
    struct stat st;
    char *real = realpath(server->root, NULL);
    if (!real || stat(real, &st) == -1)
        report_error(check->report, place, "root: \"%s\": %s", server->root, strerror(errno));
    else if (!S_ISDIR(st.st_mode))
        report_error(check->report, place, "root: \"%s\" is not a directory", server->root);
    else if (faccessat(AT_FDCWD, real, X_OK, AT_EACCESS) == -1)
        report_error(check->report, place, "root: \"%s\": %s", server->root, strerror(errno));
    if (real) {
        free(server->root);
        server->root = real;
    }
}

static void check_mime(const struct config_check *check)
{
    struct mime_config *mime = &check->config->mime;
    if (mime->include)
        mime_file_load(mime->include, place_of(check, "mime", "include"), check->report, mime);
}

void check_files(const struct config_check *check)
{
    check_root(check);
    check_mime(check);
}
