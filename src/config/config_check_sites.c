/* SPDX-License-Identifier: MIT */
/* config_check_sites.c - opens nothing, but looks at everything that will be opened. */

#include "config/config_check_sites.h"

#include "config/auth_file.h"
#include "config/error_page_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A directory as the configuration has it. */
struct known_root {
    char *written;
    bool is_good;
    unsigned number; /* of the real one among the roots */
};

struct site_check {
    struct config *config;
    const struct site_settings *settings;
    struct config_place whole;
    struct config_report *report;
    struct known_root *known; /* those that were looked at */
    size_t known_count;
    const struct site_config **spaces; /* one of those that share each space */
    size_t space_count;
    bool is_repeated; /* the location was looked at in another host */
};

static struct config_place place_of(const struct site_check *check, const struct site_chain *chain,
                                    const char *key)
{
    const struct site_setting *setting = settings_find(check->settings, chain, key, "");
    return setting ? setting->place : check->whole;
}

/* The real path of a directory that can be entered; NULL after a report. */
static char *resolve_root(const char *root, struct config_place place, struct config_report *report)
{
    struct stat st;
    char *real = realpath(root, NULL);
    const char *problem = NULL;
    if (!real || stat(real, &st) == -1)
        problem = strerror(errno);
    else if (!S_ISDIR(st.st_mode))
        problem = "is not a directory";
    else if (faccessat(AT_FDCWD, real, X_OK, AT_EACCESS) == -1)
        problem = strerror(errno);
    if (!problem)
        return real;
    report_error(report, place, "root: \"%s\": %s", root, problem);
    free(real);
    return NULL;
}

/* The number of a real path among the roots. Takes @real. */
static unsigned number_of_root(struct config *config, char *real)
{
    for (size_t i = 0; i < config->root_count; i++) {
        if (strcmp(config->roots[i], real) == 0) {
            free(real);
            return (unsigned)i;
        }
    }
    config->roots[config->root_count] = real; /* there is room for one a site */
    return (unsigned)config->root_count++;
}

static const struct known_root *find_known(const struct site_check *check, const char *root)
{
    for (size_t i = check->known_count; i > 0; i--) {
        if (strcmp(check->known[i - 1].written, root) == 0)
            return &check->known[i - 1];
    }
    return NULL;
}

static const struct known_root *look_at_root(struct site_check *check, const char *root,
                                             struct config_place place)
{
    const struct known_root *before = find_known(check, root);
    if (before)
        return before;
    struct known_root *known = &check->known[check->known_count];
    known->written = report_copy(check->report, slice_from_string(root));
    if (!known->written)
        return NULL;
    check->known_count++;
    char *real = resolve_root(root, place, check->report);
    known->is_good = real != NULL;
    if (real)
        known->number = number_of_root(check->config, real);
    return known;
}

static bool equal_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool equal_lists(const struct string_list *a, const struct string_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->items[i], b->items[i]) != 0)
            return false;
    }
    return true;
}

static bool have_equal_headers(const struct site_config *a, const struct site_config *b)
{
    if (a->header_count != b->header_count)
        return false;
    for (size_t i = 0; i < a->header_count; i++) {
        if (strcmp(a->headers[i].name, b->headers[i].name) != 0 ||
            strcmp(a->headers[i].value, b->headers[i].value) != 0)
            return false;
    }
    return true;
}

static bool compress_alike(const struct gzip_config *a, const struct gzip_config *b)
{
    return (!a->is_on && !b->is_on) ||
           (a->is_on == b->is_on && equal_lists(&a->types, &b->types) &&
            a->min_size == b->min_size && a->max_size == b->max_size && a->level == b->level);
}

/* Whether both send a file of that name in the same way, so that they may share what a worker
 * remembers of it: all that is written into the head of a file counts. */
static bool send_alike(const struct site_config *a, const struct site_config *b)
{
    return a->root_number == b->root_number && a->precompressed == b->precompressed &&
           compress_alike(&a->gzip, &b->gzip) && a->etag == b->etag &&
           equal_text(a->cache_control, b->cache_control) && have_equal_headers(a, b) &&
           equal_lists(&a->cors, &b->cors) && equal_lists(&a->attachment, &b->attachment) &&
           !a->auth_file == !b->auth_file;
}

static unsigned space_of(struct site_check *check, const struct site_config *site)
{
    for (size_t i = check->space_count; i > 0; i--) {
        if (send_alike(check->spaces[i - 1], site))
            return (unsigned)i - 1;
    }
    check->spaces[check->space_count] = site; /* there is room for one a site */
    return (unsigned)check->space_count++;
}

static bool check_root(struct site_check *check, const struct site_chain *chain,
                       struct site_config *site)
{
    const struct known_root *known = site->root ? look_at_root(check, site->root,
                                                               place_of(check, chain, "root"))
                                                : NULL;
    if (!known || !known->is_good)
        return false;
    char *real = report_copy(check->report, slice_from_string(check->config->roots[known->number]));
    if (!real)
        return false;
    free(site->root);
    site->root = real;
    site->root_number = known->number;
    site->file_space = space_of(check, site);
    return true;
}

