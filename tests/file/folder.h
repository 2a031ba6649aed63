/* SPDX-License-Identifier: MIT */
/* folder.h - a temporary folder that a test fills, and what it costs to read from it. */
#ifndef FILE_FOLDER_H
#define FILE_FOLDER_H

#include <stddef.h>
#include <stdint.h>

struct folder {
    char path[64];
    int fd; /* O_PATH, as the document root's */
};

void folder_init(struct folder *folder);
void folder_done(struct folder *folder); /* with everything in it */

/* Written in place when it is there already. */
void folder_write(struct folder *folder, const char *name, const char *content);
/* @size bytes of @filler. */
void folder_fill(struct folder *folder, const char *name, char filler, size_t size);
/* Make @name anew beside the old one, and rename it over that. */
void folder_replace(struct folder *folder, const char *name, const char *content);
void folder_remove(struct folder *folder, const char *name);

/* The time of the last change of @name, in milliseconds since the epoch. */
int64_t folder_ctime_ms(struct folder *folder, const char *name);

/* Descriptors that this process has open. */
unsigned open_descriptors(void);

#endif
