/* SPDX-License-Identifier: MIT */
/* password_scheme.c - told apart by their first characters, and by how long their ends are. */
#include "config/password_scheme.h"

#include "base/macros.h"

#define HINT ": make a new one, with \"htpasswd -B\" or \"mkpasswd\""

struct scheme {
    const char *prefix;
    const char *problem; /* NULL: there is none with the kind */
    unsigned tail_len;   /* of the characters behind the last "$", in a whole hash */
};

#ifdef HAVE_YESCRYPT
#define YESCRYPT NULL
#else
#define YESCRYPT "a hash that this program's libcrypt does not know" HINT
#endif

static const struct scheme schemes[] = {
    {"$2y$", NULL, 53},
    {"$2b$", NULL, 53},
    {"$2a$", NULL, 53},
    {"$5$", NULL, 43},
    {"$6$", NULL, 86},
    {"$y$", YESCRYPT, 43},
    {"$gy$", YESCRYPT, 43},
    {"$7$", YESCRYPT, 43},
    {"$apr1$", "MD5 of Apache (apr1), which is not supported" HINT, 0},
    {"$1$", "MD5, which is guessed too fast" HINT, 0},
    {"$md5", "MD5 of SunOS, which is not supported" HINT, 0},
    {"$sha1$", "SHA-1, which is not supported" HINT, 0},
    {"$3$", "a hash of NT, which is guessed too fast" HINT, 0},
    {"$2x$", "a hash of a faulty bcrypt" HINT, 0},
    {"$argon2", "Argon2, which libcrypt does not know" HINT, 0},
    {"{SHA}", "SHA-1 without salt, which is guessed too fast" HINT, 0},
    {"{SSHA}", "SHA-1, which is guessed too fast" HINT, 0},
    {"{PLAIN}", "a password as it is, expected a hash" HINT, 0},
    {"$", "a hash of an unknown kind, expected bcrypt, yescrypt, SHA-256 or SHA-512" HINT, 0},
};

static bool is_hash_character(char c)
{
    return c > 0x20 && c < 0x7f && c != ':' && c != ';' && c != '*' && c != '!' && c != '\\';
}

/* One that was cut would never match, and nobody would know why. */
static bool is_whole(struct slice hash, unsigned tail_len)
{
    size_t last = (size_t)(slice_find_last(hash, '$') + 1);

    for (size_t i = 0; i < hash.len; i++) {
        if (!is_hash_character(hash.data[i]))
            return false;
    }
    return hash.len - last == tail_len;
}

const char *password_scheme_problem(struct slice hash)
{
    if (hash.len == 0)
        return "missing: expected user:hash";
    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        const struct scheme *scheme = &schemes[i];

        if (!slice_starts_with(hash, slice_from_string(scheme->prefix)))
            continue;
        if (scheme->problem)
            return scheme->problem;
        return is_whole(hash, scheme->tail_len) ? NULL : "not a whole one: is its end missing?";
    }
    return "a password as it is, or its DES, which is guessed too fast" HINT;
}
