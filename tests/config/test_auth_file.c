/* SPDX-License-Identifier: MIT */
/* test_auth_file.c - files of htpasswd(1), and the messages about them. */
#include "support/unit.h"

#include "config/auth_file.h"
#include "config/password_scheme.h"
#include "config_fixture.h"

#define BCRYPT "$2y$04$IBYt5uZS5NsfZMcYPRPcG.hWHatztlKVTLrjTGN.cteX3hov6hXbe"
#define SHA256 "$5$abc$sCOGUciM.GdmYMCUvmUcgu03oRH87O0clF96.9mwWGB"
#define SHA512                                                                                     \
    "$6$rounds=1000$abc$"                                                                          \
    "K4v3HcZ8yAmpRfxML6S46NCcqy9r4/KdbQpFvqSWsBf4dgySOEOo1DHJTrmn2BsJK2aNmPN8Tfb826D2o9.z51"
#define YESCRYPT "$y$j75$Su6ODzbFpn7OsxnuPD3x00$KDpGpu5YQZiO4tCuQbzUFRk0TCxWvV0fvcXtILsLBC5"

static const struct auth_users *load(void **state, const char *text)
{
    fixture_write_text("pw", text);
    return fixture_load_good(*state, "auth_file = pw\n")->site.auth_users;
}

static const char *hash_of(const struct auth_users *users, const char *name)
{
    const struct auth_user *user = auth_users_find(users, slice_from_string(name));

    return user ? user->hash : NULL;
}

static void users_are_found_by_their_names(void **state)
{
    const struct auth_users *users = load(state, "# made by htpasswd\n"
                                                 "\n"
                                                 "zoe:" BCRYPT "\n"
                                                 "alice:" SHA256 ":a comment\r\n"
                                                 "J\xc3\xbcrgen M:" SHA512 "  \n"
                                                 "  \n"
                                                 "locked:!" BCRYPT "\n"
                                                 "gone:*\n"
                                                 "al:" BCRYPT);

    assert_int_equal(users->count, 4);
    assert_string_equal(hash_of(users, "zoe"), BCRYPT);
    assert_string_equal(hash_of(users, "alice"), SHA256);
    assert_string_equal(hash_of(users, "J\xc3\xbcrgen M"), SHA512);
    assert_string_equal(hash_of(users, "al"), BCRYPT);
    assert_null(hash_of(users, "ali"));
    assert_null(hash_of(users, ""));
    assert_null(hash_of(users, "locked"));
    assert_null(hash_of(users, "gone"));
    assert_null(hash_of(users, "ALICE"));
}

/* How many of a thousand names are compared with the hash of the user @name. */
static unsigned times_of(const struct auth_users *users, const char *name, bool *ret_seen)
{
    unsigned count = 0;

    for (unsigned i = 0; i < 1000; i++) {
        char other[16];

        (void)snprintf(other, sizeof(other), "nobody-%u", i);
        ret_seen[i] = strcmp(auth_users_stand_in(users, slice_from_string(other))->name, name) == 0;
        count += ret_seen[i];
    }
    return count;
}

static void strangers_are_spread_over_the_users_and_stay_where_they_are(void **state)
{
    static bool first[1000], again[1000], changed[1000];

    assert_in_range(times_of(load(state, "a:" BCRYPT "\nb:" SHA512 "\n"), "b", first), 400, 600);
    (void)times_of(load(state, "# moved\nb:" SHA512 "\na:" BCRYPT), "b", again);
    assert_memory_equal(first, again, sizeof(first));
    /* Another hash is another key: nobody without the file can tell who goes with whom. */
    (void)times_of(load(state, "a:" YESCRYPT "\nb:" SHA512 "\n"), "b", changed);
    assert_memory_not_equal(first, changed, sizeof(first));
    assert_int_equal(times_of(load(state, "b:" SHA512 "\n"), "b", first), 1000);
}

static void mistakes_name_the_line_and_what_to_do(void **state)
{
    static const struct {
        const char *line, *message;
    } rows[] = {
        {"carl:$apr1$kgZccDkD$EYyQGPCSHcjQEDZ3go0ox0",
         "pw:2: the hash of user \"carl\" is MD5 of Apache (apr1), which is not supported: make a new "
         "one, with \"htpasswd -B\" or \"mkpasswd\""},
        {"carl:{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=", "is SHA-1 without salt"},
        {"carl:$1$abc$BXBqpb9BZcZhXLgbee.0s/", "is MD5, which is guessed too fast"},
        {"carl:secret", "is a password as it is, or its DES"},
        {"carl:ab01FAX.bQRSU", "is a password as it is, or its DES"},
        {"carl:$9$x$y", "is a hash of an unknown kind"},
        {"carl:", "is missing: expected user:hash"},
        {"carl", "pw:2: no \":\" in the line, expected user:hash"},
        {":" BCRYPT, "pw:2: no user before the \":\""},
        {"ca\trl:" BCRYPT, "pw:2: control characters in the user's name"},
        {"carl:$2y$04$IBYt5uZS5NsfZMcYPRPcG.hWHatztlKVTLrjTGN", "is not a whole one"},
        {"carl:$6$abc$short", "is not a whole one"},
        {"zoe:" SHA256, "pw:2: user \"zoe\" is there already, in line 1"},
    };
    struct config_fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[512];

        (void)snprintf(text, sizeof(text), "zoe:" BCRYPT "\n%s\n", rows[i].line);
        fixture_write_text("pw", text);
        assert_int_not_equal(fixture_load_text(fixture, "[server]\nroot = www\nauth_file = pw\n"),
                             0);
        if (fixture->error_count != 1 || !strstr(fixture->messages, rows[i].message))
            fail_msg("%s: %s", rows[i].line, fixture->messages);
        assert_null(strstr(fixture->messages, "secret"));
    }
}

