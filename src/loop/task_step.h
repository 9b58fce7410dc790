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

/* What follows a step that did not end in a plain suspension; `v` moves in. */
void bide__barrier_stepped(bide__task *self, int status, bide_value v);

/* The coroutine that a step of its task is to resume, or NULL if it is more than that. */
static inline bide__coro *bide__resumed_by(bide__ready *ready, const bide__loop *loop)
{
    const bide__task *task =
        (const bide__task *)(const void *)((const char *)ready - offsetof(bide__task, step));
    if (ready->run != loop->resume)
        return NULL;
    bide__coro *coro = (bide__coro *)(void *)task->coro.as.object;
    return coro->state == BIDE_SUSPENDED ? coro : NULL;
}

/* What stands while the loop runs no task: its own stack, how many awaits deep a task runs above
 * it, and the context outside. Steps that follow each other leave it as it is, and what else runs
 * is preceded by bide__between_steps. */
typedef struct bide__between {
    bide__exec *exec;
    unsigned level;
    bide__bindings **context;
} bide__between;

BIDE__INLINE bide__between bide__before_steps(void)
{
    bide__exec *exec = bide__exec_now();
    return (bide__between){exec, bide__level_above(exec), bide__context_in_force};
}

BIDE__INLINE void bide__between_steps(bide__loop *loop, const bide__between *between)
{
    bide__exec_current = between->exec;
    bide__context_in_force = between->context;
    loop->current = NULL;
}

/* Takes that step; no task's step is under way. */
BIDE__INLINE void bide__task_step_plainly(bide__ready *ready, bide__coro *coro, bide__loop *loop,
                                          const bide__between *between)
{
    bide__task *self = (bide__task *)((char *)ready - offsetof(bide__task, step));
    bide__exec *exec = &coro->own;

    loop->current = self;
    bide__context_in_force = &self->bindings;
    exec->signal = BIDE__SEND;
    exec->mail.kind = BIDE_KIND_NONE;
    exec->mail.as.i = 0;
    exec->resumer = between->exec;
    coro->level = between->level;
    coro->state = BIDE_RUNNING;
    bide__exec_current = exec;
    int fiber_state = bide_fiber_resume(exec->fiber);
    bool suspended = __builtin_expect(fiber_state == BIDE_FIBER_SUSPENDED, 1);
    int status = exec->signal;
    if (suspended && !self->must_cancel && !self->scope) {
        if (status == BIDE__PARKED)
            return;
        if (status == BIDE_YIELDED && exec->mail.kind == BIDE_KIND_NONE) {
            bide__task_ready(self);
            return;
        }
    }
    bide_value v; /* from here on nothing is plain */
    bide__exec_current = between->exec;
    if (suspended)
        bide__mail(exec, &v);
    else
        status = bide__step_ended(coro, fiber_state, &v);
    bide__between_steps(loop, between);
    bide__barrier_stepped(self, status, v);
}

#endif
