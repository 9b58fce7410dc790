/* park.h - waiting without a future: how locks, queues and sleeps suspend the task that runs.
 *
 * What is noted about the wait lies on the waiting stack. Where a task drives the coroutine, which
 * is nearly always, waking it makes the task itself ready: no future, no callback, and the same
 * order of events. Where something else drives it by hand, it is handed a future, as in Python.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_PARK_H
#define BIDE_LOOP_PARK_H

#include <bide/park.h>

#include "loop/task.h"
#include "object/exec.h"

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
/* Its state while it is driven by hand: that of its future. Above those of futures. */
enum { BIDE__BY_HAND = 8 };
/* Its state now. */
static inline int bide__parking_state(const bide__parking *self)
{
    return self->state == BIDE__BY_HAND ? self->future->state : self->state;
}

/* Whether nothing stands in the way of suspending the stack that runs. */
static inline bool bide__park_is_plain(const bide__exec *exec)
{
#if defined(BIDE__FIBER_INLINED)
    return bide__may_suspend(exec, BIDE_NONE);
#else
    (void)exec;
    return false;
#endif
}

/* What is out of the ordinary about the two that follow: one has no loop, is driven by hand or may
 * not be suspended; or ends otherwise than by being woken. */
int bide__cold_park_begin(bide__parking *self, bide__exec *exec, const bide__loop *loop);
int bide__cold_park_end(bide__parking *self, int answer);

/* What it waits for, as a value. */
static inline bide_value bide__waited_value(const bide__parking *self)
{
    return self->on ? bide_object_value(self->on) : BIDE_NONE;
}

/* Whether the stack that runs is that of the task's coroutine. */
static inline bool bide__drives(const bide__task *task, const bide__exec *exec)
{
    return task && &exec->owner->base == task->coro.as.object;
}

/* Notes a wait, and that the coroutine is suspended, which bide__park_here is to do next: 0 or
 * BIDE_RAISED, RuntimeError without a loop. `verb`, a literal, and `on`, borrowed, NULL for
 * nothing, tell those who look what it does and waits for. */
static inline int bide__park_begin(bide__parking *self, const char *verb, void *on)
{
    bide__loop *loop = bide__loop_running;
    bide__exec *exec = bide__exec_now();
    bide__task *task = loop ? loop->current : NULL;
    self->verb = verb;
    self->on = on;
    if (__builtin_expect(!bide__drives(task, exec) || !bide__park_is_plain(exec), 0)) {
        int status = bide__cold_park_begin(self, exec, loop);
        if (status != BIDE__PARK)
            return status;
    }
    self->state = BIDE__PENDING;
    self->task = task;
    task->parking = self;
    exec->signal = BIDE__PARKED;
    exec->mail.as.object = on; /* for bide_awaiting; the kind says nothing */
    exec->owner->state = BIDE_SUSPENDED;
    return 0;
}

/* What is to be done after it; `answer` is that of bide__park_here: 0 if it was woken, or
 * BIDE_RAISED. `state` tells what came first. */
static inline int bide__park_end(bide__parking *self, int answer)
{
    const bide__exec *exec = bide__exec_current;
    bool woken = self->state == BIDE__FINISHED;
    if (__builtin_expect((answer < 0) | (exec->signal != BIDE__SEND) | !woken, 0))
        return bide__cold_park_end(self, answer);
    self->task->parking = NULL;
    return 0;
}

/* All three: 0 when it is woken, or BIDE_RAISED. */
BIDE__UNCOLORED BIDE__INLINE int bide__park(bide__parking *self, const char *verb, void *on)
{
    if (bide__park_begin(self, verb, on) < 0)
        return BIDE_RAISED;
    return bide__park_end(self, bide__park_here());
}

void bide__cold_unpark(const bide__parking *self);

/* Wakes one that is pending, in the next iteration. What has a task that waits is an open loop. */
static inline void bide__unpark_plainly(bide__parking *self)
{
    self->state = BIDE__FINISHED;
    if (self->task)
        bide__loop_queue(self->task->future.loop, &self->task->step);
}
static inline void bide__unpark(bide__parking *self)
{
    if (__builtin_expect(self->state == BIDE__BY_HAND, 0))
        bide__cold_unpark(self);
    else
        bide__unpark_plainly(self);
}

#endif
