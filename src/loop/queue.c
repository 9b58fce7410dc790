/* queue.c - Queue: items handed from tasks that put to tasks that get.
 *
 * What is out of the ordinary is in functions named bide__cold, which are not inlined: on
 * WebAssembly they need a C stack, and what calls them needs none.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/queue.h"

#include "loop/checked.h"

static void finalize(void *object)
{
    bide__queue *self = object;
    bide__items_clear(&self->items);
    bide_drop(self->idle);
}

static bide_value queue_anext(void *self);

const bide_type bide__queue_type = {
    .name = "Queue",
    .finalize = finalize,
    .aiter = bide_self,
    .anext = queue_anext,
};

static bide_value make(size_t maxsize, enum bide__order order)
{
    bide_value idle = bide_event();
    bide__queue *self = bide_failed(idle) ? NULL : bide_object_new(&bide__queue_type, sizeof *self);
    if (!self) {
        bide_drop(idle);
        return BIDE_FAILED;
    }
    self->idle = idle;
    self->maxsize = maxsize;
    self->plain = order == BIDE__FIFO;
    self->items.order = order;
    return bide_object_value(self);
}

bide_value bide_queue(size_t maxsize)
{
    return make(maxsize, BIDE__FIFO);
}

bide_value bide_fair_queue(size_t maxsize)
{
    bide_value v = make(maxsize, BIDE__FIFO);
    if (!bide_failed(v)) {
        bide__queue *self = (bide__queue *)v.as.object;
        self->fair = true;
        self->plain = false;
    }
    return v;
}

bide_value bide_priority_queue(size_t maxsize)
{
    return make(maxsize, BIDE__PRIORITY);
}

bide_value bide_lifo_queue(size_t maxsize)
{
    return make(maxsize, BIDE__LIFO);
}

static bool has_slot(const bide__queue *self)
{
    return self->maxsize == 0 || self->items.count + self->reserved < self->maxsize;
}

/* There may be room in a fair queue: each slot belongs, from now on, to a putter that waits. */
static void offer_slots(bide__queue *self)
{
    while (has_slot(self) && bide__waiters_wake_next(&self->putters))
        self->reserved++;
}

/* A getter that waits is given the item (moves in), if there is one; there stays room for every
 * item that may come back. */
static int add_fairly(bide__queue *self, const bide_value *item)
{
    if (bide__items_reserve(&self->items, self->given + 1) < 0) {
        bide_drop(*item);
        return BIDE_RAISED;
    }
    if (!bide__waiters_give(&self->getters, *item))
        return bide__items_put(&self->items, item);
    self->given++;
    return 0;
}

/* Adds *item, which moves in. */
static int add(bide__queue *self, const bide_value *item)
{
    if ((self->fair ? add_fairly(self, item) : bide__items_put(&self->items, item)) < 0)
        return BIDE_RAISED;
    self->unfinished++;
    if (!self->fair)
        bide__waiters_wake_next(&self->getters);
    return 0;
}

static int raise_shut_down(void)
{
    return bide_raise(BIDE_QueueShutDown, NULL);
}

/* --- without waiting ---------------------------------------------------------------- */

int bide_queue_put_nowait(bide_value v, bide_value item)
{
    bide__queue *self = bide_failed(item) ? NULL : bide__checked(v, &bide__queue_type);
    int status = 0;
    if (!self)
        status = bide__propagate();
    else if (self->shut_down)
        status = raise_shut_down();
    else if (bide__queue_is_full(self))
        status = bide_raise(BIDE_QueueFull, NULL);
    if (status == 0)
        return add(self, &item);
    bide_drop(item);
    return BIDE_RAISED;
}

/* Takes an item and says that there is room, or raises what says why it gives none; *item (may be
 * NULL) is none so far. */
static int take(bide__queue *self, bide_value *item)
{
    bide_value taken;
    if (!self->items.count)
        return self->shut_down ? raise_shut_down() : bide_raise(BIDE_QueueEmpty, NULL);
    if (bide__items_take(&self->items, &taken) < 0)
        return BIDE_RAISED;
    if (self->fair)
        offer_slots(self);
    else
        bide__waiters_wake_next(&self->putters);
    if (item)
        *item = taken;
    else
        bide_drop(taken);
    return 0;
}

