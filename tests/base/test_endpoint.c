/* SPDX-License-Identifier: MIT */
/* test_endpoint.c - addresses and paths of sockets. */
#include "support/unit.h"

#include "base/endpoint.h"

#include <errno.h>

static struct endpoint of_address(const char *text)
{
    struct address addr;
    assert_int_equal(address_parse(slice_from_string(text), 80, &addr), 0);
    return endpoint_of_address(&addr);
}

static struct endpoint of_path(const char *path)
{
    struct endpoint endpoint;
    assert_int_equal(endpoint_of_path(slice_from_string(path), &endpoint), 0);
    return endpoint;
}

static void assert_text(const struct endpoint *endpoint, const char *expected)
{
    char text[ENDPOINT_TEXT_SIZE];
    assert_int_equal(endpoint_format(endpoint, text), strlen(expected));
    assert_string_equal(text, expected);
}

static void each_kind_has_its_text_and_its_size(void **state)
{
    struct endpoint v4 = of_address("10.0.0.1:8080"), v6 = of_address("[fd00::1]:81");
    struct endpoint local = of_path("/run/app.sock"), none = {.any.sa_family = AF_UNSPEC};

    assert_text(&v4, "10.0.0.1:8080");
    assert_text(&v6, "[fd00::1]:81");
    assert_text(&local, "unix:/run/app.sock");
    assert_text(&none, "-");
    assert_int_equal(endpoint_size(&v4), sizeof(struct sockaddr_in));
    assert_int_equal(endpoint_size(&v6), sizeof(struct sockaddr_in6));
    assert_int_equal(endpoint_size(&local), offsetof(struct sockaddr_un, sun_path) + 14);
}

static void equal_are_those_of_one_kind_with_the_same_address(void **state)
{
    struct endpoint a = of_address("10.0.0.1:80"), b = of_address("10.0.0.1:81");
    struct endpoint v6 = of_address("[::1]:80");
    struct endpoint app = of_path("/a"), other = of_path("/b"), again = of_path("/a");

    assert_true(endpoint_equal(&a, &a));
    assert_false(endpoint_equal(&a, &b));
    assert_false(endpoint_equal(&a, &v6));
    assert_true(endpoint_equal(&app, &again));
    assert_false(endpoint_equal(&app, &other));
    assert_false(endpoint_equal(&app, &a));
}

static void a_path_has_room_for_its_terminator(void **state)
{
    char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
    struct endpoint endpoint;
    char text[ENDPOINT_TEXT_SIZE];

    memset(path, 'a', sizeof(path));
    assert_int_equal(endpoint_of_path(slice_of(path, sizeof(path)), &endpoint), -EINVAL);
    assert_int_equal(endpoint_of_path(slice_of(path, sizeof(path) - 1), &endpoint), 0);
    assert_int_equal(endpoint_format(&endpoint, text), ENDPOINT_TEXT_SIZE - 2);
    assert_int_equal(endpoint_of_path(slice_of("a\0b", 3), &endpoint), -EINVAL);
    assert_int_equal(endpoint_of_path(SLICE_LITERAL(""), &endpoint), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_its_text_and_its_size),
        cmocka_unit_test(equal_are_those_of_one_kind_with_the_same_address),
        cmocka_unit_test(a_path_has_room_for_its_terminator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
