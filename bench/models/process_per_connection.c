/* SPDX-License-Identifier: MIT */
/*
 * process_per_connection.c - model 2: a process is forked for each connection.
 *
 * The engine is made once and copied by fork, page by page as it is written to. What a process
 * learns (its file cache) is lost when its connection ends.
 */
#include "model.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct model model;
    struct engine *engine;

    model_init(&model, argc, argv);
    model_block(&model);
    engine = engine_create(&model);
    for (;;) {
        int fd = model_accept(&model);
        pid_t pid = fork();

        if (pid == -1)
            model_fail("fork", errno);
        if (pid == 0) {
            close(model.listen_fd);
            engine_serve(engine, fd);
            _exit(0);
        }
        close(fd);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            continue;
    }
}
