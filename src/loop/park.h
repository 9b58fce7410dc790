/* park.h - waiting without a future: how locks, queues and sleeps suspend the task that runs.
 *
 * What is noted about the wait lies on the waiting stack. Where a task drives the coroutine, which
 * is nearly always, waking it makes the task itself ready: no future, no callback, and the same
 * order of events. Where something else drives it by hand, it is handed a future, as in Python.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_PARK_H
#define BIDE_LOOP_PARK_H

#include "loop/task.h"
#include "object/exec.h"

typedef struct bide__parking {
    bide__task *task;     /* borrowed; NULL when it is driven by hand, or the task was abandoned */
    bide__future *future; /* owned; what is awaited when it is driven by hand, else NULL */
    const char *verb;     /* what it does, for those who look: "Queue.get" */
    bide_value on;        /* borrowed; what it waits for, or BIDE_NONE */
    uint8_t state;        /* enum bide__future_state: pending until it is woken or cancelled */
} bide__parking;

/* What a parked task's coroutine suspends with: the address is its meaning. */
extern const char bide__parked;
static inline bool bide__is_parked(bide_value v)
{
    return v.kind == BIDE_KIND_PTR && v.as.ptr == &bide__parked;
}

/* A plain future for one that is driven by hand; borrows it while it is pending (wait_future.c). */
bide_value bide__future_of_parking(const bide__parking *self);
/* The verb of a sleep, and until when it lasts (sleep.c). */
extern const char bide__sleeping[];
int64_t bide__sleep_deadline(const bide__parking *self);
/* Whether a cancellation, of the task or of a scope, has ended its wait: nothing takes that back.
 */
static inline bool bide__wait_is_cancelled(const bide__task *task)
{
    return task->parking && task->parking->state == BIDE__CANCELLED;
}
/* Its state now. */
static inline int bide__parking_state(const bide__parking *self)
{
    return self->future ? self->future->state : self->state;
}

/* It is driven by hand: hands out a future. */
BIDE_ASYNC int bide__park_by_hand(bide__parking *self);
/* Something was thrown in. If that was done by hand, the task still waits for its turn. */
void bide__park_left(bide__parking *self, const bide__loop *loop);

/* Suspends until it is woken (0) or thrown into (BIDE_RAISED); `state` tells afterwards what came
 * first. `verb`, a literal, and `on`, borrowed, tell those who look what it does and waits for.
 * Inlined where it is called, for the reason that bide/step.h gives. */
BIDE__UNCOLORED BIDE__INLINE int bide__park(bide__parking *self, const char *verb, bide_value on)
{
    bide__loop *loop = bide__loop_required();
    bide__exec *exec = bide__exec_now();
    *self = (bide__parking){.verb = verb, .on = on, .state = BIDE__PENDING};
    if (!loop)
        return BIDE_RAISED;
    bide__task *task = loop->current;
    if (!task || &exec->owner->base != task->coro.as.object)
        return bide__park_by_hand(self);

    bide__coro *top = exec->top;
    self->task = task;
    task->parking = self;
    top->awaiting = on;
    int status = bide_suspend(bide_ptr((void *)(uintptr_t)&bide__parked), NULL);
    top->awaiting = BIDE_NONE;
    if (status < 0)
        bide__park_left(self, loop);
    else
        task->parking = NULL;
    return status;
}

/* Wakes one that is pending, in the next iteration. */
static inline void bide__unpark(bide__parking *self)
{
    if (self->future) {
        bide__future_finish(self->future, BIDE_NONE);
        return;
    }
    self->state = BIDE__FINISHED;
    if (self->task)
        bide__task_ready(self->task);
}

#endif
