/* queue_api.c - what is asked of a queue besides its items: how many there are, whether they are
 * dealt with, and its end.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/queue.h"

#include "loop/checked.h"

/* --- what is dealt with ------------------------------------------------------------- */

int bide_queue_task_done(bide_value v)
{
    bide__queue *self = bide__checked(v, &bide__queue_type);
    if (!self)
        return BIDE_RAISED;
    if (self->unfinished == 0)
        return bide_raise(BIDE_ValueError, "task_done() called too many times");
    return bide__queue_finish_one(self);
}

BIDE__UNCOLORED int bide_queue_join(bide_value v)
{
    bide__queue *self = bide__checked(v, &bide__queue_type);
    if (!self)
        return BIDE_RAISED;
    if (self->unfinished == 0)
        return 0;
    bide_value keep = bide_ref(v);
    bide_event_clear(self->idle);
    int status = bide__event_wait(self->idle, "Queue.join", self);
    bide_drop(keep);
    return status;
}

int bide_queue_shutdown(bide_value v, bool immediate)
{
    bide__queue *self = bide__checked(v, &bide__queue_type);
    if (!self)
        return BIDE_RAISED;
    self->shut_down = true;
    self->plain = false;
    self->emptied |= immediate;
    bide_value item;
    while (immediate && self->items.count) {
        bide__items_remove(&self->items, &item);
        bide_drop(item);
        if (self->unfinished > 0)
            bide__queue_finish_one(self);
    }
    while (bide__waiters_wake_next(&self->getters))
        continue;
    while (bide__waiters_wake_next(&self->putters))
        self->reserved += self->fair;
    return 0;
}

/* --- looking ------------------------------------------------------------------------ */

size_t bide_queue_size(bide_value v)
{
    const bide__queue *self = bide__peek(v, &bide__queue_type);
    return self ? self->items.count : 0;
}

size_t bide_queue_maxsize(bide_value v)
{
    const bide__queue *self = bide__peek(v, &bide__queue_type);
    return self ? self->maxsize : 0;
}

bool bide_queue_empty(bide_value v)
{
    return bide_queue_size(v) == 0;
}

bool bide_queue_full(bide_value v)
{
    const bide__queue *self = bide__peek(v, &bide__queue_type);
    return self && bide__queue_is_full(self);
}