int bide_queue_get_nowait(bide_value v, bide_value *item)
{
    bide__queue *self = bide__checked(v, &bide__queue_type);
    if (item)
        *item = BIDE_NONE;
    return self ? take(self, item) : BIDE_RAISED;
}

/* --- waiting ------------------------------------------------------------------------ */

/* Begins to wait in a line, with a reference to the queue, which may be dropped meanwhile. */
BIDE__INLINE int wait_in(bide__waiters *line, const char *verb, bide__queue *self,
                         bide__waiter *waiter)
{
    if (bide__park_begin(&waiter->parking, verb, self) < 0)
        return BIDE_RAISED;
    bide__waiters_join(line, waiter);
    self->base.refs++;
    return BIDE__PARK;
}

static inline void let_go(bide__queue *self)
{
    if (--self->base.refs == 0)
        bide__object_free(&self->base);
}

__attribute__((noinline)) static void bide__cold_drop(const bide_value *item)
{
    bide_drop(*item);
}

static const char putting[] = "Queue.put", getting[] = "Queue.get";

/* Begins to wait for room in one that is full. */
BIDE__INLINE int wait_to_put(bide__queue *self, bide__waiter *waiter)
{
    int status = wait_in(&self->putters, putting, self, waiter);
    if (__builtin_expect(status < 0, 0))
        bide__cold_drop(&waiter->item);
    return status;
}

/* A slot is this putter's from the moment it was chosen. */
static int put_fairly(bide__queue *self, const bide__waiter *waiter, int status)
{
    bool chosen = waiter->parking.state == BIDE__FINISHED;
    if (chosen)
        self->reserved--;
    if (status == 0 && self->shut_down)
        status = raise_shut_down();
    if (status == 0)
        status = add(self, &waiter->item);
    else
        bide_drop(waiter->item);
    if (chosen)
        offer_slots(self);
    return status;
}

/* Not plain, or full, as somebody came first; or an exception did. Who leaves the line with
 * one after it was chosen lets the next have what it was chosen for, if that is still there. */
__attribute__((noinline)) static int bide__cold_put_on(bide__queue *self, bide__waiter *waiter,
                                                       int status)
{
    if (self->fair)
        return put_fairly(self, waiter, status);
    if (status == 0 && !self->shut_down)
        return bide__queue_is_full(self) ? wait_to_put(self, waiter) : add(self, &waiter->item);
    if (status == 0)
        status = raise_shut_down();
    else if (waiter->parking.state == BIDE__FINISHED && !bide__queue_is_full(self))
        bide__waiters_wake_next(&self->putters);
    bide_drop(waiter->item);
    return status;
}

static bide_value value_of(unsigned kind, bide_object *object)
{
    return (bide_value){.kind = kind, .as = {.object = object}};
}

/* Begins to wait for an item: there is none until the end. */
BIDE__INLINE int wait_to_get(bide__queue *self, bide__waiter *waiter, bide_value *item)
{
    int status = wait_in(&self->getters, getting, self, waiter);
    if (__builtin_expect(status < 0 && item, 0))
        *item = BIDE_NONE;
    return status;
}

/* Into one that is not plain, or that is none. */
__attribute__((noinline)) static int bide__cold_put(bide__waiter *waiter, unsigned kind,
                                                    bide_object *object)
{
    bide_value queue = value_of(kind, object);
    bide__queue *self = bide__peek(queue, &bide__queue_type);
    if (bide_failed(waiter->item) || !self || self->shut_down || !bide__queue_is_full(self))
        return bide_queue_put_nowait(queue, waiter->item);
    return wait_to_put(self, waiter);
}

/* Where nothing is the matter, the rest of put: adds to one that is plain and has room. */
BIDE__INLINE int add_plainly(bide__queue *self, const bide_value *item)
{
    if (__builtin_expect(self->items.count == self->items.room, 0)) {
        if (bide__items_put_otherwise(&self->items, item) < 0)
            return BIDE_RAISED;
    } else {
        bide__items_put_last(&self->items, item);
    }
    self->unfinished++;
    bide__waiters_wake_next(&self->getters);
    return 0;
}

int bide__thin_queue_put(bide__waiter *waiter, unsigned kind, bide_object *object)
{
    bide__queue *self = (bide__queue *)object;
    if (__builtin_expect(waiter->item.kind == BIDE_KIND_FAILED || kind != BIDE_KIND_OBJECT ||
                             object->type != &bide__queue_type || !self->plain,
                         0))
        return bide__cold_put(waiter, kind, object);
    return bide__queue_has_room(self) ? add_plainly(self, &waiter->item)
                                      : wait_to_put(self, waiter);
}

