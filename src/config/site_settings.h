/* SPDX-License-Identifier: MIT */
/*
 * site_settings.h - what [server], [host] and [location] say, and what follows for each of them.
 *
 * A site is made by storing, one after the other, the defaults, what [server] says, what its host
 * says, and what its location says: so values are inherited, families of keys merge, and each
 * type of value needs one way to be stored and none to be copied.
 */
#ifndef TINYWEB_CONFIG_SITE_SETTINGS_H
#define TINYWEB_CONFIG_SITE_SETTINGS_H

#include "config/config_value.h"

/* The first ones inherit from each other. */
enum setting_level { LEVEL_SERVER, LEVEL_HOST, LEVEL_LOCATION, LEVEL_UPSTREAM, LEVEL_REPLY_CACHE };
#define CHAIN_LENGTH_MAX (LEVEL_LOCATION + 1)

/* Whose value it is. */
struct setting_owner {
    enum setting_level level;
    size_t index; /* of the section among those of its kind; 0 for [server] */
};

struct site_setting {
    struct setting_owner owner;
    const struct directive *row;
    char *member, *text;
    struct config_place place;
    const char *base_dir;
};

struct site_settings {
    struct site_setting *items;
    size_t count, capacity;
};

/* Keep a value that was found to be good, for replays. */
void settings_add(struct site_settings *settings, struct setting_owner owner,
                  const struct config_value *value, struct config_report *report);
void settings_done(struct site_settings *settings);

/* The owners a site consists of, outermost first; always [server]. */
struct site_chain {
    struct setting_owner owners[CHAIN_LENGTH_MAX];
    size_t count;
};

struct site_chain settings_chain_of_server(void);
/* @host counts from 1, 0 is that of [server]. */
struct site_chain settings_chain_of_host(size_t host);
struct site_chain settings_chain_of_route(const struct config *config,
                                          const struct route_config *route);

/* Fill the zeroed @site. What the values say has been reported before. */
void settings_apply(const struct site_settings *settings, const struct site_chain *chain,
                    struct config_report *report, struct site_config *site);
void site_free(struct site_config *site);

/* The setting that decides about a key in the chain; NULL: none, the default does. @member is ""
 * but for families. */
const struct site_setting *settings_find(const struct site_settings *settings,
                                         const struct site_chain *chain, const char *key,
                                         const char *member);

/* The same of one owner only. */
const struct site_setting *settings_find_own(const struct site_settings *settings,
                                             struct setting_owner owner, const char *key,
                                             const char *member);

/* Where an owner's key was set; @section, the place of its header, if it was not. */
struct config_place settings_place(const struct site_settings *settings, struct setting_owner owner,
                                   const char *key, struct config_place section);

#endif
