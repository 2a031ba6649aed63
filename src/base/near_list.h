/* SPDX-License-Identifier: MIT */
/*
 * near_list.h - list.h in half the bytes, for nodes that live in one mapping with their heads.
 *
 * A node holds how far its neighbours are away, in 32 bits: nodes and heads of one list must lie
 * within 2 GiB, and whoever maps them sees to that. As there, a node that is in no list may be
 * removed again.
 */
#ifndef TINYWEB_BASE_NEAR_LIST_H
#define TINYWEB_BASE_NEAR_LIST_H

#include <stdbool.h>
#include <stdint.h>

struct near_node {
    int32_t prev, next; /* bytes from this node; 0: itself */
};

static inline struct near_node *near_at(const struct near_node *node, int32_t distance)
{
    return (struct near_node *)((uintptr_t)node + (uintptr_t)(intptr_t)distance);
}

static inline struct near_node *near_next(const struct near_node *node)
{
    return near_at(node, node->next);
}

static inline struct near_node *near_prev(const struct near_node *node)
{
    return near_at(node, node->prev);
}

/* Neighbours from now on. */
static inline void near_join(struct near_node *before, struct near_node *after)
{
    int32_t distance = (int32_t)((intptr_t)after - (intptr_t)before);

    before->next = distance;
    after->prev = -distance;
}

static inline void near_init(struct near_node *node)
{
    node->prev = node->next = 0;
}

static inline bool near_is_empty(const struct near_node *head)
{
    return head->next == 0;
}

static inline bool near_is_linked(const struct near_node *node)
{
    return node->next != 0;
}

static inline void near_append(struct near_node *head, struct near_node *node)
{
    near_join(near_prev(head), node);
    near_join(node, head);
}

static inline void near_prepend(struct near_node *head, struct near_node *node)
{
    near_join(node, near_next(head));
    near_join(head, node);
}

static inline void near_remove(struct near_node *node)
{
    near_join(near_prev(node), near_next(node));
    near_init(node);
}

/* Move all of @from to the end of @to. */
static inline void near_splice(struct near_node *to, struct near_node *from)
{
    if (near_is_empty(from))
        return;
    near_join(near_prev(to), near_next(from));
    near_join(near_prev(from), to);
    near_init(from);
}

#endif
