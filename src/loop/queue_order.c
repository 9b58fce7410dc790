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

/* -1, 0 or 1; -2 if the two cannot be compared. */
static int compare(bide_value a, bide_value b)
{
    double x, y;
    if (a.kind == BIDE_KIND_INT && b.kind == BIDE_KIND_INT)
        return (a.as.i > b.as.i) - (a.as.i < b.as.i);
    if (a.kind < BIDE_KIND_PTR && b.kind < BIDE_KIND_PTR && a.kind && b.kind) {
        if (bide_to_float(a, &x) < 0 || bide_to_float(b, &y) < 0)
            return -2;
        return (x > y) - (x < y);
    }
    if (a.kind != b.kind || a.kind < BIDE_KIND_STR || a.kind > BIDE_KIND_TUPLE)
        return -2;
    if (a.kind == BIDE_KIND_LIST || a.kind == BIDE_KIND_TUPLE) {
        if (first_difference(&a, &b))
            return compare(a, b);
        return (bide_size(a) > bide_size(b)) - (bide_size(a) < bide_size(b));
    }
    size_t size = bide_size(a) < bide_size(b) ? bide_size(a) : bide_size(b);
    int order = memcmp(bide_data(a), bide_data(b), size);
    if (order != 0)
        return order < 0 ? -1 : 1;
    return (bide_size(a) > bide_size(b)) - (bide_size(a) < bide_size(b));
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

static void rise(struct bide__items *self)
{
    for (size_t at = self->count - 1; at > 0;) {
        size_t parent = (at - 1) / 2;
        if (compare(self->ring[at], self->ring[parent]) >= 0)
            break;
        bide_value v = self->ring[at];
        self->ring[at] = self->ring[parent];
        self->ring[parent] = v;
        at = parent;
    }
}

static void sink(struct bide__items *self)
{
    for (size_t at = 0, child; (child = at * 2 + 1) < self->count; at = child) {
        if (child + 1 < self->count && compare(self->ring[child + 1], self->ring[child]) < 0)
            child++;
        if (compare(self->ring[child], self->ring[at]) >= 0)
            break;
        bide_value v = self->ring[at];
        self->ring[at] = self->ring[child];
        self->ring[child] = v;
    }
}

static int refuse(bide_value a, bide_value b)
{
    first_difference(&a, &b);
    return bide_raise(BIDE_TypeError, "'<' not supported between instances of '%s' and '%s'",
                      bide_type_name(a), bide_type_name(b));
}

/* Whether a new item can be compared with all that it may have to be: itself, and those above its
 * place, up to one that is not greater. */
static int check(const struct bide__items *self, bide_value item)
{
    if (self->count == 0 && compare(item, item) == -2)
        return refuse(item, item);
    for (size_t at = self->count; at > 0;) {
        at = (at - 1) / 2;
        int order = compare(item, self->ring[at]);
        if (order == -2)
            return refuse(item, self->ring[at]);
        if (order >= 0)
            break;
    }
    return 0;
}

int bide__items_put_otherwise(struct bide__items *self, const bide_value *put)
{
    bide_value item = *put;
    bool priority = self->order == BIDE__PRIORITY;
    if (priority && check(self, item) < 0) {
        bide_drop(item);
        return BIDE_RAISED;
    }
    if (self->count == self->room && grow(self) < 0) {
        bide_drop(item);
        return BIDE_RAISED;
    }
    *item_at(self, self->count++) = item;
    if (priority)
        rise(self);
    return 0;
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

void bide__items_take_otherwise(struct bide__items *self, bide_value *item)
{
    self->count--;
    if (self->order == BIDE__LIFO) {
        *item = self->ring[self->count];
        return;
    }
    *item = self->ring[0];
    if (self->count) {
        self->ring[0] = self->ring[self->count];
        sink(self);
    }
}

void bide__items_clear(struct bide__items *self)
{
    while (self->count) {
        bide_value item;
        bide__items_take(self, &item);
        bide_drop(item);
    }
    bide__free(self->ring);
    self->ring = NULL;
    self->room = 0;
}
