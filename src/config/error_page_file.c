/* SPDX-License-Identifier: MIT */
/* error_page_file.c - the pages of `error_page.NNN`. */

#include "config/error_page_file.h"

#include "base/number.h"
#include "config/file_text.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

/* One that was read: many sites may send it. */
struct page_file {
    struct page_file *next;
    char *path, *content;
    size_t content_len;
};

static void free_page(struct error_page_config *page)
{
    free(page->path);
    free(page->extension);
    free(page->file);
}

/* The page of that status, a new one if need be; NULL without memory. */
static struct error_page_config *page_of(unsigned status, struct site_config *site)
{
    for (size_t i = 0; i < site->error_page_count; i++) {
        if (site->error_pages[i].status == status)
            return &site->error_pages[i];
    }
    struct error_page_config *pages = realloc(site->error_pages,
                                              (site->error_page_count + 1) * sizeof(*pages));
    if (!pages)
        return NULL;
    site->error_pages = pages;
    struct error_page_config *page = &pages[site->error_page_count++];
    *page = (struct error_page_config){.status = status};
    return page;
}

void error_page_store(const struct config_value *value, char *path, struct config_report *report,
                      struct site_config *site)
{
    uint64_t status = 0;
    if (value->member.len != 3 || number_parse(value->member, 599, &status) != 0 || status < 400) {
        report_error(report, value->place, "error_page: \"%.*s\" is not a status from 400 to 599",
                     REPORT_VALUE(value->member));
        free(path);
        return;
    }
    struct error_page_config *page = page_of((unsigned)status, site);
    if (!page) {
        free(path);
        report->out_of_memory = true;
        return;
    }
    bool may_be_below_root = path && value->text.data[0] == '/';
    free_page(page);
    *page = (struct error_page_config){
        .status = (unsigned)status,
        .path = may_be_below_root ? path : NULL,
        .file = may_be_below_root ? NULL : path,
        .line = value->place.line,
    };
}

/* The part of a real path below a real root, NULL when it is not below it. */
static const char *below_root(const char *real, const char *root)
{
    size_t len = strlen(root);
    if (strcmp(root, "/") == 0)
        return real + 1;
    if (strncmp(real, root, len) != 0 || real[len] != '/')
        return NULL;
    return real + len + 1;
}

static bool is_regular(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* "/404.html" of the site. False: there is no such file within the root. */
static bool resolve_in_site(struct error_page_config *page, const char *root)
{
    char joined[PATH_MAX], real[PATH_MAX];
    int len = snprintf(joined, sizeof(joined), "%s%s", root, page->path);
    if (len < 0 || (size_t)len >= sizeof(joined) || !realpath(joined, real) || !is_regular(real))
        return false;
    return below_root(real, root) != NULL;
}

static void drop_leading_slashes(char *path)
{
    size_t slashes = strspn(path, "/");
    memmove(path, path + slashes, strlen(path) - slashes + 1);
}

static void set_extension(struct error_page_config *page, struct config_report *report)
{
    const char *name = strrchr(page->file, '/');
    const char *dot = strrchr(name ? name : page->file, '.');
    page->extension = report_copy(report, slice_from_string(dot ? dot + 1 : ""));
    for (char *c = page->extension; c && *c; c++)
        *c = ascii_lower(*c);
}

/* Read now, or before for another site; NULL after a report. */
static const struct page_file *read_file(const char *path, unsigned status, struct config *config,
                                         struct config_place place, struct config_report *report)
{
    for (struct page_file *file = config->page_files; file; file = file->next) {
        if (strcmp(file->path, path) == 0)
            return file;
    }
    struct page_file *file = calloc(1, sizeof(*file));
    char *copy = report_copy(report, slice_from_string(path));
    int err = file && copy
                  ? file_text_read(path, ERROR_PAGE_SIZE_MAX, &file->content, &file->content_len)
                  : -ENOMEM;
    if (!err) {
        file->path = copy;
        file->next = config->page_files;
        config->page_files = file;
        return file;
    }
    if (err == -ENOMEM)
        report->out_of_memory = true;
    else if (err == -EFBIG)
        report_error(report, place, "error_page.%u: \"%s\" has more than %u bytes", status, path,
                     ERROR_PAGE_SIZE_MAX);
    else
        report_error(report, place, "error_page.%u: \"%s\": %s", status, path, strerror(-err));
    free(copy);
    free(file);
    return NULL;
}

static void read_page(struct error_page_config *page, struct config *config,
                      struct config_place place, struct config_report *report)
{
    if (!is_regular(page->file)) {
        struct stat st;
        int err = stat(page->file, &st) == -1 ? errno : 0;
        report_error(report, place, "error_page.%u: \"%s\": %s", page->status, page->file,
                     err ? strerror(err) : "is not a regular file");
        return;
    }
    const struct page_file *file = read_file(page->file, page->status, config, place, report);
    if (!file)
        return;
    page->content = file->content;
    page->content_len = file->content_len;
    set_extension(page, report);
}

/* A file that lies below the root is a page of the site, however it was named. */
static bool move_into_site(struct error_page_config *page, const char *root,
                           struct config_report *report)
{
    char real[PATH_MAX];
    const char *rest = realpath(page->file, real) ? below_root(real, root) : NULL;
    if (!rest)
        return false;
    page->path = report_copy(report, slice_from_string(rest));
    free(page->file);
    page->file = NULL;
    return true;
}

void error_page_resolve(struct error_page_config *page, const char *root, struct config *config,
                        struct config_place place, struct config_report *report)
{
    if (!page->path && !page->file)
        return; /* the built-in one */
    if (page->path) {
        bool is_in_site = resolve_in_site(page, root);
        if (is_in_site || !is_regular(page->path)) {
            if (!is_in_site)
                report_warning(report, place,
                               "error_page.%u: there is no \"%s\" below the root, nor such a "
                               "file; until there is, the built-in page is sent",
                               page->status, page->path);
            drop_leading_slashes(page->path);
            return;
        }
        page->file = page->path;
        page->path = NULL;
    }
    if (!move_into_site(page, root, report))
        read_page(page, config, place, report);
}

void error_pages_free(struct site_config *site)
{
    for (size_t i = 0; i < site->error_page_count; i++)
        free_page(&site->error_pages[i]);
    free(site->error_pages);
    site->error_pages = NULL;
    site->error_page_count = 0;
}

void page_files_free(struct config *config)
{
    while (config->page_files) {
        struct page_file *file = config->page_files;
        config->page_files = file->next;
        free(file->path);
        free(file->content);
        free(file);
    }
}
