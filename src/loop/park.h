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

/* Something was thrown in. If that was done by hand, the task still waits for its turn. */
void bide__park_left(bide__parking *self);

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

/* Notes a wait, for bide__park_here to follow: 0; or RuntimeError without a loop. `verb`, a
 * literal, and `on`, borrowed, tell those who look what it does and waits for. */
static inline int bide__park_begin(bide__parking *self, const char *verb, bide_value on)
{
    bide__loop *loop = bide__loop_running;
    const bide__exec *exec = bide__exec_now();
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
    self->on = on;
    self->plain = !by_hand && bide__park_is_plain(exec);
    if (!by_hand) {
        task->parking = self;
        exec->top->awaiting = on;
    }
    return 0;
}

/* What is to be done after it; `status` is its answer. `state` tells what came first. */
static inline void bide__park_end(bide__parking *self, int status)
{
    if (__builtin_expect(status < 0, 0)) {
        bide__park_left(self);
        return;
    }
    if (self->task) {
        self->task->parking = NULL;
        bide__exec_current->top->awaiting = BIDE_NONE;
    }
}

/* All three: 0 when it is woken, or BIDE_RAISED. */
BIDE__UNCOLORED BIDE__INLINE int bide__park(bide__parking *self, const char *verb, bide_value on)
{
    if (bide__park_begin(self, verb, on) < 0)
        return BIDE_RAISED;
    int status = bide__park_here(self);
    bide__park_end(self, status);
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
