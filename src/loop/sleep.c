/* sleep.c - waiting for time to pass.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/task.h>

#include "loop/future.h"
#include "object/exec.h"

/* The timer that ends a sleep's future: in one block with it, since they live and die together. */
struct sleep {
    bide__future future;
    bide__timer timer;
};

static const bide__future_kind sleep_kind = {.never_retrieved = ""};

static const bide_type sleep_type = {
    .name = "Future",
    .finalize = bide__future_fini,
    .await_here = bide__future_await,
};

static void expire(bide__ready *ready, bide__loop *loop)
{
    struct sleep *self = (struct sleep *)((char *)ready - offsetof(struct sleep, timer.ready));
    if (loop && self->future.state == BIDE__PENDING)
        bide__future_finish(&self->future, BIDE_NONE);
    bide_drop(bide_object_value(self)); /* the timer's reference */
}

BIDE__UNCOLORED int bide_sleep_until(int64_t deadline)
{
    bide__loop *loop = bide__loop_required();
    struct sleep *self = loop ? bide_object_new(&sleep_type, sizeof *self) : NULL;
    if (!self)
        return BIDE_RAISED;
    bide__future_init(&self->future, &sleep_kind, loop);
    self->timer.ready.run = expire;
    if (bide__timer_start(loop, &self->timer, deadline) < 0) {
        bide_drop(bide_object_value(self));
        return BIDE_RAISED;
    }
    bide_object_ref(self);
    int status = bide_await_at(NULL, bide_object_ref(self), NULL);
    if (self->timer.place) {
        bide__timer_stop(loop, &self->timer);
        bide_drop(bide_object_value(self));
    }
    bide_drop(bide_object_value(self));
    return status;
}

BIDE__UNCOLORED int bide__sleep(int64_t ns)
{
    if (ns <= 0)
        return bide_suspend(BIDE_NONE, NULL);
    int64_t now = bide_now();
    return bide_sleep_until(ns > BIDE_NEVER - now ? BIDE_NEVER : now + ns);
}
