/* SPDX-License-Identifier: MIT */
/* test_list.c - the intrusive list. */
#include "support/unit.h"

#include "base/list.h"
#include "base/macros.h"

#include <string.h>

struct item {
    char name;
    struct list_node node;
};

static struct item items[] = {{.name = 'a'}, {.name = 'b'}, {.name = 'c'}, {.name = 'd'}};

static int reset(void **state)
{
    for (size_t i = 0; i < COUNT_OF(items); i++)
        list_init(&items[i].node);
    return 0;
}

/* Names forwards; and backwards they must be the same in reverse. */
static void assert_list(struct list_node *head, const char *expected)
{
    size_t len = strlen(expected);
    struct list_node *node = head;

    for (size_t i = 0; i < len; i++) {
        node = node->next;
        assert_int_equal(container_of(node, struct item, node)->name, expected[i]);
    }
    assert_ptr_equal(node->next, head);
    for (size_t i = len; i > 0; i--) {
        assert_int_equal(container_of(node, struct item, node)->name, expected[i - 1]);
        node = node->prev;
    }
    assert_ptr_equal(node, head);
    assert_int_equal(list_is_empty(head), len == 0);
}

static void nodes_keep_the_order_they_were_put_in(void **state)
{
    struct list_node head;

    list_init(&head);
    assert_list(&head, "");
    list_append(&head, &items[1].node);
    list_append(&head, &items[2].node);
    list_prepend(&head, &items[0].node);
    assert_list(&head, "abc");
    list_insert_before(&items[2].node, &items[3].node);
    assert_list(&head, "abdc");
}

static void a_removed_node_is_unlinked_and_may_be_removed_again(void **state)
{
    struct list_node head;

    list_init(&head);
    assert_false(list_is_linked(&items[0].node));
    list_append(&head, &items[0].node);
    list_append(&head, &items[1].node);
    assert_true(list_is_linked(&items[0].node));
    list_remove(&items[0].node);
    list_remove(&items[0].node);
    assert_false(list_is_linked(&items[0].node));
    assert_list(&head, "b");
    list_remove(&items[1].node);
    assert_list(&head, "");
    list_append(&head, &items[0].node);
    assert_list(&head, "a");
}

static void splicing_moves_all_nodes_to_the_end(void **state)
{
    struct list_node to, from;

    list_init(&to);
    list_init(&from);
    list_splice(&to, &from);
    assert_list(&to, "");

    list_append(&from, &items[0].node);
    list_append(&from, &items[1].node);
    list_splice(&to, &from);
    assert_list(&to, "ab");
    assert_list(&from, "");

    list_append(&from, &items[2].node);
    list_splice(&to, &from);
    assert_list(&to, "abc");
    list_splice(&to, &from);
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