int bide__thin_queue_put_on(int answer, bide__waiter *waiter)
{
    bide__queue *self = (bide__queue *)waiter->parking.on;
    bide__waiters_leave(&self->putters, waiter);
    int status = bide__park_end(&waiter->parking, answer);
    if (__builtin_expect(status == 0 && self->plain && bide__queue_has_room(self), 1))
        status = add_plainly(self, &waiter->item);
    else
        status = bide__cold_put_on(self, waiter, status);
    let_go(self);
    return status;
}

/* What it was given before an exception came is the next getter's, or comes first again. */
static int get_fairly(bide__queue *self, const bide__waiter *waiter, bide_value *item, int status)
{
    if (!waiter->given)
        return status < 0 ? status : take(self, item);
    self->given--;
    if (status == 0 && item) {
        *item = waiter->item;
    } else if (status == 0 || self->emptied) {
        bide_drop(waiter->item);
        if (status < 0)
            bide__queue_finish_one(self);
    } else if (bide__waiters_give(&self->getters, waiter->item)) {
        self->given++;
    } else {
        bide__items_return(&self->items, waiter->item);
    }
    return status;
}

static int get_otherwise(bide__queue *self, bide__waiter *waiter, bide_value *item, int status)
{
    if (self->fair)
        return get_fairly(self, waiter, item, status);
    if (status == 0 && (self->shut_down || self->items.count > 0))
        status = take(self, item);
    else if (status == 0)
        return wait_in(&self->getters, getting, self, waiter);
    if (status < 0 && waiter->parking.state == BIDE__FINISHED && self->items.count)
        bide__waiters_wake_next(&self->getters);
    return status;
}

__attribute__((noinline)) static int bide__cold_get_on(bide__queue *self, bide__waiter *waiter,
                                                       bide_value *item, int status)
{
    int got = get_otherwise(self, waiter, item, status);
    if (got < 0 && item)
        *item = BIDE_NONE;
    return got;
}

/* From one that is not plain, or that is none; or nothing is to be done with the item. */
__attribute__((noinline)) static int bide__cold_get(bide__waiter *waiter, unsigned kind,
                                                    bide_object *object, bide_value *item)
{
    bide_value queue = value_of(kind, object);
    bide__queue *self = bide__peek(queue, &bide__queue_type);
    if (!self || self->items.count || self->shut_down)
        return bide_queue_get_nowait(queue, item);
    waiter->given = false;
    return wait_to_get(self, waiter, item);
}

/* Takes the next item in turn. */
BIDE__INLINE void take_plainly(bide__queue *self, bide_value *item)
{
    bide__items_take_first(&self->items, item);
    bide__waiters_wake_next(&self->putters);
}

int bide__thin_queue_get(bide__waiter *waiter, unsigned kind, bide_object *object, bide_value *item)
{
    bide__queue *self = (bide__queue *)object;
    if (__builtin_expect(kind != BIDE_KIND_OBJECT || object->type != &bide__queue_type ||
                             !self->plain || !item,
                         0))
        return bide__cold_get(waiter, kind, object, item);
    if (self->items.count > 0) {
        take_plainly(self, item);
        return 0;
    }
    return wait_to_get(self, waiter, item);
}

int bide__thin_queue_get_on(int answer, bide__waiter *waiter, bide_value *item)
{
    bide__queue *self = (bide__queue *)waiter->parking.on;
    bide__waiters_leave(&self->getters, waiter);
    int status = bide__park_end(&waiter->parking, answer);
    if (__builtin_expect(status == 0 && self->plain && self->items.count > 0 && item, 1))
        take_plainly(self, item);
    else
        status = bide__cold_get_on(self, waiter, item, status);
    let_go(self);
    return status;
}

static BIDE_ASYNC int next_item(bide_value arg, bide_value *result)
{
    if (bide_queue_get(arg, result) == 0)
        return 0;
    BIDE_EXCEPT(BIDE_QueueShutDown, NULL);
    return bide_raise(BIDE_StopAsyncIteration, NULL);
}

static bide_value queue_anext(void *self)
{
    static const bide_origin origin = {"__anext__", __FILE__, __LINE__};
    return bide_coro_at(&origin, next_item, bide_object_ref(self));
}
