/* queue_order.h - what a queue holds, and which item comes out next.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_QUEUE_ORDER_H
#define BIDE_LOOP_QUEUE_ORDER_H

#include <bide/value.h>

enum bide__order { BIDE__FIFO, BIDE__PRIORITY, BIDE__LIFO };

/* Zeroed to start with, but for the order. */
struct bide__items {
    enum bide__order order;
    bide_value *ring; /* owned; a ring for FIFO, a stack for LIFO, a binary heap for PRIORITY */
    size_t room, first, count;
};

/* The item moves in: 0, MemoryError, or TypeError for one that cannot be compared. */
int bide__items_put(struct bide__items *self, bide_value item);
/* Makes room for so many more: 0 or MemoryError. */
int bide__items_reserve(struct bide__items *self, size_t more);
/* Puts an item (moves in) before all others, of FIFO, where there is room for it. */
void bide__items_return(struct bide__items *self, bide_value item);
/* The next item; there must be one. */
bide_value bide__items_take(struct bide__items *self);
void bide__items_clear(struct bide__items *self);

#endif
