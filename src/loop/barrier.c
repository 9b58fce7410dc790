/* barrier.c - Barrier: nobody passes until all parties have come.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/sync.h>

#include "loop/checked.h"
#include "loop/loop.h"

enum state { FILLING, DRAINING, RESETTING, BROKEN };

struct barrier {
    bide_object base;
    bide_value condition; /* owned */
    int64_t parties, count;
    enum state state;
};

static void finalize(void *self)
{
    bide_drop(((struct barrier *)self)->condition);
}

static bide_value barrier_aenter(void *self);
static bide_value barrier_aexit(void *self, bide_value error);

static const bide_type barrier_type = {
    .name = "Barrier",
    .finalize = finalize,
    .aenter = barrier_aenter,
    .aexit = barrier_aexit,
};

bide_value bide_barrier(int64_t parties)
{
    struct barrier *self = NULL;
    bide_value condition = BIDE_NONE;
    if (parties < 1)
        bide_raise(BIDE_ValueError, "parties must be > 0");
    else
        condition = bide_condition(BIDE_NONE);
    if (!bide_is_none(condition) && !bide_failed(condition))
        self = bide_object_new(&barrier_type, sizeof *self);
    if (!self) {
        bide_drop(condition);
        return BIDE_FAILED;
    }
    self->condition = condition;
    self->parties = parties;
    return bide_object_value(self);
}

static bool may_enter(void *data)
{
    const struct barrier *self = data;
    return self->state != DRAINING && self->state != RESETTING;
}

static bool not_filling(void *data)
{
    return ((const struct barrier *)data)->state != FILLING;
}

/* Counted in: waits for the others, or lets them go if it is the last. */
BIDE__UNCOLORED static int pass(struct barrier *self, int64_t index)
{
    if (index + 1 == self->parties) {
        self->state = DRAINING;
        return bide_condition_notify_all(self->condition);
    }
    if (bide_condition_wait_for(self->condition, not_filling, self) < 0)
        return BIDE_RAISED;
    if (self->state == BROKEN || self->state == RESETTING)
        return bide_raise(BIDE_BrokenBarrierError, "Abort or reset of barrier");
    return 0;
}

/* The last to leave a draining or resetting barrier opens it again. */
static void leave(struct barrier *self)
{
    self->count--;
    if (self->count > 0)
        return;
    if (self->state == RESETTING || self->state == DRAINING)
        self->state = FILLING;
    bide_value pending = bide_error_take();
    bide_condition_notify_all(self->condition);
    if (!bide_is_none(pending))
        bide_error_restore(pending);
}

BIDE__UNCOLORED static int wait_locked(struct barrier *self, int64_t *index)
{
    if (bide_condition_wait_for(self->condition, may_enter, self) < 0)
        return BIDE_RAISED;
    if (self->state == BROKEN)
        return bide_raise(BIDE_BrokenBarrierError, "Barrier aborted");
    *index = self->count++;
    int status = pass(self, *index);
    leave(self);
    return status;
}

static void unlock(const struct barrier *self)
{
    bide_value pending = bide_error_take();
    bide_condition_release(self->condition);
    if (!bide_is_none(pending))
        bide_error_restore(pending);
}

BIDE__UNCOLORED int bide_barrier_wait(bide_value v, int64_t *index)
{
    struct barrier *self = bide__checked(v, &barrier_type);
    int64_t place = 0;
    if (index)
        *index = 0;
    if (!self || bide_condition_acquire(self->condition) < 0)
        return BIDE_RAISED;
    bide_ref(v);
    int status = wait_locked(self, &place);
    unlock(self);
    bide_drop(v);
    if (status == 0 && index)
        *index = place;
    return status;
}

/* Puts the barrier into another state and tells everyone. */
BIDE__UNCOLORED static int change(bide_value v, bool aborting)
{
    struct barrier *self = bide__checked(v, &barrier_type);
    if (!self || bide_condition_acquire(self->condition) < 0)
        return BIDE_RAISED;
    self->state = aborting ? BROKEN : self->count > 0 ? RESETTING : FILLING;
    int status = bide_condition_notify_all(self->condition);
    unlock(self);
    return status;
}

BIDE__UNCOLORED int bide_barrier_reset(bide_value v)
{
    return change(v, false);
}

BIDE__UNCOLORED int bide_barrier_abort(bide_value v)
{
    return change(v, true);
}

int64_t bide_barrier_parties(bide_value v)
{
    const struct barrier *self = bide__peek(v, &barrier_type);
    return self ? self->parties : 0;
}

int64_t bide_barrier_waiting(bide_value v)
{
    const struct barrier *self = bide__peek(v, &barrier_type);
    return self && self->state == FILLING ? self->count : 0;
}

bool bide_barrier_broken(bide_value v)
{
    const struct barrier *self = bide__peek(v, &barrier_type);
    return self && self->state == BROKEN;
}

static BIDE_ASYNC int enter(bide_value arg, bide_value *result)
{
    int64_t index;
    BIDE_TRY(bide_barrier_wait(arg, &index));
    *result = bide_int(index);
    return 0;
}

static BIDE_ASYNC int nothing(bide_value arg, bide_value *result)
{
    (void)arg;
    (void)result;
    return 0;
}

static bide_value barrier_aenter(void *self)
{
    static const bide_origin origin = {"__aenter__", __FILE__, __LINE__};
    return bide_coro_at(&origin, enter, bide_object_ref(self));
}

static bide_value barrier_aexit(void *self, bide_value error)
{
    static const bide_origin origin = {"__aexit__", __FILE__, __LINE__};
    (void)self;
    (void)error;
    return bide_coro_at(&origin, nothing, BIDE_NONE);
}
