/* SPDX-License-Identifier: MIT */
/* password_hash.c - crypt_r(3), in memory of its own. */
#include "os/password_hash.h"

#include <errno.h>
#include <stdbool.h>

#ifdef HAVE_CRYPT

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

/* Not told by the time it takes: at which byte two texts of one length differ. */
static bool equal_text(const char *a, const char *b)
{
    size_t len = strlen(a);
    unsigned difference = 0;

    if (len != strlen(b))
        return false;
    for (size_t i = 0; i < len; i++)
        difference |= (unsigned char)a[i] ^ (unsigned char)b[i];
    return difference == 0;
}

int password_hash_check(const char *password, const char *hash)
{
    struct crypt_data *data = calloc(1, sizeof(*data)); /* 32 KiB */
    const char *made;
    int result;

    if (!data)
        return -ENOMEM;
    errno = 0;
    made = crypt_r(password, hash, data);
    if (!made || made[0] == '*') /* which is none, and is never taken for one */
        result = errno == ENOMEM ? -ENOMEM : 0;
    else
        result = equal_text(made, hash);
    explicit_bzero(data, sizeof(*data)); /* where the password stood */
    free(data);
    return result;
}

#else

int password_hash_check(const char *password, const char *hash)
{
    (void)password;
    (void)hash;
    return -ENOSYS;
}

#endif
