/* semaphore.c - Semaphore and BoundedSemaphore: a number of permits, given out in order.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/sync.h>

#include "loop/checked.h"
#include "loop/waiters.h"

struct semaphore {
    bide_object base;
    int64_t value; /* free permits; one that is handed to a waiter is not free any more */
    int64_t bound; /* BIDE_NEVER: none */
    bide__waiters waiters;
};

static bide_value semaphore_aenter(void *self);
static bide_value semaphore_aexit(void *self, bide_value error);

static const bide_type semaphore_type = {
    .name = "Semaphore",
    .aenter = semaphore_aenter,
    .aexit = semaphore_aexit,
};

static bide_value make(int64_t value, int64_t bound)
{
    if (value < 0) {
        bide_raise(BIDE_ValueError, "Semaphore initial value must be >= 0");
        return BIDE_FAILED;
    }
    struct semaphore *self = bide_object_new(&semaphore_type, sizeof *self);
    if (!self)
        return BIDE_FAILED;
    self->value = value;
    self->bound = bound;
    return bide_object_value(self);
}

bide_value bide_semaphore(int64_t value)
{
    return make(value, BIDE_NEVER);
}

bide_value bide_bounded_semaphore(int64_t value)
{
    return make(value, value);
}

bool bide_semaphore_locked(bide_value v)
{
    const struct semaphore *self = bide__peek(v, &semaphore_type);
    return self && (self->value == 0 || bide__waiters_any(&self->waiters));
}

static bool hand_on(struct semaphore *self)
{
    if (!bide__waiters_wake_next(&self->waiters))
        return false;
    self->value--;
    return true;
}

BIDE__UNCOLORED int bide_semaphore_acquire(bide_value v)
{
    struct semaphore *self = bide__checked(v, &semaphore_type);
    bool chosen;
    if (!self)
        return BIDE_RAISED;
    if (!bide_semaphore_locked(v)) {
        self->value--;
        return 0;
    }
    bide_ref(v);
    int status = bide__waiters_wait(&self->waiters, "Semaphore.acquire", self, &chosen);
    if (status < 0 && chosen)
        self->value++; /* cancelled after it was given a permit */
    while (self->value > 0 && hand_on(self))
        continue;
    bide_drop(v);
    return status;
}

int bide_semaphore_release(bide_value v)
{
    struct semaphore *self = bide__checked(v, &semaphore_type);
    if (!self)
        return BIDE_RAISED;
    if (self->value >= self->bound)
        return bide_raise(BIDE_ValueError, "BoundedSemaphore released too many times");
    self->value++;
    hand_on(self);
    return 0;
}

static BIDE_ASYNC int enter(bide_value arg, bide_value *result)
{
    (void)result;
    return bide_semaphore_acquire(arg);
}

static bide_value semaphore_aenter(void *self)
{
    static const bide_origin origin = {"__aenter__", __FILE__, __LINE__};
    return bide_coro_at(&origin, enter, bide_object_ref(self));
}

static bide_value semaphore_aexit(void *self, bide_value error)
{
    (void)error;
    return bide_semaphore_release(bide_object_value(self)) < 0 ? BIDE_FAILED : bide__nothing();
}
