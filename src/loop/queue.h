/* queue.h - what is inside a queue.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_QUEUE_H
#define BIDE_LOOP_QUEUE_H

#include <bide/queue.h>
#include <bide/sync.h>

#include "loop/queue_order.h"
#include "loop/waiters.h"

typedef struct bide__queue {
    bide_object base;
    struct bide__items items;
    size_t maxsize;    /* 0: no limit */
    size_t unfinished; /* items that were put and are not dealt with */
    bide_value idle;   /* owned Event: set when nothing is unfinished any more */
    bool plain;        /* first in, first out, and neither of the next two: what is quick */
    bool fair, shut_down;
    bool emptied;    /* shut down at once */
    size_t reserved; /* of a fair one: slots of putters that were chosen and have not run yet */
    size_t given;    /* and items of getters that were chosen and have not run yet */
    bide__waiters getters, putters;
} bide__queue;

extern const bide_type bide__queue_type;

/* Less one, no limit is the largest. */
static inline bool bide__queue_has_room(const bide__queue *self)
{
    return self->items.count <= self->maxsize - 1;
}

/* Full to who comes now: of a fair queue also until those who were chosen before have put. */
static inline bool bide__queue_is_full(const bide__queue *self)
{
    return !bide__queue_has_room(self) || self->reserved > 0;
}

/* One item less is to be dealt with. */
static inline int bide__queue_finish_one(bide__queue *self)
{
    return --self->unfinished == 0 ? bide_event_set(self->idle) : 0;
}

#endif
