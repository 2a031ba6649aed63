/* SPDX-License-Identifier: MIT */
/* one_epoll.c - model 4: one process, one thread, all connections by events. */
#include "model.h"

int main(int argc, char **argv)
{
    struct model model;

    model_init(&model, argc, argv);
    engine_run(engine_create(&model), &model, NULL);
}
