/* SPDX-License-Identifier: MIT */
/* one_shot.c - finds the folder and a free port. */

#include "tool/one_shot.h"

#include "os/interfaces.h"
#include "os/socket.h"
#include "tool/helper_program.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define URLS_MAX 16

/* The caller's to free; NULL, after saying so: it is no folder. */
static char *resolve_folder(const char *dir, int *ret_err)
{
    struct stat status;
    char *path = realpath(dir, NULL);
    if (path && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return path;
    if (path) { /* what realpath has found can be gone only now */
        *ret_err = -ENOTDIR;
        fprintf(stderr, "tinyweb: \"%s\" is a file, not a folder; a configuration is named by -c\n",
                dir);
    } else {
        *ret_err = -errno;
        fprintf(stderr, "tinyweb: cannot serve \"%s\": %s\n", dir, strerror(errno));
    }
    free(path);
    return NULL;
}

static int find_folder(struct one_shot *one_shot, const char *dir)
{
    int err;
    char *path = resolve_folder(dir, &err);
    if (!path)
        return err;
    /* Blanks at the end of a value are not part of it; before "/." they are. */
    bool ends_blank = strchr(" \t", path[strlen(path) - 1]) != NULL;
    (void)snprintf(one_shot->root, sizeof(one_shot->root), "server.root=%s%s", path,
                   ends_blank ? "/." : "");
    free(path);
    return 0;
}

static int find_port(struct one_shot *one_shot, struct address *addr)
{
    int err = -EADDRINUSE;
    for (uint16_t port = ONE_SHOT_FIRST_PORT; port <= ONE_SHOT_LAST_PORT; port++) {
        address_set_port(addr, port);
        err = socket_listen(addr, SOCKET_BACKLOG, &one_shot->listen_fd);
        if (err != -EADDRINUSE)
            break;
    }
    if (err)
        fprintf(stderr, "tinyweb: cannot listen on a port from %d to %d: %s\n", ONE_SHOT_FIRST_PORT,
                ONE_SHOT_LAST_PORT, strerror(-err));
    return err;
}

static void override(struct one_shot *one_shot, const char *text)
{
    assert(one_shot->override_count < ONE_SHOT_OVERRIDES_MAX);
    one_shot->overrides[one_shot->override_count++] = (struct config_override){
        .text = text, .origin = "command line"};
}

static void fill_overrides(struct one_shot *one_shot, const struct one_shot_options *options)
{
    override(one_shot, one_shot->root);
    override(one_shot, one_shot->listen);
    override(one_shot, "server.access_log=stdout");
    override(one_shot, "server.access_log_delay=20ms"); /* somebody watches */
    override(one_shot, "server.error_log=stderr");
    override(one_shot, "server.listing=on");
    override(one_shot, "server.log_level=warn"); /* the address is wanted, not a diary */
    if (options->is_spa)
        override(one_shot, "server.fallback=/index.html");
    if (options->has_cors)
        override(one_shot, "server.cors=*");
}

int one_shot_prepare(struct one_shot *one_shot, const char *dir,
                     const struct one_shot_options *options)
{
    struct address addr = {.v4 = {.sin_family = AF_INET}};
    char text[ADDRESS_TEXT_SIZE];
    addr.v4.sin_addr.s_addr = htonl(options->is_lan ? INADDR_ANY : INADDR_LOOPBACK);
    *one_shot = (struct one_shot){.listen_fd = -1};

    int err = find_folder(one_shot, dir);
    if (err)
        return err;
    if (options->port == 0)
        err = find_port(one_shot, &addr);
    else
        address_set_port(&addr, options->port);
    if (err)
        return err;

    (void)address_format(&addr, text);
    (void)snprintf(one_shot->listen, sizeof(one_shot->listen), "server.listen=%s", text);
    fill_overrides(one_shot, options);
    return 0;
}

/* Programs that not everybody has; without them the address is there to be typed. */
static void show_qr(const char *url)
{
    const char *const arguments[] = {"qrencode", "-t", "ANSIUTF8", url, NULL};
    int err = helper_run(arguments);
    if (err)
        fprintf(stderr, "tinyweb: --qr: %s\n",
                err == -ENOENT ? "there is no qrencode; apt install qrencode brings it"
                               : strerror(-err));
}

static void open_page(const char *url)
{
    const char *const arguments[] = {"xdg-open", url, NULL};
    int err = helper_start(arguments);
    if (err)
        fprintf(stderr, "tinyweb: --open: cannot start xdg-open: %s\n", strerror(-err));
}

void one_shot_announce(const char *dir, const struct address *addr,
                       const struct one_shot_options *options)
{
    char text[ADDRESS_TEXT_SIZE], url[ADDRESS_TEXT_SIZE + 16], local_url[ADDRESS_TEXT_SIZE + 16];
    struct address reachable[URLS_MAX];
    struct address local = *addr;
    size_t count = 0;
    if (address_is_any(addr)) {
        count = interfaces_list(address_port(addr), reachable, URLS_MAX);
        local.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    (void)address_format(&local, text);
    (void)snprintf(local_url, sizeof(local_url), "http://%s/", text);
    printf("Serving %s on %s\n", dir, local_url);
    for (size_t i = 0; i < count; i++) {
        (void)address_format(&reachable[i], text);
        printf("        and on http://%s/\n", text);
    }
    printf(count > 0 ? "        Ctrl-C ends it\n"
                     : "        for this machine alone, unless --lan; Ctrl-C ends it\n");
    (void)fflush(stdout); /* a closed standard output is nothing to stop for */
    /* A telephone reaches the machine from the network, if at all. */
    if (count > 0)
        (void)address_format(&reachable[0], text);
    (void)snprintf(url, sizeof(url), "http://%s/", text);
    if (options->shows_qr)
        show_qr(url);
    if (options->opens_page)
        open_page(local_url);
}
