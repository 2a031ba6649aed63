/* SPDX-License-Identifier: MIT */
/* advice.c - one function for each kind of doubt. */

#include "tool/advice.h"

#include "config/config_check.h"
#include "config/config_origin.h"
#include "http/http_context.h"
#include "os/privileges.h"
#include "os/syslog_socket.h"
#include "tool/advice_files.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define PRIVILEGED_PORTS 1024
#define CAPABILITY_BIND 10 /* CAP_NET_BIND_SERVICE */

struct advice {
    const struct config *config;
    struct config_report *report;
    struct identity identity; /* of the workers */
    bool is_root;
};

/* Where @key is set, else the file as such. */
static struct config_place place_of(const struct advice *advice, const char *section,
                                    const char *key)
{
    const struct config_place *place = origin_find(advice->config, section, key);
    return place ? *place : (struct config_place){.file = advice->config->path};
}

/* A number after @name in a file of /proc. */
static bool read_number(const char *path, const char *name, int base, unsigned long long *ret_value)
{
    char line[256];
    bool is_found = false;
    FILE *file = fopen(path, "re");
    while (file && !is_found && fgets(line, sizeof(line), file)) {
        is_found = strncmp(line, name, strlen(name)) == 0;
        if (is_found)
            *ret_value = strtoull(line + strlen(name), NULL, base);
    }
    if (file)
        (void)fclose(file);
    return is_found;
}

static void advise_ports(const struct advice *advice)
{
    const struct server_config *server = &advice->config->server;
    unsigned long long capabilities = 0, first = PRIVILEGED_PORTS;
    if (!read_number("/proc/self/status", "CapEff:", 16, &capabilities) ||
        (capabilities >> CAPABILITY_BIND & 1))
        return;
    (void)read_number("/proc/sys/net/ipv4/ip_unprivileged_port_start", "", 10, &first);
    for (size_t i = 0; i < server->listen_count; i++) {
        unsigned port = address_port(&server->listen[i].addr);
        if (port > 0 && port < first)
            report_warning(advice->report, place_of(advice, "server", "listen"),
                           "listen: port %u is below %llu, which needs root or the capability "
                           "CAP_NET_BIND_SERVICE: this user has neither",
                           port, first);
    }
}

static void advise_descriptors(const struct advice *advice)
{
    const struct server_config *server = &advice->config->server;
    struct rlimit limit;
    if (server->max_open_files != 0 || getrlimit(RLIMIT_NOFILE, &limit) == -1 ||
        limit.rlim_max >= (rlim_t)server->worker_connections + OTHER_DESCRIPTORS)
        return;
    report_warning(advice->report, place_of(advice, "server", "worker_connections"),
                   "worker_connections: %u connections do not fit into %llu descriptors, the hard "
                   "limit here (ulimit -Hn)",
                   server->worker_connections, (unsigned long long)limit.rlim_max);
}

static void advise_user(const struct advice *advice)
{
    if (advice->is_root && advice->identity.uid == 0)
        report_warning(advice->report, place_of(advice, "server", "user"),
                       "user: the workers keep the rights of root, which they do not need");
}

static bool lies_below(const char *path, const char *root)
{
    size_t len = strlen(root);
    return path && strncmp(path, root, len) == 0 && (path[len] == '/' || root[1] == '\0');
}

/* What every client may fetch by its name. */
static void advise_exposed(const struct advice *advice, const char *key, const char *path)
{
    const struct config *config = advice->config;
    char *real = path ? realpath(path, NULL) : NULL;
    for (size_t i = 0; i < config->root_count; i++) {
        const char *exposed = real ? real : path;
        const char *name = exposed ? strrchr(exposed, '/') : NULL;
        if (!name || name[1] == '.' || !lies_below(exposed, config->roots[i]))
            continue;
        report_warning(advice->report, place_of(advice, "server", key),
                       "%s: \"%s\" lies below the root \"%s\": everybody can fetch it", key, path,
                       config->roots[i]);
        break;
    }
    free(real);
}

/* A server that starts now would not find its syslog daemon. */
static void advise_log(const struct advice *advice, const char *key,
                       const struct log_destination *log)
{
    int fd;
    if (log->target != LOG_TARGET_SYSLOG) {
        advise_exposed(advice, key, log->path);
        return;
    }
    int err = syslog_socket_open(log->path, &fd);
    if (err)
        report_warning(advice->report, place_of(advice, "server", key),
                       "%s: no syslog daemon listens at \"%s\" now (%s)", key, log->path,
                       strerror(-err));
    else
        close(fd);
}

