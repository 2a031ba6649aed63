/* SPDX-License-Identifier: MIT */
/*
 * one_blocking.c - model 1: one process serves one connection after the other.
 *
 * Nothing could be simpler, or cheaper for the one who is served. Everybody else waits, as long as
 * that connection is kept alive.
 */
#include "model.h"

int main(int argc, char **argv)
{
    struct model model;
    struct engine *engine;

    model_init(&model, argc, argv);
    model_block(&model);
    engine = engine_create(&model);
    for (;;)
        engine_serve(engine, model_accept(&model));
}
