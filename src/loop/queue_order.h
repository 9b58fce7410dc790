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

/* Items are handed over by address: on WebAssembly a value is copied for each call. */

static inline void bide__item_copy(bide_value *to, const bide_value *from)
{
    to->kind = from->kind; /* by member: see bide__mail */
    to->unused = 0;
    to->as.i = from->as.i;
}

/* The rest of put and take. */
int bide__items_put_otherwise(struct bide__items *self, const bide_value *item);
int bide__items_take_otherwise(struct bide__items *self, bide_value *item);

/* The two in one that is FIFO, where there is memory for one more; where there is one. */
static inline void bide__items_put_last(struct bide__items *self, const bide_value *item)
{
    bide__item_copy(&self->ring[(self->first + self->count++) & (self->room - 1)], item);
}

static inline void bide__items_take_first(struct bide__items *self, bide_value *item)
{
    const bide_value *from = &self->ring[self->first];
    self->first = (self->first + 1) & (self->room - 1);
    self->count--;
    bide__item_copy(item, from);
}

/* *item moves in: 0, MemoryError, or TypeError for one that cannot be compared. */
static inline int bide__items_put(struct bide__items *self, const bide_value *item)
{
    if (__builtin_expect(self->order == BIDE__PRIORITY || self->count == self->room, 0))
        return bide__items_put_otherwise(self, item);
    bide__items_put_last(self, item);
    return 0;
}

/* The next item; there must be one. 0, or TypeError where it leaves some that have no order, and
 * all are there as before. */
static inline int bide__items_take(struct bide__items *self, bide_value *item)
{
    if (self->order != BIDE__FIFO)
        return bide__items_take_otherwise(self, item);
    bide__items_take_first(self, item);
    return 0;
}

/* Makes room for so many more: 0 or MemoryError. */
int bide__items_reserve(struct bide__items *self, size_t more);
/* Puts an item (moves in) before all others, of FIFO, where there is room for it. */
void bide__items_return(struct bide__items *self, bide_value item);
/* Takes the next one, or any where they have no order: for those that go unseen. */
void bide__items_remove(struct bide__items *self, bide_value *item);
void bide__items_clear(struct bide__items *self);

#endif