/* The place of the value that names a root, the outermost one. */
static struct config_place place_of_root(const struct advice *advice, unsigned number)
{
    const struct config *config = advice->config;
    char section[128];
    if (config->site.root_number == number)
        return place_of(advice, "server", "root");
    for (size_t i = 0; i < config->host_count; i++) {
        (void)snprintf(section, sizeof(section), "host %s", config->hosts[i].name);
        if (config->hosts[i].site.root_number == number)
            return place_of(advice, section, "root");
    }
    for (size_t i = 0; i < config->route_count; i++) {
        (void)snprintf(section, sizeof(section), "location %s", config->routes[i].location->name);
        if (config->routes[i].site.root_number == number)
            return place_of(advice, section, "root");
    }
    return place_of(advice, "server", "root");
}

static bool sends_siblings(const struct config *config, unsigned number)
{
    bool sends = config->site.root_number == number && config->site.precompressed;
    for (size_t i = 0; i < config->host_count; i++)
        sends |= config->hosts[i].site.root_number == number && config->hosts[i].site.precompressed;
    for (size_t i = 0; i < config->route_count; i++)
        sends |= config->routes[i].site.root_number == number &&
                 config->routes[i].site.precompressed;
    return sends;
}

static void report_files(const struct advice *advice, unsigned number,
                         const struct advice_files *files, const char *what)
{
    char others[32] = "";
    if (files->count > 1)
        (void)snprintf(others, sizeof(others), " and %u more", files->count - 1);
    if (files->count > 0)
        report_warning(advice->report, place_of_root(advice, number), "root: \"%s\"%s: %s",
                       files->first, others, what);
}

static void report_findings(const struct advice *advice, unsigned number,
                            const struct advice_findings *findings)
{
    char text[256];
    (void)snprintf(text, sizeof(text), "cannot be read by the workers' user %s (%s)",
                   advice->is_root ? advice->identity.user : "(this one)",
                   strerror(findings->unreadable_error));
    report_files(advice, number, &findings->unreadable, text);
    if (sends_siblings(advice->config, number))
        report_files(advice, number, &findings->outdated,
                     "empty or older than the file it was made from, so it is not sent");
    (void)snprintf(text, sizeof(text), "no media type is known for that name, so it is %s",
                   advice->config->mime.default_type);
    report_files(advice, number, &findings->untyped, text);
}

/* Effective rights only: those of root come back. */
static bool become(const struct identity *identity)
{
    return setgroups((size_t)identity->group_count, identity->groups) == 0 &&
           setegid(identity->gid) == 0 && seteuid(identity->uid) == 0;
}

static void become_root_again(const gid_t *groups, int count)
{
    if (seteuid(0) == -1 || setegid(0) == -1 || setgroups((size_t)count, groups) == -1)
        abort(); /* nothing of this program may go on with half of its rights */
}

static void look(const struct advice *advice, unsigned number, const struct mime_types *types)
{
    gid_t groups[256];
    struct advice_findings findings = {.left = 0};
    int group_count = getgroups((int)COUNT_OF(groups), groups);
    int fd = open(advice->config->roots[number], O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool changes = advice->is_root && advice->identity.uid != 0;
    if (fd == -1)
        return;
    if (!changes || (group_count >= 0 && become(&advice->identity)))
        advice_files_look(fd, types, &findings);
    if (changes && group_count >= 0)
        become_root_again(groups, group_count);
    close(fd);
    report_findings(advice, number, &findings);
}

static void advise_files(const struct advice *advice)
{
    struct mime_types *types = NULL;
    if (http_mime_types_create(&advice->config->mime, &types) != 0)
        advice->report->out_of_memory = true;
    for (unsigned i = 0; types && i < advice->config->root_count; i++)
        look(advice, i, types);
    mime_types_destroy(types);
}

void advice_give(const struct config *config, struct config_report *report)
{
    const struct server_config *server = &config->server;
    struct advice advice = {.config = config, .report = report, .is_root = priv_is_root()};
    advise_ports(&advice);
    advise_descriptors(&advice);
    advise_log(&advice, "access_log", &server->access_log);
    advise_log(&advice, "error_log", &server->error_log);
    advise_exposed(&advice, "pid_file", server->pid_file);
    if (advice.is_root && priv_find(server->user, server->group, &advice.identity) != 0)
        return; /* no such user, which has been said; or the name service fails */
    advise_user(&advice);
    advise_files(&advice);
}
