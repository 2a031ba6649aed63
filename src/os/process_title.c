/* SPDX-License-Identifier: MIT */
/* process_title.c - writes over the memory of argv and environ, as the kernel expects (proc(5)). */

#include "os/process_title.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How many bytes from @first on are these strings one after the other, without a gap. */
static size_t contiguous_size(const char *first, char *const *strings, size_t before)
{
    const char *end = first + before;
    for (size_t i = 0; strings[i] && strings[i] == end; i++)
        end += strlen(strings[i]) + 1;
    return (size_t)(end - first);
}

/* A NULL-terminated array and its strings in one block; NULL: out of memory. */
static char **copy_strings(char *const *strings)
{
    size_t count = 0, bytes = 0;
    for (; strings[count]; count++)
        bytes += strlen(strings[count]) + 1;

    char **copy = malloc((count + 1) * sizeof(*copy) + bytes);
    if (!copy)
        return NULL;
    char *text = (char *)(copy + count + 1);
    for (size_t i = 0; i < count; i++) {
        copy[i] = text;
        text = stpcpy(text, strings[i]) + 1;
    }
    copy[count] = NULL;
    return copy;
}

char **title_init(struct process_title *title, int argc, char **argv)
{
    *title = (struct process_title){0};
    if (argc < 1 || !argv[0])
        return argv;

    size_t size = contiguous_size(argv[0], argv, 0);
    size = contiguous_size(argv[0], environ, size);
    char **arguments = copy_strings(argv);
    char **environment = arguments ? copy_strings(environ) : NULL;
    if (!environment) {
        free(arguments);
        return argv;
    }
    *title = (struct process_title){
        .start = argv[0], .size = size, .arguments = arguments, .environment = environment};
    environ = environment;
    return arguments;
}

void title_done(struct process_title *title)
{
    static char *nothing[] = {NULL};
    if (!title->start)
        return;
    /* Where the first one was, the title is. Whoever changed it has a block of its own. */
    if (environ == title->environment)
        environ = nothing;
    free(title->arguments);
    free(title->environment);
    *title = (struct process_title){0};
}

void title_set(struct process_title *title, const char *format, ...)
{
    if (!title->start)
        return;
    /* Zeroes up to the end: the kernel stops at the first one, or trims them. */
    memset(title->start, 0, title->size);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(title->start, title->size, format, args); /* cut where the room ends */
    va_end(args);
}
