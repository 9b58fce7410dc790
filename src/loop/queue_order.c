/* queue_order.c - first in first out, last in first out, smallest first.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/queue_order.h"

#include <bide/error.h>

#include <string.h>

#include "object/memory.h"

/* Narrows two lists or tuples down to what decides between them, as Python does: the first items
 * that are not equal. False if the size of the two does. */
static bool first_difference(bide_value *a, bide_value *b)
{
    for (;;) {
        bide_value in = *a, from = *b;
        if (in.kind != from.kind || (in.kind != BIDE_KIND_LIST && in.kind != BIDE_KIND_TUPLE))
            return true;
        size_t i = 0, size = bide_size(in) < bide_size(from) ? bide_size(in) : bide_size(from);
        while (i < size && bide_equal(bide_item(in, i), bide_item(from, i)))
            i++;
        if (i == size)
            return false;
        *a = bide_item(in, i);
        *b = bide_item(from, i);
    }
}

/* Whether a < b, as Python has it: 1 or 0; -1 if the two cannot be compared. */
static int less(bide_value a, bide_value b)
{
    double x, y;
    if (a.kind == BIDE_KIND_INT && b.kind == BIDE_KIND_INT)
        return a.as.i < b.as.i;
    if (a.kind < BIDE_KIND_PTR && b.kind < BIDE_KIND_PTR && a.kind && b.kind)
        return bide_to_float(a, &x) < 0 || bide_to_float(b, &y) < 0 ? -1 : x < y;
    if (a.kind != b.kind || a.kind < BIDE_KIND_STR || a.kind > BIDE_KIND_TUPLE)
        return -1;
    if (a.kind == BIDE_KIND_LIST || a.kind == BIDE_KIND_TUPLE)
        return first_difference(&a, &b) ? less(a, b) : bide_size(a) < bide_size(b);
    size_t size = bide_size(a) < bide_size(b) ? bide_size(a) : bide_size(b);
    int order = memcmp(bide_data(a), bide_data(b), size);
    return order != 0 ? order < 0 : bide_size(a) < bide_size(b);
}

/* Where the i-th item is; room is a power of two. */
static bide_value *item_at(const struct bide__items *self, size_t i)
{
    return &self->ring[(self->first + i) & (self->room - 1)];
}

static int grow(struct bide__items *self)
{
    size_t room = self->room ? self->room * 2 : 8;
    bide_value *ring = bide__alloc(room * sizeof *ring);
    if (!ring)
        return BIDE_RAISED;
    for (size_t i = 0; i < self->count; i++)
        ring[i] = *item_at(self, i);
    bide__free(self->ring);
    self->ring = ring;
    self->room = room;
    self->first = 0;
    return 0;
}

/* --- smallest first ------------------------------------------------------------------
 *
 * The comparisons are those of Python's heapq, in its order: so the same items come out in the same
 * order where some are equal, and the same two are found to have none. Nothing is moved before all
 * of them are made. */

static int refuse(bide_value a, bide_value b)
{
    first_difference(&a, &b);
    return bide_raise(BIDE_TypeError, "'<' not supported between instances of '%s' and '%s'",
                      bide_type_name(a), bide_type_name(b));
}

static size_t above(size_t at)
{
    return (at - 1) / 2;
}

/* Puts an item, for which there is room, below those that are not greater. */
static int push(struct bide__items *self, bide_value item)
{
    size_t to = self->count;
    int smaller = 1;
    while (to > 0 && (smaller = less(item, self->ring[above(to)])) > 0)
        to = above(to);
    if (smaller < 0)
        return refuse(item, self->ring[above(to)]);
    for (size_t at = self->count; at > to; at = above(at))
        self->ring[at] = self->ring[above(at)];
    self->ring[to] = item;
    self->count++;
    return 0;
}

/* Where the gap comes to rest that the first leaves: the smaller one below rises, down to the end,
 * which is where the last item stands. False if two have no order: *a and *b. */
static bool find_leaf(const struct bide__items *self, size_t *leaf, bide_value *a, bide_value *b)
{
    size_t end = self->count - 1;
    *leaf = 0;
    for (size_t below; (below = *leaf * 2 + 1) < end; *leaf = below) {
        int smaller = 1;
        *a = self->ring[below];
        if (below + 1 < end && (smaller = less(*a, *b = self->ring[below + 1])) < 0)
            return false;
        below += smaller == 0;
    }
    return true;
}

/* Takes the smallest; the last is put where that leaves a gap. False if two have no order, *a and
 * *b, and all is as it was. */
static bool pop(struct bide__items *self, bide_value *item, bide_value *a, bide_value *b)
{
    size_t to;
    int smaller = 1;
    if (!find_leaf(self, &to, a, b))
        return false;
    *a = self->ring[self->count - 1];
    while (to > 0 && (smaller = less(*a, *b = self->ring[to])) > 0)
        to = above(to);
    if (smaller < 0)
        return false;
    *item = *a;
    for (bool first = false; !first; to = above(to)) {
        first = to == 0;
        bide_value risen = self->ring[to];
        self->ring[to] = *item;
        *item = risen;
    }
    self->count--;
    return true;
}

/* --- any order ------------------------------------------------------------------------ */

int bide__items_put_otherwise(struct bide__items *self, const bide_value *put)
{
    bide_value item = *put;
    int status = self->count == self->room ? grow(self) : 0;
    if (status == 0 && self->order == BIDE__PRIORITY)
        status = push(self, item);
    else if (status == 0)
        *item_at(self, self->count++) = item;
    if (status < 0)
        bide_drop(item);
    return status;
}

int bide__items_reserve(struct bide__items *self, size_t more)
{
    while (self->room < self->count + more)
        if (grow(self) < 0)
            return BIDE_RAISED;
    return 0;
}

void bide__items_return(struct bide__items *self, bide_value item)
{
    self->first = (self->first - 1) & (self->room - 1);
    self->ring[self->first] = item;
    self->count++;
}

int bide__items_take_otherwise(struct bide__items *self, bide_value *item)
{
    bide_value a, b;
    if (self->order == BIDE__LIFO)
        *item = self->ring[--self->count];
    else if (!pop(self, item, &a, &b))
        return refuse(a, b);
    return 0;
}

void bide__items_remove(struct bide__items *self, bide_value *item)
{
    bide_value a, b;
    if (self->order == BIDE__FIFO)
        bide__items_take_first(self, item);
    else if (self->order == BIDE__LIFO || !pop(self, item, &a, &b))
        *item = self->ring[--self->count];
}

void bide__items_clear(struct bide__items *self)
{
    while (self->count) {
        bide_value item;
        bide__items_remove(self, &item);
        bide_drop(item);
    }
    bide__free(self->ring);
    self->ring = NULL;
    self->room = 0;
}
