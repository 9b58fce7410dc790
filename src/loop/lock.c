/* lock.c - Lock: one holder at a time, in the order in which they asked.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/sync.h>

#include "loop/checked.h"
#include "loop/dump.h"
#include "loop/waiters.h"

struct lock {
    bide_object base;
    bool locked;
    bool fair;          /* handed over: it stays locked, for the first who waits */
    bide__task *holder; /* who acquired it last, for the dump of tasks; it may be gone */
    bide__waiters waiters;
};

static bide_value lock_aenter(void *self);
static bide_value lock_aexit(void *self, bide_value error);

static const bide_type lock_type = {.name = "Lock", .aenter = lock_aenter, .aexit = lock_aexit};

bide_value bide_lock(void)
{
    return bide_object_value(bide_object_new(&lock_type, sizeof(struct lock)));
}

bide_value bide_fair_lock(void)
{
    struct lock *self = bide_object_new(&lock_type, sizeof *self);
    if (self)
        self->fair = true;
    return bide_object_value(self);
}

static void hold(struct lock *self)
{
    const bide__loop *loop = bide__loop_current();
    self->locked = true;
    self->holder = loop ? loop->current : NULL;
}

bide__task *bide__lock_holder(bide_value v)
{
    const struct lock *self = bide__peek(v, &lock_type);
    return self && self->locked ? self->holder : NULL;
}

/* What a release does to a lock that is locked. */
static inline void pass_on(struct lock *self)
{
    self->holder = NULL;
    self->locked = false;
    if (!self->fair)
        bide__waiters_wake_first(&self->waiters);
    else
        self->locked = bide__waiters_wake_next(&self->waiters);
}

BIDE__UNCOLORED int bide_lock_acquire(bide_value v)
{
    struct lock *self = bide__checked(v, &lock_type);
    if (!self)
        return BIDE_RAISED;
    if (!self->locked && (self->fair || !bide__waiters_any(&self->waiters))) {
        hold(self);
        return 0;
    }
    bide_ref(v);
    bool chosen;
    int status = bide__waiters_wait(&self->waiters, "Lock.acquire", self, &chosen);
    if (status < 0 && self->fair) {
        if (chosen)
            pass_on(self);
    } else if (status == 0)
        hold(self);
    else if (!self->locked)
        bide__waiters_wake_first(&self->waiters); /* it may have been this one's turn */
    bide_drop(v);
    return status;
}

int bide_lock_release(bide_value v)
{
    struct lock *self = bide__checked(v, &lock_type);
    if (!self)
        return BIDE_RAISED;
    if (!self->locked)
        return bide_raise(BIDE_RuntimeError, "Lock is not acquired.");
    pass_on(self);
    return 0;
}

bool bide_lock_locked(bide_value v)
{
    const struct lock *self = bide__peek(v, &lock_type);
    return self && self->locked;
}

static BIDE_ASYNC int enter(bide_value arg, bide_value *result)
{
    (void)result;
    return bide_lock_acquire(arg);
}

static bide_value lock_aenter(void *self)
{
    static const bide_origin origin = {"__aenter__", __FILE__, __LINE__};
    return bide_coro_at(&origin, enter, bide_object_ref(self));
}

static bide_value lock_aexit(void *self, bide_value error)
{
    (void)error;
    return bide_lock_release(bide_object_value(self)) < 0 ? BIDE_FAILED : bide__nothing();
}
