/* SPDX-License-Identifier: MIT */
/* test_password_hash.c - the hashes that auth_file takes, made by libcrypt with little work. */
#include "support/unit.h"

#include "os/password_hash.h"

static void require_crypt(void)
{
#ifndef HAVE_CRYPT
    skip();
#endif
}

static void passwords_fit_their_hashes_and_no_others(void **state)
{
    static const char *const hashes[] = {
        "$2y$04$IBYt5uZS5NsfZMcYPRPcG.hWHatztlKVTLrjTGN.cteX3hov6hXbe",
        "$5$rounds=1000$abc$Mz4DiYKTnNKbZLo/mIp3d8Y4aQBhv3uhSwxLDy55/Y8",
        "$6$rounds=1000$abc$MqEcPZUYRGGcOeq7PhMpfjfu/F0HrVEI0OlZBijWvO8mSG77iNUDP5MqFceKpJTBc8iITVtNyLiNTRNCxv6oh0",
#ifdef HAVE_YESCRYPT
        "$y$j75$Su6ODzbFpn7OsxnuPD3x00$KDpGpu5YQZiO4tCuQbzUFRk0TCxWvV0fvcXtILsLBC5",
#endif
    };

    require_crypt();
    for (size_t i = 0; i < COUNT_OF(hashes); i++) {
        assert_int_equal(password_hash_check("secret", hashes[i]), 1);
        assert_int_equal(password_hash_check("Secret", hashes[i]), 0);
        assert_int_equal(password_hash_check("secre", hashes[i]), 0);
        assert_int_equal(password_hash_check("", hashes[i]), 0);
    }
}

static void what_is_no_hash_fits_no_password(void **state)
{
    static const char *const hashes[] = {"",  "*0",   "*1",       "*",     "!",
                                         "$", "$2y$", "$2y$99$x", "$6$abc"};

    require_crypt();
    for (size_t i = 0; i < COUNT_OF(hashes); i++) {
        assert_int_equal(password_hash_check("", hashes[i]), 0);
        assert_int_equal(password_hash_check("*0", hashes[i]), 0);
        assert_int_equal(password_hash_check("secret", hashes[i]), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passwords_fit_their_hashes_and_no_others),
        cmocka_unit_test(what_is_no_hash_fits_no_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
