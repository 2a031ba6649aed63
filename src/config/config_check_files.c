/* SPDX-License-Identifier: MIT */
/* config_check_files.c - what the configuration says of the file system and of users. */

#include "config/config_check_files.h"

#include "config/config_check_sites.h"
#include "config/mime_file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void report_no_root(const struct config_check *check)
{
    if (check->is_root_named)
        return; /* its value was reported */
    if (check->is_blank)
        report_error(check->report, check->whole,
                     "the file is empty: it needs [server] and in it root = DIRECTORY");
    else
        report_error(check->report, check->whole,
                     "root is missing: [server] needs root = DIRECTORY");
}

static void check_users(const struct config_check *check)
{
    const struct server_config *server = &check->config->server;
    if (server->user && !getpwnam(server->user))
        report_error(check->report, check_place(check, "server", "user"),
                     "user: there is no user \"%s\" on this system%s", server->user,
                     strchr(server->user, ' ') ? "; the group has a key of its own, group" : "");
    if (server->group && !getgrnam(server->group))
        report_error(check->report, check_place(check, "server", "group"),
                     "group: there is no group \"%s\" on this system", server->group);
}

/*
 * A file that will be written must have a folder. It may be made later, by the init system for
 * example, so its lack is only a warning.
 */
static void check_writable(const struct config_check *check, const char *key, const char *path)
{
    struct stat st;
    struct config_place place = check_place(check, "server", key);
    if (!path)
        return;
    if (stat(path, &st) == 0) {
        if (S_ISDIR(st.st_mode))
            report_error(check->report, place, "%s: \"%s\" is a directory, expected a file", key,
                         path);
        return;
    }
    char *folder = strdup(path);
    if (!folder) {
        check->report->out_of_memory = true;
        return;
    }
    *strrchr(folder, '/') = '\0'; /* the path is absolute */
    if (folder[0] != '\0' && (stat(folder, &st) == -1 || !S_ISDIR(st.st_mode)))
        report_warning(check->report, place, "%s: there is no directory \"%s\" yet", key, folder);
    free(folder);
}

/* nginx has formats and levels behind the name of a file; here they would be a part of it. */
static void check_log_name(const struct config_check *check, const char *key, const char *path)
{
    static const char *const words[] = {"combined", "main",  "json", "debug", "info", "notice",
                                        "warn",     "error", "crit", "alert", "emerg"};
    const char *blank = path ? strrchr(path, ' ') : NULL;
    for (size_t i = 0; blank && i < COUNT_OF(words); i++) {
        if (strcmp(blank + 1, words[i]) == 0)
            report_warning(
                check->report, check_place(check, "server", key),
                "%s: \"%s\" is a part of the file's name; access_log_format and log_level "
                "are keys of their own",
                key, words[i]);
    }
}

static void check_log(const struct config_check *check, const char *key,
                      const struct log_destination *log)
{
    struct stat st;
    check_log_name(check, key, log->path);
    if (log->target != LOG_TARGET_SYSLOG || !log->path)
        check_writable(check, key, log->path);
    else if (stat(log->path, &st) == -1)
        report_error(check->report, check_place(check, "server", key),
                     "%s: there is no syslog daemon at \"%s\" (%s): start one, or name a file", key,
                     log->path, strerror(errno));
    else if (!S_ISSOCK(st.st_mode))
        report_error(check->report, check_place(check, "server", key),
                     "%s: \"%s\" is not the socket of a syslog daemon", key, log->path);
}

void check_files(const struct config_check *check)
{
    const struct server_config *server = &check->config->server;
    struct mime_config *mime = &check->config->mime;
    if (check->config->site.root)
        check_sites(check->config, check->settings, check->whole, check->report);
    else
        report_no_root(check);
    check_users(check);
    check_writable(check, "pid_file", server->pid_file);
    check_log(check, "access_log", &server->access_log);
    check_log(check, "error_log", &server->error_log);
    if (mime->include)
        mime_file_load(mime->include, check_place(check, "mime", "include"), check->report, mime);
}
