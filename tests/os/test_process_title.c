/* SPDX-License-Identifier: MIT */
/* test_process_title.c - the title in the place of arguments and environment, here made by hand. */
#include "support/unit.h"

#include "os/process_title.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM 64

/* As the kernel lays them out: the strings one after the other. */
struct layout {
    char bytes[ROOM + 1];
    char *arguments[4];
    char *environment[4];
};

static char **own_environment;

/* @text holds @arguments strings, then those of the environment, all ended by '|'. */
static void lay_out(struct layout *layout, const char *text, int arguments)
{
    int index = 0;
    char *start = layout->bytes;

    *layout = (struct layout){0};
    memset(layout->bytes, '#', sizeof(layout->bytes));
    memcpy(layout->bytes, text, strlen(text));
    for (char *end; (end = memchr(start, '|', ROOM)); start = end + 1, index++) {
        *end = '\0';
        if (index < arguments)
            layout->arguments[index] = start;
        else
            layout->environment[index - arguments] = start;
    }
    own_environment = environ;
    environ = layout->environment;
}

static void clean_up(struct process_title *title)
{
    title_done(title);
    title_done(title);
    environ = own_environment;
}

static void a_title_takes_the_room_of_both(void **state)
{
    struct layout layout;
    struct process_title title;

    lay_out(&layout, "prog|-c|HOME=/|LANG=C|", 2);
    char **arguments = title_init(&title, 2, layout.arguments);
    assert_int_equal(title.size, 22);
    assert_string_equal(arguments[0], "prog");
    assert_string_equal(arguments[1], "-c");
    assert_null(arguments[2]);

    title_set(&title, "a long title %d", 1234567890);
    assert_string_equal(layout.bytes, "a long title 12345678"); /* cut, with a terminator */
    assert_int_equal(layout.bytes[22], '#');                    /* nothing behind is touched */
    assert_string_equal(arguments[1], "-c");
    assert_string_equal(getenv("HOME"), "/");
    assert_string_equal(getenv("LANG"), "C");

    title_set(&title, "x");
    for (int i = 1; i < 22; i++)
        assert_int_equal(layout.bytes[i], '\0');
    clean_up(&title);
}

static void without_an_environment_it_is_short(void **state)
{
    struct layout layout;
    struct process_title title;

    lay_out(&layout, "prog|", 1);
    (void)title_init(&title, 1, layout.arguments);
    title_set(&title, "worker process");
    assert_string_equal(layout.bytes, "work");
    assert_int_equal(layout.bytes[5], '#');
    clean_up(&title);
}

static void an_environment_from_elsewhere_is_not_overwritten(void **state)
{
    struct layout layout;
    struct process_title title;
    char elsewhere[] = "PATH=/bin";

    lay_out(&layout, "prog|A=1|B=2|", 1);
    layout.environment[1] = elsewhere;
    (void)title_init(&title, 1, layout.arguments);
    assert_int_equal(title.size, 9);
    title_set(&title, "a title that is too long");
    assert_string_equal(elsewhere, "PATH=/bin");
    assert_string_equal(getenv("PATH"), "/bin");
    assert_string_equal(layout.bytes + 9, "B=2");
    clean_up(&title);
}

static void no_arguments_at_all_are_survived(void **state)
{
    struct layout layout;
    struct process_title title;

    lay_out(&layout, "A=1|", 0);
    assert_ptr_equal(title_init(&title, 0, layout.arguments), layout.arguments);
    title_set(&title, "nothing happens");
    assert_string_equal(layout.bytes, "A=1");
    clean_up(&title);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_title_takes_the_room_of_both),
        cmocka_unit_test(without_an_environment_it_is_short),
        cmocka_unit_test(an_environment_from_elsewhere_is_not_overwritten),
        cmocka_unit_test(no_arguments_at_all_are_survived),
    };

    return cmocka_run_group_tests_name("process_title", tests, NULL, NULL);
}
