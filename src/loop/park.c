/* park.c - suspending the running task, and making it ready again.
 *
 * SPDX-License-Identifier: MIT */
#include "loop/park.h"

#include "object/exec.h"

const char bide__parked;

BIDE__UNCOLORED static int park_by_hand(bide__parking *self)
{
    bide_value future = bide__future_of_parking(self);
    if (bide_failed(future))
        return BIDE_RAISED;
    self->future = bide__future_of(future);
    int status = bide_await_at(NULL, bide_ref(future), NULL);
    self->state = self->future->state;
    self->future = NULL;
    bide_drop(future);
    return status;
}

/* Something was thrown in. If that was done by hand, the task still waits for its turn. */
static void left(bide__parking *self, const bide__loop *loop)
{
    bide__task *task = self->task;
    if (!task)
        return;
    task->parking = NULL;
    if (self->state == BIDE__PENDING && loop->current != task)
        bide__task_ready(task);
}

BIDE__UNCOLORED int bide__park(bide__parking *self, const char *verb, bide_value on)
{
    bide__loop *loop = bide__loop_required();
    bide__exec *exec = bide__exec_now();
    *self = (bide__parking){.verb = verb, .on = on, .state = BIDE__PENDING};
    if (!loop)
        return BIDE_RAISED;
    bide__task *task = loop->current;
    if (!task || &exec->owner->base != task->coro.as.object)
        return park_by_hand(self);

    bide__coro *top = exec->top;
    self->task = task;
    task->parking = self;
    top->awaiting = on;
    int status = bide_suspend(bide_ptr((void *)(uintptr_t)&bide__parked), NULL);
    top->awaiting = BIDE_NONE;
    if (status < 0)
        left(self, loop);
    else
        task->parking = NULL;
    return status;
}

void bide__unpark(bide__parking *self)
{
    if (self->future) {
        bide__future_finish(self->future, BIDE_NONE);
        return;
    }
    self->state = BIDE__FINISHED;
    if (self->task)
        bide__task_ready(self->task);
}
