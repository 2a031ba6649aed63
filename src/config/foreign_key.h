/* SPDX-License-Identifier: MIT */
/* foreign_key.h - words that other servers have for what has another name here, or is not there. */
#ifndef TINYWEB_CONFIG_FOREIGN_KEY_H
#define TINYWEB_CONFIG_FOREIGN_KEY_H

#include "base/slice.h"

/* What to write in place of a directive of nginx, lighttpd or Apache, as the end of a sentence:
 * "here it is listing = on". In any letter case. NULL: nothing is known of it. */
const char *foreign_key_remedy(struct slice key);

/* The same for a word behind the address in nginx's listen. */
const char *foreign_listen_remedy(struct slice word);

#endif
