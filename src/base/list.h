/* SPDX-License-Identifier: MIT */
/*
 * list.h - intrusive doubly linked list with a head node.
 *
 * The list owns nothing. A node that is in no list points at itself, so removing it twice is
 * harmless and list_is_linked() can tell.
 */
#ifndef TINYWEB_BASE_LIST_H
#define TINYWEB_BASE_LIST_H

#include <stdbool.h>

struct list_node {
    struct list_node *prev, *next;
};

static inline void list_init(struct list_node *node)
{
    node->prev = node->next = node;
}

static inline bool list_is_empty(const struct list_node *head)
{
    return head->next == head;
}

static inline bool list_is_linked(const struct list_node *node)
{
    return node->next != node;
}

static inline void list_insert_before(struct list_node *place, struct list_node *node)
{
    node->prev = place->prev;
    node->next = place;
    place->prev->next = node;
    place->prev = node;
}

/* The first is the one after the head, the last the one before it. */
static inline void list_append(struct list_node *head, struct list_node *node)
{
    list_insert_before(head, node);
}

static inline void list_prepend(struct list_node *head, struct list_node *node)
{
    list_insert_before(head->next, node);
}

static inline void list_remove(struct list_node *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    list_init(node);
}

/* Move all of @from to the end of @to. */
static inline void list_splice(struct list_node *to, struct list_node *from)
{
    if (list_is_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    list_init(from);
}

#endif
