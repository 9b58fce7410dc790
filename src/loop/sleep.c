/* sleep.c - waiting for time to pass.
 *
 * SPDX-License-Identifier: MIT */
#include <bide/task.h>

#include "loop/park.h"

/* The timer lies on the stack that sleeps, which stops it however it wakes. */
struct sleep {
    bide__parking parking;
    bide__timer timer;
    bool expired;
};

const char bide__sleeping[] = "sleep";

int64_t bide__sleep_deadline(const bide__parking *parking)
{
    return ((const struct sleep *)parking)->timer.when;
}

static void expire(bide__ready *ready, bide__loop *loop)
{
    struct sleep *self = (struct sleep *)((char *)ready - offsetof(struct sleep, timer.ready));
    self->expired = true;
    if (loop && bide__parking_state(&self->parking) == BIDE__PENDING)
        bide__unpark(&self->parking);
}

BIDE__UNCOLORED int bide_sleep_until(int64_t deadline)
{
    bide__loop *loop = bide__loop_required();
    struct sleep self;
    self.timer.ready.run = expire;
    self.expired = false;
    if (!loop || bide__timer_start(loop, &self.timer, deadline) < 0)
        return BIDE_RAISED;
    int status = bide__park(&self.parking, bide__sleeping, NULL);
    if (self.timer.block)
        bide__timer_stop(loop, &self.timer);
    else if (!self.expired)
        bide__loop_forget(loop, &self.timer.ready); /* it is due, and something else came first */
    return status;
}

BIDE__UNCOLORED int bide__sleep(int64_t ns)
{
    if (ns <= 0)
        return bide__pause();
    int64_t now = bide_now();
    return bide_sleep_until(ns > BIDE_NEVER - now ? BIDE_NEVER : now + ns);
}
