/* task_step.h - a step of a task as nearly all are: nothing is thrown in, and what comes out is a
 * plain yield or a wait that the task is noted in already.
 *
 * Here so that the loop can inline it, switch and all: a call that is made before a switch and
 * returns after it is mispredicted. What is special about a step is left to task.c.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BIDE_LOOP_TASK_STEP_H
#define BIDE_LOOP_TASK_STEP_H

#include "loop/park.h"

/* The `run` of every task's `step`. */
void bide__task_turn(bide__ready *ready, bide__loop *loop);
/* What follows a step that did not end in a plain suspension; `v` moves in. */
void bide__barrier_stepped(bide__task *self, int status, bide_value v);

/* Whether a step would do no more than send None to a coroutine that is suspended. */
static inline bool bide__task_is_plain(const bide__task *self)
{
    const bide__coro *coro = (const bide__coro *)(const void *)self->coro.as.object;
    _Static_assert(BIDE_KIND_NONE == 0, "no value is no bits");
    return !(self->must_cancel | self->thrown.kind | self->context.kind) &&
           coro->state == BIDE_SUSPENDED;
}

/* Takes that step; no task's step is under way. */
BIDE__INLINE void bide__task_step_plainly(bide__task *self, bide__loop *loop)
{
    bide__coro *coro = (bide__coro *)(void *)self->coro.as.object;
    const bide__exec *exec = &coro->own;
    bide_value v = BIDE_NONE;

    loop->current = self;
    bide__bindings **before = bide__context_enter(&self->bindings);
    bide__exec *resumer = bide__step_with(coro, BIDE__SEND, BIDE_NONE);
    int fiber_state = bide__switch_stacks(coro, resumer);
    bool suspended = __builtin_expect(fiber_state == BIDE_FIBER_SUSPENDED, 1);
    int status = suspended ? exec->signal : bide__step_ended(coro, fiber_state, &v);
    bide__context_enter(before);
    loop->current = NULL;
    if (suspended && !self->must_cancel && !self->scope) {
        if (status == BIDE__PARKED)
            return;
        if (status == BIDE_YIELDED && exec->mail.kind == BIDE_KIND_NONE) {
            bide__task_ready(self);
            return;
        }
    }
    if (suspended)
        bide__mail(exec, &v);
    bide__barrier_stepped(self, status, v);
}

#endif