static void a_name_has_an_end(void **state)
{
    struct config_fixture *fixture = *state;
    char text[AUTH_USER_LENGTH_MAX + 128];

    for (int len = AUTH_USER_LENGTH_MAX; len <= AUTH_USER_LENGTH_MAX + 1; len++) {
        memset(text, 'x', (size_t)len);
        (void)snprintf(text + len, sizeof(text) - (size_t)len, ":" BCRYPT "\n");
        fixture_write_text("pw", text);
        assert_int_equal(fixture_load_text(fixture, "[server]\nroot = www\nauth_file = pw\n") == 0,
                         len == AUTH_USER_LENGTH_MAX);
    }
}

static void a_file_has_to_be_there_and_be_text(void **state)
{
    struct config_fixture *fixture = *state;

    assert_int_not_equal(fixture_load_text(fixture, "[server]\nroot = www\nauth_file = none\n"), 0);
    assert_non_null(strstr(fixture->messages, "t.conf:3:13: auth_file: \""));
    assert_non_null(strstr(fixture->messages, "No such file"));
    assert_int_not_equal(fixture_load_text(fixture, "[server]\nroot = www\nauth_file = www\n"), 0);
    assert_non_null(strstr(fixture->messages, "Is a directory"));
    fixture_write("pw", "a\0b", 3);
    assert_int_not_equal(fixture_load_text(fixture, "[server]\nroot = www\nauth_file = pw\n"), 0);
    assert_non_null(strstr(fixture->messages, "it is no text"));
}

static void nobody_and_everybody_are_warned_of(void **state)
{
    struct config_fixture *fixture = *state;

    fixture_write_text("pw", "# nobody yet\n");
    assert_int_equal(fixture_load_text(fixture, "[server]\nroot = www\nauth_file = pw\n"), 0);
    assert_non_null(strstr(fixture->messages, "has no users: nobody can enter"));
    fixture_write_text("www/pw", "zoe:" BCRYPT "\n");
    assert_int_equal(fixture_load_text(fixture, "[server]\nroot = www\nauth_file = www/pw\n"), 0);
    assert_non_null(strstr(fixture->messages, "clients can fetch this file"));
    fixture_write_text("www/.htpasswd", "zoe:" BCRYPT "\n");
    assert_int_equal(
        fixture_load_text(fixture, "[server]\nroot = www\nauth_file = www/.htpasswd\n"), 0);
    assert_int_equal(fixture->warning_count, 0);
}

static void it_is_inherited_and_taken_back(void **state)
{
    struct config_fixture *fixture = *state;
    const struct config *config;

    fixture_write_text("pw", "zoe:" BCRYPT "\n");
    fixture_write_text("other", "al:" YESCRYPT "\n");
    config = fixture_load_good(fixture, "auth_file = pw\nauth_realm = The \"Lab\"\n"
                                        "[host h]\nserver_name = h.example\nauth_file = other\n"
                                        "[location open]\nprefix = /open\nauth_file =\n"
                                        "[location off]\nprefix = /off\nauth_file = off\n"
                                        "[location same]\nprefix = /same\nauth_realm = Same\n");
    assert_non_null(hash_of(config->site.auth_users, "zoe"));
    assert_string_equal(config->site.auth_realm, "The \"Lab\"");
    assert_non_null(hash_of(config->hosts[0].site.auth_users, "al"));
    for (size_t i = 0; i < config->route_count; i++) {
        const struct route_config *route = &config->routes[i];
        bool is_same = strcmp(route->location->name, "same") == 0;
        const struct site_config *outer = route->host ? &config->hosts[0].site : &config->site;

        assert_ptr_equal(route->site.auth_users, is_same ? outer->auth_users : NULL);
        assert_int_equal(route->site.auth_file != NULL, is_same);
        assert_string_equal(route->site.auth_realm, is_same ? "Same" : "The \"Lab\"");
    }
}

static void good_hashes_are_those_that_crypt_makes(void **state)
{
    static const char *const good[] = {BCRYPT, SHA256, SHA512};

    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_null(password_scheme_problem(slice_from_string(good[i])));
#ifdef HAVE_YESCRYPT
    assert_null(password_scheme_problem(slice_from_string(YESCRYPT)));
#else
    assert_non_null(password_scheme_problem(slice_from_string(YESCRYPT)));
#endif
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(users_are_found_by_their_names),
        WITH_FIXTURE(strangers_are_spread_over_the_users_and_stay_where_they_are),
        WITH_FIXTURE(mistakes_name_the_line_and_what_to_do),
        WITH_FIXTURE(a_name_has_an_end),
        WITH_FIXTURE(a_file_has_to_be_there_and_be_text),
        WITH_FIXTURE(nobody_and_everybody_are_warned_of),
        WITH_FIXTURE(it_is_inherited_and_taken_back),
        cmocka_unit_test(good_hashes_are_those_that_crypt_makes),
    };
#ifndef HAVE_CRYPT
    (void)tests;
    return 77; /* skipped */
#else
    return cmocka_run_group_tests(tests, NULL, NULL);
#endif
}
