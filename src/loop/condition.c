/* condition.c - Condition: waiting, without the lock, to be told that something changed.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/sync.h>

#include "loop/checked.h"
#include "loop/scope.h"
#include "loop/waiters.h"

struct condition {
    bide_object base;
    bide_value lock; /* owned */
    bide__waiters waiters;
};

static void finalize(void *self)
{
    bide_drop(((struct condition *)self)->lock);
}

static bide_value condition_aenter(void *self)
{
    bide_value lock = ((struct condition *)self)->lock;
    return bide__type_of(lock)->aenter(lock.as.object);
}

static bide_value condition_aexit(void *self, bide_value error)
{
    bide_value lock = ((struct condition *)self)->lock;
    return bide__type_of(lock)->aexit(lock.as.object, error);
}

static const bide_type condition_type = {
    .name = "Condition",
    .finalize = finalize,
    .aenter = condition_aenter,
    .aexit = condition_aexit,
};

bide_value bide_condition(bide_value lock)
{
    if (bide_is_none(lock))
        lock = bide_lock();
    struct condition *self = NULL;
    if (bide_failed(lock))
        bide__propagate();
    else if (!bide_has(lock, aenter))
        bide_raise(BIDE_TypeError, "a Lock is expected, got '%s'", bide_type_name(lock));
    else
        self = bide_object_new(&condition_type, sizeof *self);
    if (!self) {
        bide_drop(lock);
        return BIDE_FAILED;
    }
    self->lock = lock;
    return bide_object_value(self);
}

BIDE__UNCOLORED int bide_condition_acquire(bide_value v)
{
    const struct condition *self = bide__checked(v, &condition_type);
    return self ? bide_lock_acquire(self->lock) : BIDE_RAISED;
}

int bide_condition_release(bide_value v)
{
    const struct condition *self = bide__checked(v, &condition_type);
    return self ? bide_lock_release(self->lock) : BIDE_RAISED;
}

bool bide_condition_locked(bide_value v)
{
    const struct condition *self = bide__peek(v, &condition_type);
    return self && bide_lock_locked(self->lock);
}

static void notify(struct condition *self, size_t n)
{
    while (n-- > 0 && bide__waiters_wake_next(&self->waiters))
        continue;
}

/* The lock again, whatever is thrown in meanwhile: the last cancellation is raised afterwards. */
BIDE__UNCOLORED static int reacquire(struct condition *self)
{
    bide_value cancelled = BIDE_NONE;
    bide__scope hold;
    bide__hold_begin(&hold);
    while (bide_lock_acquire(self->lock) < 0 && bide_error_matches(BIDE_CancelledError)) {
        bide_drop(cancelled);
        cancelled = bide_error_take();
    }
    bide__hold_end(&hold);
    if (bide_error_pending()) {
        bide_drop(cancelled);
        return BIDE_RAISED;
    }
    return bide_is_none(cancelled) ? 0 : bide_error_restore(cancelled);
}

BIDE__UNCOLORED int bide_condition_wait(bide_value v)
{
    struct condition *self = bide__checked(v, &condition_type);
    if (!self)
        return BIDE_RAISED;
    if (!bide_lock_locked(self->lock))
        return bide_raise(BIDE_RuntimeError, "cannot wait on un-acquired lock");
    bide_ref(v);
    bide_lock_release(self->lock);
    int status = bide__waiters_wait(&self->waiters, "Condition.wait", self, NULL);
    bide_value error = bide_error_take();
    if (reacquire(self) < 0) {
        bide_drop(error);
        status = BIDE_RAISED;
    } else if (status < 0) {
        bide_error_restore(error);
    }
    if (status < 0)
        notify(self, 1); /* it may have been notified: somebody else must hear of it */
    bide_drop(v);
    return status;
}

BIDE__UNCOLORED int bide_condition_wait_for(bide_value v, bool (*predicate)(void *data), void *data)
{
    if (!predicate)
        return bide__raise_no_function();
    while (!predicate(data))
        if (bide_condition_wait(v) < 0)
            return BIDE_RAISED;
    return 0;
}

int bide_condition_notify(bide_value v, size_t n)
{
    struct condition *self = bide__checked(v, &condition_type);
    if (!self)
        return BIDE_RAISED;
    if (!bide_lock_locked(self->lock))
        return bide_raise(BIDE_RuntimeError, "cannot notify on un-acquired lock");
    notify(self, n);
    return 0;
}

int bide_condition_notify_all(bide_value v)
{
    return bide_condition_notify(v, SIZE_MAX);
}