/* What a page is depends on the root, so each site has its own; but only where the page was set,
 * its lack is worth a message. */
static void check_page(const struct site_check *check, const struct site_chain *chain,
                       const char *root, struct error_page_config *page)
{
    char member[16];
    struct config_report ignored = {.messages = NULL};
    (void)snprintf(member, sizeof(member), "%u", page->status);
    bool is_own = !check->is_repeated &&
                  settings_find_own(check->settings, chain->owners[chain->count - 1],
                                    "error_page.NNN", member) != NULL;
    const struct site_setting *setting = settings_find(check->settings, chain, "error_page.NNN",
                                                       member);
    struct config_place place = setting ? setting->place : check->whole;
    error_page_resolve(page, root, check->config, place, is_own ? check->report : &ignored);
    check->report->out_of_memory |= ignored.out_of_memory;
    report_done(&ignored);
}

/* Said once, where it was set. */
static void check_etag(const struct site_check *check, const struct site_chain *chain,
                       const struct site_config *site)
{
#ifdef HAVE_XXHASH
    (void)check;
    (void)chain;
    (void)site;
#else
    const struct site_setting *own = settings_find_own(check->settings,
                                                       chain->owners[chain->count - 1], "etag", "");
    if (own && site->etag == ETAG_HASH)
        report_error(check->report, own->place,
                     "etag: this program was built without libxxhash, so it has no hash");
#endif
}

/* The same of compression. */
static void check_gzip(const struct site_check *check, const struct site_chain *chain,
                       const struct site_config *site)
{
    struct setting_owner owner = chain->owners[chain->count - 1];
    const struct site_setting *own = settings_find_own(check->settings, owner, "gzip", "");
    const struct cache_config *cache = &check->config->cache;
    if (!own || !site->gzip.is_on || check->is_repeated)
        return;
#ifndef HAVE_ZLIB
    report_error(check->report, own->place,
                 "gzip: this program was built without zlib, so it cannot compress");
#endif
    if (site->gzip.min_size > site->gzip.max_size)
        report_error(check->report, own->place,
                     "gzip: gzip_min_size is above gzip_max_size, so no file is compressed");
    if (cache->max_size == 0)
        report_warning(check->report, own->place,
                       "gzip: max_size of [cache] is 0, so what was compressed is not kept, and "
                       "nothing is compressed");
}

static void check_fallback(const struct site_check *check, const struct site_chain *chain,
                           const struct site_config *site)
{
    char path[PATH_MAX];
    struct stat st;
    struct setting_owner own = chain->owners[chain->count - 1];
    const struct site_setting *setting = settings_find_own(check->settings, own, "fallback", "");
    if (!site->fallback || !setting || check->is_repeated)
        return;
    int len = snprintf(path, sizeof(path), "%s/%s", site->root, site->fallback);
    if (len < 0 || (size_t)len >= sizeof(path) || stat(path, &st) == -1 || !S_ISREG(st.st_mode))
        report_warning(check->report, setting->place,
                       "fallback: there is no file \"/%s\" below the root yet", site->fallback);
}

static void check_site(struct site_check *check, const struct site_chain *chain,
                       struct site_config *site)
{
    check_etag(check, chain, site);
    check_gzip(check, chain, site);
    auth_file_resolve(site, check->config, place_of(check, chain, "auth_file"), check->report);
    if (!check_root(check, chain, site))
        return;
    check_fallback(check, chain, site);
    for (size_t i = 0; i < site->error_page_count; i++)
        check_page(check, chain, site->root, &site->error_pages[i]);
}

static void check_all(struct site_check *check)
{
    struct config *config = check->config;
    struct site_chain chain = settings_chain_of_server();
    check_site(check, &chain, &config->site);
    for (size_t i = 0; i < config->host_count; i++) {
        chain = settings_chain_of_host(i + 1);
        check_site(check, &chain, &config->hosts[i].site);
    }
    for (size_t i = 0; i < config->route_count; i++) {
        chain = settings_chain_of_route(config, &config->routes[i]);
        check->is_repeated = config->routes[i].host > 0 && !config->routes[i].location->host;
        check_site(check, &chain, &config->routes[i].site);
    }
    auth_files_check_exposed(config, check->report);
}

void check_sites(struct config *config, const struct site_settings *settings,
                 struct config_place whole, struct config_report *report)
{
    size_t site_count = 1 + config->host_count + config->route_count;
    struct site_check check = {
        .config = config,
        .settings = settings,
        .whole = whole,
        .report = report,
        .known = calloc(site_count, sizeof(struct known_root)),
        .spaces = calloc(site_count, sizeof(struct site_config *)),
    };
    config->roots = calloc(site_count, sizeof(*config->roots));
    if (check.known && check.spaces && config->roots)
        check_all(&check);
    else
        report->out_of_memory = true;
    for (size_t i = 0; i < check.known_count; i++)
        free(check.known[i].written);
    free(check.known);
    free(check.spaces);
}
