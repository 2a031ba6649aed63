/* SPDX-License-Identifier: MIT */
/* scratch_folder.h - a temporary folder that a test fills, and its descriptor. */
#ifndef SUPPORT_SCRATCH_FOLDER_H
#define SUPPORT_SCRATCH_FOLDER_H

struct scratch_folder {
    char path[64];
    int fd; /* O_PATH */
};

void scratch_init(struct scratch_folder *folder);
void scratch_file(const struct scratch_folder *folder, const char *name, const char *content);
void scratch_directory(const struct scratch_folder *folder, const char *name);
void scratch_link(const struct scratch_folder *folder, const char *name, const char *target);
void scratch_done(struct scratch_folder *folder); /* with all that is in it */

#endif
