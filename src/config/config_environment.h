/* SPDX-License-Identifier: MIT */
/* config_environment.h - values of the environment: TINYWEB_SERVER_LISTEN=8080. */
#ifndef TINYWEB_CONFIG_CONFIG_ENVIRONMENT_H
#define TINYWEB_CONFIG_CONFIG_ENVIRONMENT_H

#include "config/config_store.h"

/*
 * Each variable of the store's environment that names a directive: its section and key in capital
 * letters, joined by "_", which also stands for what is neither a letter nor a digit in the name
 * of a host or a location, for the dot of a family and the "-" of a header. Other names that start
 * so are warned of, but for the program's own and those that Kubernetes makes of services.
 */
void environment_apply(struct config_store *store, const char *base_dir);

#endif
