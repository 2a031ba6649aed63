/* SPDX-License-Identifier: MIT */
/* test_near_list.c - what test_list.c asks of the longer one. */
#include "support/unit.h"

#include "base/macros.h"
#include "base/near_list.h"

#include <string.h>

struct item {
    char name;
    struct near_node node;
};

/* Near each other wherever they lie. */
static struct near_node head, to, from;
static struct item items[] = {{.name = 'a'}, {.name = 'b'}, {.name = 'c'}, {.name = 'd'}};

static int reset(void **state)
{
    for (size_t i = 0; i < COUNT_OF(items); i++)
        near_init(&items[i].node);
    return 0;
}

/* Names forwards; and backwards they must be the same in reverse. */
static void assert_list(struct near_node *list, const char *expected)
{
    size_t len = strlen(expected);
    struct near_node *node = list;

    for (size_t i = 0; i < len; i++) {
        node = near_next(node);
        assert_int_equal(container_of(node, struct item, node)->name, expected[i]);
    }
    assert_ptr_equal(near_next(node), list);
    for (size_t i = len; i > 0; i--) {
        assert_int_equal(container_of(node, struct item, node)->name, expected[i - 1]);
        node = near_prev(node);
    }
    assert_ptr_equal(node, list);
    assert_int_equal(near_is_empty(list), len == 0);
}

static void nodes_keep_the_order_they_were_put_in(void **state)
{
    near_init(&head);
    assert_list(&head, "");
    near_append(&head, &items[1].node);
    near_append(&head, &items[2].node);
    near_prepend(&head, &items[0].node);
    assert_list(&head, "abc");
}

static void a_removed_node_is_unlinked_and_may_be_removed_again(void **state)
{
    near_init(&head);
    assert_false(near_is_linked(&items[0].node));
    near_append(&head, &items[0].node);
    near_append(&head, &items[1].node);
    assert_true(near_is_linked(&items[0].node));
    near_remove(&items[0].node);
    near_remove(&items[0].node);
    assert_false(near_is_linked(&items[0].node));
    assert_list(&head, "b");
    near_remove(&items[1].node);
    assert_list(&head, "");
    near_append(&head, &items[0].node);
    assert_list(&head, "a");
}

static void splicing_moves_all_nodes_to_the_end(void **state)
{
    near_init(&to);
    near_init(&from);
    near_splice(&to, &from);
    assert_list(&to, "");

    near_append(&from, &items[0].node);
    near_append(&from, &items[1].node);
    near_splice(&to, &from);
    assert_list(&to, "ab");
    assert_list(&from, "");

    near_append(&from, &items[2].node);
    near_splice(&to, &from);
    assert_list(&to, "abc");
    near_splice(&to, &from);
    assert_list(&to, "abc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nodes_keep_the_order_they_were_put_in, reset),
        cmocka_unit_test_setup(a_removed_node_is_unlinked_and_may_be_removed_again, reset),
        cmocka_unit_test_setup(splicing_moves_all_nodes_to_the_end, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
