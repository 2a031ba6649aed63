/* SPDX-License-Identifier: MIT */
/*
 * master.h - the life of the server: start, signals, reload, end. No network I/O.
 */
#ifndef TINYWEB_PROCESS_MASTER_H
#define TINYWEB_PROCESS_MASTER_H

#include "config/config.h"
#include "os/daemonize.h"
#include "os/process_title.h"
#include "process/inherited_sockets.h"
#include "process/listeners.h"
#include "process/reload.h"
#include "process/upgrade.h"

struct master_settings {
    struct config *config;               /* taken, on failure too */
    struct reload_source reload;         /* where to read it anew; borrowed */
    struct inherited_sockets *inherited; /* borrowed; what nobody wants is closed */
    struct process_title *title;         /* borrowed */
    const char *name;                    /* for the title: the configuration, or the folder */
    struct upgrade_program program;      /* to execute at an upgrade */
    struct daemonizer *daemon;           /* NULL: in the foreground */
    int ready_fd; /* where to tell that all workers serve; -1: nowhere. Taken */
    /* All workers serve; NULL: nobody wants to know. */
    void (*on_started)(void *context, const struct listeners *listeners);
    void *context;
};

/* From here to the end of the server: its exit status. */
int master_run(const struct master_settings *settings);

#endif
