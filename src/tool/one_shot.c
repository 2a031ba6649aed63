/* SPDX-License-Identifier: MIT */
/* one_shot.c - finds the folder and a free port. */

#include "tool/one_shot.h"

#include "os/interfaces.h"
#include "os/socket.h"

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

int one_shot_prepare(struct one_shot *one_shot, const char *dir, uint16_t port, bool is_lan)
{
    struct address addr = {.v4 = {.sin_family = AF_INET}};
    char text[ADDRESS_TEXT_SIZE];
    addr.v4.sin_addr.s_addr = htonl(is_lan ? INADDR_ANY : INADDR_LOOPBACK);
    *one_shot = (struct one_shot){.listen_fd = -1};

    int err = find_folder(one_shot, dir);
    if (err)
        return err;
    if (port == 0)
        err = find_port(one_shot, &addr);
    else
        address_set_port(&addr, port);
    if (err)
        return err;

    (void)address_format(&addr, text);
    (void)snprintf(one_shot->listen, sizeof(one_shot->listen), "server.listen=%s", text);
    const char *const texts[ONE_SHOT_OVERRIDES] = {
        one_shot->root,
        one_shot->listen,
        "server.access_log=stdout",
        "server.error_log=stderr",
        "server.listing=on",
        "server.log_level=warn", /* who serves a folder wants the address, not a diary */
    };
    for (size_t i = 0; i < ONE_SHOT_OVERRIDES; i++)
        one_shot->overrides[i] = (struct config_override){.text = texts[i],
                                                          .origin = "command line"};
    return 0;
}

void one_shot_print_urls(const char *dir, const struct address *addr)
{
    char text[ADDRESS_TEXT_SIZE];
    struct address reachable[URLS_MAX];
    struct address local = *addr;
    size_t count = 0;
    if (address_is_any(addr)) {
        count = interfaces_list(address_port(addr), reachable, URLS_MAX);
        local.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    (void)address_format(&local, text);
    printf("Serving %s on http://%s/\n", dir, text);
    for (size_t i = 0; i < count; i++) {
        (void)address_format(&reachable[i], text);
        printf("        and on http://%s/\n", text);
    }
    (void)fflush(stdout); /* a closed standard output is nothing to stop for */
}
