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
/* Its state now. */
static inline int bide__parking_state(const bide__parking *self)
{
    return self->future ? self->future->state : self->state;
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

/* What is out of the ordinary about the two that follow: one is driven by hand or may not be
 * suspended; or ends otherwise than by being woken. */
int bide__cold_park_begin(bide__parking *self, bide__exec *exec);
int bide__cold_park_end(bide__parking *self, int answer);

/* Notes a wait for self->on, and that the coroutine is suspended, which bide__park_here is to do
 * next: 0 or BIDE_RAISED, RuntimeError without a loop. `verb`, a literal, and `on`, borrowed, tell
 * those who look what it does and waits for. */
static inline int bide__park_begin(bide__parking *self, const char *verb)
{
    bide__loop *loop = bide__loop_running;
    bide__exec *exec = bide__exec_now();
    self->state = BIDE__PENDING;
    if (__builtin_expect(!loop, 0)) {
        bide__loop_required();
        return BIDE_RAISED;
    }
    bide__task *task = loop->current;
    bool by_hand = !task || &exec->owner->base != task->coro.as.object;
    self->task = by_hand ? NULL : task;
    self->future = NULL;
    self->verb = verb;
    if (__builtin_expect(by_hand || !bide__park_is_plain(exec), 0) &&
        bide__cold_park_begin(self, exec) < 0)
        return BIDE_RAISED;
    if (!by_hand) {
        task->parking = self;
        exec->top->awaiting = self->on;
        exec->signal = BIDE__PARKED;
        exec->mail.kind = BIDE_KIND_NONE;
    }
    exec->owner->state = BIDE_SUSPENDED;
    return 0;
}

/* What is to be done after it; `answer` is that of bide__park_here: 0 if it was woken, or
 * BIDE_RAISED. `state` tells what came first. */
static inline int bide__park_end(bide__parking *self, int answer)
{
    const bide__exec *exec = bide__exec_current;
    bide__task *task = self->task;
    /* Pending also where it is driven by hand, whose state is the future's. */
    bool woken = self->state != BIDE__PENDING;
    if (__builtin_expect((answer < 0) | (exec->signal != BIDE__SEND) | !woken, 0))
        return bide__cold_park_end(self, answer);
    task->parking = NULL;
    exec->top->awaiting = BIDE_NONE;
    return 0;
}

/* All three: 0 when it is woken, or BIDE_RAISED. */
BIDE__UNCOLORED BIDE__INLINE int bide__park(bide__parking *self, const char *verb, bide_value on)
{
    self->on = on;
    if (bide__park_begin(self, verb) < 0)
        return BIDE_RAISED;
    return bide__park_end(self, bide__park_here());
}

void bide__cold_unpark(const bide__parking *self);

/* Wakes one that is pending, in the next iteration. */
static inline void bide__unpark(bide__parking *self)
{
    if (__builtin_expect(self->future != NULL, 0)) {
        bide__cold_unpark(self);
        return;
    }
    self->state = BIDE__FINISHED;
    if (self->task)
        bide__task_ready(self->task);
}

#endif
